package import Support

/// A message of a chat prompt, as a registry stores it.
package struct ChatMessage: Sendable {
    /// The role; nil when the message has none that is a string.
    package let role: String?
    /// The content; nil when the message has none that is a string.
    package let content: String?
    /// The other members, such as a list of content parts.
    package let others: [JSONValue.Member]

    /// Why a template is not a list of messages.
    package struct Problem: Error {
        /// The reason, as a sentence without its full stop.
        package let reason: String
    }

    /// Reads the messages of a chat prompt.
    ///
    /// - Parameter template: The messages as a JSON list.
    /// - Returns: The messages, whatever their members are.
    /// - Throws: Why it is not a list of JSON objects.
    package static func messages(in template: String) throws(Problem) -> [ChatMessage] {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(parsing: template)
        } catch {
            throw Problem(reason: "the chat prompt's template is not JSON: \(error.message)")
        }
        guard case .array(let items) = value else {
            throw Problem(reason: "the chat prompt's template is not a list of messages")
        }
        var messages: [ChatMessage] = []
        for (index, item) in items.enumerated() {
            guard case .object(let members) = item else {
                throw Problem(reason: "message \(index + 1) is not an object")
            }
            messages.append(ChatMessage(members))
        }
        return messages
    }

    private init(_ members: [JSONValue.Member]) {
        var (role, content): (String?, String?)
        var others: [JSONValue.Member] = []
        for member in members {
            switch (member.key, member.value) {
            case ("role", .string(let text)): role = text
            case ("content", .string(let text)): content = text
            default: others.append(member)
            }
        }
        (self.role, self.content, self.others) = (role, content, others)
    }

    /// The texts of a message, with its other members.
    package typealias Texts = (role: String, content: String, others: [JSONValue.Member])

    /// Reads messages that have a role and a content, both strings, as MLflow's `format` requires.
    ///
    /// - Parameter template: The messages as a JSON list.
    /// - Returns: The role and content of each message, and its other members.
    /// - Throws: What is wrong.
    package static func texts(in template: String) throws(Problem) -> [Texts] {
        var texts: [Texts] = []
        for (index, message) in try messages(in: template).enumerated() {
            guard let role = message.role, let content = message.content else {
                throw Problem(reason: "message \(index + 1) has no role and content that are strings")
            }
            texts.append((role, content, message.others))
        }
        return texts
    }

    /// Messages as the list that MLflow stores.
    ///
    /// - Parameter messages: The role and the content of each.
    /// - Returns: The list.
    package static func list(_ messages: some Sequence<(String, String)>) -> JSONValue {
        .array(messages.map { ["role": .string($0), "content": .string($1)] })
    }
}
