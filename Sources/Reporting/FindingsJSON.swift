package import Prompts

/// What was found out of a registry as JSON, for programs.
package enum FindingsJSON {
    /// The findings as a JSON list over several lines, ended by a newline.
    ///
    /// - Parameter findings: The findings.
    /// - Returns: The text: objects with `check`, `status`, `message` and `hint`. It holds nothing that would steer
    ///   a terminal.
    /// - Throws: What the encoder throws.
    package static func render(_ findings: [RegistryFinding]) throws -> String {
        try JSONReport.text(findings)
    }
}
