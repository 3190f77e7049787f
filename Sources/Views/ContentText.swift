package import Prompts
import Support

extension PromptContent {
    /// The template for people to read and compare: a chat prompt's messages one after the other, each under its
    /// role.
    package var readableTemplate: String {
        guard kind == .chat, let messages = try? ChatMessage.messages(in: template) else { return template }
        return messages.map { "[\($0.role ?? "")]\n\($0.readableText)" }.joined(separator: "\n")
    }
}

extension ChatMessage {
    /// The content, and below it the other members as JSON.
    var readableText: String {
        let others = others.map { "\($0.key): \($0.value.indented(sortingKeys: true))" }
        return ((content.map { [$0] } ?? []) + others).joined(separator: "\n")
    }

    /// Whether two messages are shown alike.
    func isIdentical(to other: ChatMessage) -> Bool {
        (role ?? "").isIdentical(to: other.role ?? "")
            && readableText.isIdentical(to: other.readableText)
    }
}
