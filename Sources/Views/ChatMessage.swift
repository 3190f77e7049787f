import YAML

/// A message of a chat prompt, for people to read and compare.
struct ChatMessage: Hashable, Sendable {
    /// The role; empty if the message has none.
    var role: String
    /// The content, as JSON if it is not text, and everything else that the message has below it.
    var text: String

    /// Reads the messages of a chat prompt.
    ///
    /// - Parameter template: The messages as a JSON list.
    /// - Returns: The messages; nil if the template is not a list of objects.
    static func messages(in template: String) -> [ChatMessage]? {
        guard case .array(let items) = JSONText(parsing: template) else { return nil }
        var messages: [ChatMessage] = []
        for item in items {
            guard case .object(let members) = item else { return nil }
            messages.append(ChatMessage(members))
        }
        return messages
    }

    private init(_ members: [JSONText.Member]) {
        var (role, paragraphs): (String, [String]) = ("", [])
        for member in members {
            switch (member.key, member.value) {
            case ("role", .string(let name)): role = name
            case ("content", .string(let text)): paragraphs.insert(text, at: 0)
            default:
                let value = member.value.lines(sortingKeys: true).joined(separator: "\n")
                paragraphs.append("\(member.key): \(value)")
            }
        }
        self.role = role
        text = paragraphs.joined(separator: "\n")
    }
}
