import Prompts
package import Views
import YAML

/// How versions, or a job's files and the registry, differ, as JSON.
package enum ComparisonJSON {
    /// The differences as JSON, ended by a newline.
    ///
    /// - Parameter report: What was compared.
    /// - Returns: The text, without characters that would control a terminal.
    package static func render(_ report: ComparisonReport) -> String {
        JSONText([
            "registry": report.registry.address, "workspace": report.registry.workspace, "job": report.job,
            "target": report.target, "differ": report.hasDifferences, "prompts": report.prompts.map(value),
        ]).document
    }

    private static func value(_ prompt: PromptComparison) -> JSONText {
        let difference = prompt.difference
        let lines = UnifiedDiff(difference.parts, from: prompt.old?.name ?? "/dev/null", to: prompt.new.name)
            .lines
        return JSONText([
            "name": prompt.fullName, "name_in_job": prompt.nameInJob, "from": prompt.old?.name,
            "to": prompt.new.name, "differences": difference.differences,
            "kind": pair(prompt) { JSONText($0.kind.rawValue) },
            "variables": JSONText([
                "added": difference.addedVariables, "removed": difference.removedVariables,
            ]),
            "model_config": pair(prompt) { JSONText(stored: $0.modelConfig) },
            "response_format": pair(prompt) { JSONText(stored: $0.responseFormat) },
            "diff": lines.map { $0.text + "\n" }.joined(),
        ])
    }

    private static func pair(_ prompt: PromptComparison, _ part: (PromptContent) -> JSONText) -> JSONText {
        JSONText(["from": prompt.old.map { part($0.content) }, "to": part(prompt.new.content)])
    }
}
