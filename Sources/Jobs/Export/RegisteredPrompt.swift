/// A prompt as a registry holds it, which is to be written down in a job.
package struct RegisteredPrompt: Hashable, Sendable {
    /// The full name.
    package var fullName: String
    /// Whether the template is a list of messages.
    package var isChat: Bool
    /// The text, or a chat prompt's messages as a JSON list.
    package var template: String
    /// The model's settings as a JSON object.
    package var modelConfig: String?
    /// The answer's shape as a JSON object.
    package var responseFormat: String?
    /// What the prompt is for.
    package var description: String?
    /// The tags that the job is to set.
    package var tags: [String: String]
    /// The aliases that the job is to set.
    package var aliases: [String]
    /// The ids of the experiments that show the prompt.
    package var experiments: [String]

    /// A prompt.
    package init(
        fullName: String, isChat: Bool = false, template: String, modelConfig: String? = nil,
        responseFormat: String? = nil, description: String? = nil, tags: [String: String] = [:],
        aliases: [String] = [], experiments: [String] = []
    ) {
        self.fullName = fullName
        self.isChat = isChat
        self.template = template
        self.modelConfig = modelConfig
        self.responseFormat = responseFormat
        self.description = description
        self.tags = tags
        self.aliases = aliases
        self.experiments = experiments
    }
}

/// A prompt that is left out of a job.
package struct LeftOutPrompt: Hashable, Sendable {
    /// The full name.
    package var fullName: String
    /// Why, as a sentence without its full stop.
    package var reason: String

    /// A prompt that is left out.
    package init(fullName: String, reason: String) {
        self.fullName = fullName
        self.reason = reason
    }
}
