import Prompts

extension PromptContent {
    /// The template for people to read and compare: a chat prompt's messages one after the other, each under its
    /// role.
    package var readableTemplate: String {
        guard kind == .chat, let messages = ChatMessage.messages(in: template) else { return template }
        return messages.map { "[\($0.role)]\n\($0.text)" }.joined(separator: "\n")
    }
}
