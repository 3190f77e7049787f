import Diagnostics
import Templates
import Support

extension PromptContent {
    /// The differences that an agent could notice.
    package func differences(from other: PromptContent) -> [Difference] {
        var differences: [Difference] = []
        if kind != other.kind { differences.append(.kind) }
        let isChat = kind == .chat && other.kind == .chat
        if !(isChat ? JSONValue.areEqual(template, other.template) : template.isIdentical(to: other.template))
        {
            differences.append(.template)
        }
        if !JSONValue.areEqual(modelConfig, other.modelConfig) { differences.append(.modelConfig) }
        if !JSONValue.areEqual(responseFormat, other.responseFormat) { differences.append(.responseFormat) }
        return differences
    }

    /// The variables that MLflow sees in it, sorted.
    package var variables: [String] {
        let analysis = TemplateSyntax.mustache.analyze([
            TemplateText(template, start: SourceLocation(file: ""))
        ])
        return analysis.variables.map(\.name).sorted()
    }
}
