extension PromptContent {
    /// Takes the content out of a version's tags, in which MLflow keeps it; nil when they have no template.
    package init?(takenFrom tags: inout [String: String]) {
        guard let template = tags.removeValue(forKey: ReservedTag.text) else { return nil }
        tags.removeValue(forKey: ReservedTag.isPrompt)
        // MLflow takes any other kind, and a missing one, for text.
        let isChat = tags.removeValue(forKey: ReservedTag.kind) == Kind.chat.rawValue
        self.init(
            kind: isChat ? .chat : .text, template: template,
            modelConfig: tags.removeValue(forKey: ReservedTag.modelConfig),
            responseFormat: tags.removeValue(forKey: ReservedTag.responseFormat))
    }

    /// Adds the content to a version's tags.
    package func put(into tags: inout [String: String]) {
        tags[ReservedTag.isPrompt] = "true"
        tags[ReservedTag.text] = template
        tags[ReservedTag.kind] = kind.rawValue
        tags[ReservedTag.modelConfig] = modelConfig
        tags[ReservedTag.responseFormat] = responseFormat
    }
}
