package import Health

/// Health check results as JSON, for programs.
package enum HealthJSON {
    /// The results as a JSON list over several lines, ended by a newline.
    ///
    /// - Parameter results: The results.
    /// - Returns: The text: objects with `check`, `status`, `message` and `hint`. It holds nothing that would steer
    ///   a terminal.
    /// - Throws: What the encoder throws.
    package static func render(_ results: [HealthCheckResult]) throws -> String {
        try JSONReport.text(results)
    }
}
