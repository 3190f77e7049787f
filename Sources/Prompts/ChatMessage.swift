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

    /// The contents of messages that are texts, and all other texts in them.
    package static func texts(of messages: [ChatMessage]) -> (contents: [String], others: [String]) {
        let others = messages.flatMap { message in
            (message.role.map { [$0] } ?? []) + message.others.flatMap(\.value.texts)
        }
        return (messages.compactMap(\.content), others)
    }

    /// The role and the content of a message, and the first other key, which MLflow's `format` leaves out.
    package typealias Texts = (role: String, content: String, leftOut: String?)

    /// Reads messages that MLflow's `format` fills in: those with a role and a content that are texts.
    ///
    /// - Parameter template: The messages as a JSON list.
    /// - Returns: The texts of each message.
    /// - Throws: What is wrong.
    package static func texts(in template: String) throws(Problem) -> [Texts] {
        try fillable(try messages(in: template))
    }

    /// The texts of messages that MLflow's `format` fills in.
    ///
    /// - Parameter messages: The messages.
    /// - Returns: The texts of each message.
    /// - Throws: Which message has a role or a content that is no text.
    package static func fillable(_ messages: [ChatMessage]) throws(Problem) -> [Texts] {
        var texts: [Texts] = []
        for (index, message) in messages.enumerated() {
            let name = "message \(index + 1)"
            guard let role = message.role else { throw Problem(reason: "\(name) has no role that is text") }
            guard let content = message.content else {
                let value = message.others.first { $0.key == "content" }?.value
                let what =
                    switch value {
                    case .array: "content is a list of parts"
                    case nil: "content is missing"
                    case .null: "content is null"
                    default: "content is not text"
                    }
                throw Problem(reason: "\(name) cannot be filled in: its \(what)")
            }
            texts.append((role, content, message.others.first?.key))
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
