package import Execution
import YAML

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

    /// The report as JSON over several lines, with sorted keys, ended by a newline.
    ///
    /// - Parameter report: The report.
    /// - Returns: The text, without characters that would control a terminal.
    package static func render(_ report: RunReport) -> String { text(report.json) + "\n" }

    /// JSON with sorted keys in the layout of Foundation's encoder, which the report has had from the start.
    static func text(_ value: JSONText, indent: String = "") -> String {
        let inner = indent + "  "
        func block(_ items: [String], _ open: String, _ close: String) -> String {
            "\(open)\n\(items.map { inner + $0 }.joined(separator: ",\n"))\n\(indent)\(close)"
        }
        switch value {
        case .array(let items): return block(items.map { text($0, indent: inner) }, "[", "]")
        case .object(let members):
            let lines = members.sorted { $0.key < $1.key }.map { member in
                "\(text(.string(member.key))) : \(text(member.value, indent: inner))"
            }
            return block(lines, "{", "}")
        case .string, .literal: return value.lines().joined()
        }
    }
}
