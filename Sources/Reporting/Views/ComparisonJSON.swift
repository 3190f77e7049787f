import Prompts
package import Views
import YAML

/// What differs between versions, or between a job's files and what is registered, as JSON.
package enum ComparisonJSON {
    /// The differences as JSON, ended by a newline.
    ///
    /// - Parameter report: What was compared.
    /// - Returns: The text. It holds nothing that would steer a terminal.
    package static func render(_ report: ComparisonReport) -> String {
        JSONText.object([
            .init("registry", .string(report.registry.address)),
            .init("workspace", JSONText(report.registry.workspace)), .init("job", JSONText(report.job)),
            .init("target", JSONText(report.target)), .init("differ", JSONText(report.hasDifferences)),
            .init("prompts", .array(report.prompts.map(value))),
        ]).document
    }

    private static func value(_ prompt: PromptComparison) -> JSONText {
        let difference = prompt.difference
        let lines = UnifiedDiff(difference.parts, from: prompt.old?.name ?? "/dev/null", to: prompt.new.name)
            .lines
        return .object([
            .init("name", .string(prompt.fullName)), .init("name_in_job", JSONText(prompt.nameInJob)),
            .init("from", JSONText(prompt.old?.name)), .init("to", .string(prompt.new.name)),
            .init("differences", JSONText(difference.differences.map(\.rawValue))),
            .init(
                "kind",
                pair(JSONText(prompt.old?.content.kind.rawValue), .string(prompt.new.content.kind.rawValue))),
            .init(
                "variables",
                .object([
                    .init("added", JSONText(difference.addedVariables)),
                    .init("removed", JSONText(difference.removedVariables)),
                ])),
            .init("model_config", pair(prompt) { JSONText(stored: $0.modelConfig) }),
            .init("response_format", pair(prompt) { JSONText(stored: $0.responseFormat) }),
            .init("diff", .string(lines.map { $0.text + "\n" }.joined())),
        ])
    }

    private static func pair(_ prompt: PromptComparison, _ part: (PromptContent) -> JSONText) -> JSONText {
        pair(prompt.old.map { part($0.content) } ?? .null, part(prompt.new.content))
    }

    private static func pair(_ old: JSONText, _ new: JSONText) -> JSONText {
        .object([.init("from", old), .init("to", new)])
    }
}
