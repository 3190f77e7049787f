package import Execution
import Support

/// The report as JSON, for programs.
package enum JSONReport {
    /// The JSON Schema (draft 2020-12) of the JSON report, ended by a newline.
    package static var schema: String {
        let head: JSONSchema = [
            "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "promptreg report",
            "description":
                "What a run did, or a plan would do. A later release may add keys within the same schema_version.",
        ]
        return head.adding(RunReport.schema).json.document
    }

    /// The report as JSON over several lines, ended by a newline.
    ///
    /// - Parameter report: The report.
    /// - Returns: The text, without characters that would control a terminal.
    package static func render(_ report: RunReport) -> String {
        report.json.document.withoutWorkflowCommandsInJSON
    }
}
