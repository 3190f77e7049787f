package import JobSpec
package import PromptRegistry

extension PromptContent {
    /// What an agent would notice of going from `other` to this.
    func differences(from other: PromptContent) -> [Difference] {
        var differences: [Difference] = []
        if kind != other.kind { differences.append(.kind) }
        let sameTemplate =
            kind == .chat && other.kind == .chat
            ? JSONValue.areEqual(template, other.template)
            : template.isIdentical(to: other.template)
        if !sameTemplate { differences.append(.template) }
        if !JSONValue.areEqual(modelConfig, other.modelConfig) { differences.append(.modelConfig) }
        if !JSONValue.areEqual(responseFormat, other.responseFormat) { differences.append(.responseFormat) }
        return differences
    }

    /// The variables that MLflow fills in, sorted.
    package var variables: [String] {
        LoadedTemplate.variables(inRegistered: template, isChat: kind == .chat)
    }
}

extension DesiredPrompt {
    /// What its next version says.
    package var content: PromptContent {
        PromptContent(
            kind: template.isChat ? .chat : .text, template: template.text, modelConfig: modelConfig,
            responseFormat: responseFormat)
    }
}

extension String {
    /// Whether two texts have the same code points; Swift's own equality takes two spellings of é for the same.
    func isIdentical(to other: String) -> Bool {
        guard utf8.count == other.utf8.count else { return false }
        var (one, two) = (self, other)
        return one.withUTF8 { left in two.withUTF8 { right in left.elementsEqual(right) } }
    }
}
