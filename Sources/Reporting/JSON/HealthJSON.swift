package import Health
import Support

/// The results of health checks as JSON, for programs.
package enum HealthJSON {
    /// The results as a JSON list over several lines, ended by a newline.
    ///
    /// - Parameter results: The results.
    /// - Returns: Objects with `check`, `status`, `message` and `hint`, without characters that would control a
    ///   terminal.
    package static func render(_ results: [HealthCheckResult]) -> String {
        let values = results.map { result in
            JSONValue([
                "check": result.check.rawValue, "status": result.status.rawValue,
                "message": result.message, "hint": result.hint,
            ])
        }
        return JSONValue.array(values).document
    }
}
