extension PromptContent {
    /// Takes a content out of the tags that MLflow's model registry keeps it in; nil when they hold no template.
    ///
    /// - Parameter tags: A version's tags; those that carry the content are removed when there is one.
    package init?(takenFrom tags: inout [String: String]) {
        guard let template = tags.removeValue(forKey: ReservedTag.text) else { return nil }
        tags.removeValue(forKey: ReservedTag.isPrompt)
        // MLflow takes every kind but this one for text, a missing one too.
        let isChat = tags.removeValue(forKey: ReservedTag.kind) == Kind.chat.rawValue
        self.init(
            kind: isChat ? .chat : .text, template: template,
            modelConfig: tags.removeValue(forKey: ReservedTag.modelConfig),
            responseFormat: tags.removeValue(forKey: ReservedTag.responseFormat))
    }

    /// Adds to a version's tags those that carry the content.
    ///
    /// - Parameter tags: The version's other tags.
    package func put(into tags: inout [String: String]) {
        tags[ReservedTag.isPrompt] = "true"
        tags[ReservedTag.text] = template
        tags[ReservedTag.kind] = kind.rawValue
        tags[ReservedTag.modelConfig] = modelConfig
        tags[ReservedTag.responseFormat] = responseFormat
    }
}
