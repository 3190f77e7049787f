import Prompts
import Support
package import Views

/// What differs between versions, or between a job's files and what is registered, as JSON.
package enum ComparisonJSON {
    /// The differences as JSON, ended by a newline.
    ///
    /// - Parameter report: What was compared.
    /// - Returns: The text. It holds nothing that would steer a terminal.
    package static func render(_ report: ComparisonReport) -> String {
        JSONValue.object([
            .init("registry", .string(report.registry.address)),
            .init("workspace", JSONValue(report.registry.workspace)), .init("job", JSONValue(report.job)),
            .init("target", JSONValue(report.target)), .init("differ", JSONValue(report.hasDifferences)),
            .init("prompts", .array(report.prompts.map(value))),
        ]).document
    }

    private static func value(_ prompt: PromptComparison) -> JSONValue {
        let difference = prompt.difference
        let lines = UnifiedDiff(difference.parts, from: prompt.old?.name ?? "/dev/null", to: prompt.new.name)
            .lines
        return .object([
            .init("name", .string(prompt.fullName)), .init("name_in_job", JSONValue(prompt.nameInJob)),
            .init("from", JSONValue(prompt.old?.name)), .init("to", .string(prompt.new.name)),
            .init("differences", JSONValue(difference.differences.map(\.rawValue))),
            .init(
                "kind",
                pair(JSONValue(prompt.old?.content.kind.rawValue), .string(prompt.new.content.kind.rawValue))),
            .init(
                "variables",
                .object([
                    .init("added", JSONValue(difference.addedVariables)),
                    .init("removed", JSONValue(difference.removedVariables)),
                ])),
            .init("model_config", pair(prompt) { JSONValue(stored: $0.modelConfig) }),
            .init("response_format", pair(prompt) { JSONValue(stored: $0.responseFormat) }),
            .init("diff", .string(lines.map { $0.text + "\n" }.joined())),
        ])
    }

    private static func pair(_ prompt: PromptComparison, _ part: (PromptContent) -> JSONValue) -> JSONValue {
        pair(prompt.old.map { part($0.content) } ?? .null, part(prompt.new.content))
    }

    private static func pair(_ old: JSONValue, _ new: JSONValue) -> JSONValue {
        .object([.init("from", old), .init("to", new)])
    }
}
