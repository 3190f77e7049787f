package import Prompts
import YAML

/// The results of health checks as JSON, for programs.
package enum FindingsJSON {
    /// The results as a JSON list over several lines, ended by a newline.
    ///
    /// - Parameter findings: The results.
    /// - Returns: Objects with `check`, `status`, `message` and `hint`, without characters that would control a
    ///   terminal.
    package static func render(_ findings: [RegistryFinding]) -> String {
        let values = findings.map { finding in
            JSONText([
                "check": finding.check.rawValue, "status": finding.status.rawValue,
                "message": finding.message, "hint": finding.hint,
            ])
        }
        return JSONReport.text(.array(values)) + "\n"
    }
}
