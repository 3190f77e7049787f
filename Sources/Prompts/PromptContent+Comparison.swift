import Support
import Templates

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

    /// The variables that MLflow fills in, sorted: found in the syntax that it renders this content with.
    package var variables: [String] {
        let (contents, others) = texts
        return TemplateSyntax.analyze(registered: contents, others: others).variables.map(\.name).sorted()
    }

    /// The contents of a chat's messages and its other texts, or the whole template.
    private var texts: (contents: [String], others: [String]) {
        guard kind == .chat, let messages = try? ChatMessage.messages(in: template) else {
            return ([template], [])
        }
        return ChatMessage.texts(of: messages)
    }
}
