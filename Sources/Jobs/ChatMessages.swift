import YAML

/// The messages of a registered chat prompt.
struct ChatMessages {
    /// A message: what MLflow's `format` keeps of one.
    struct Message {
        let role: String
        let content: String
        /// Keys that it has besides role and content.
        let otherKeys: [String]
    }

    /// Why a text holds no messages that can be used.
    struct Problem: Error {
        /// The reason, as a sentence without its full stop.
        let reason: String
    }

    let messages: [Message]

    /// Reads messages.
    ///
    /// - Parameter json: A JSON list, as registries keep it.
    /// - Throws: What is wrong with it.
    init(json: String) throws(Problem) {
        let value: YAMLValue
        do throws(YAMLSyntaxError) {
            value = try YAMLValue(parsingJSON: json)
        } catch {
            throw Problem(reason: "the chat prompt's template is no JSON: \(error.message)")
        }
        guard case .sequence(let items) = value else {
            throw Problem(reason: "the chat prompt's template is no list of messages")
        }
        var messages: [Message] = []
        for (index, item) in items.enumerated() {
            guard case .mapping(let pairs) = item, case .string(let role)? = item["role"],
                case .string(let content)? = item["content"]
            else {
                throw Problem(reason: "message \(index + 1) has no role and content that are texts")
            }
            messages.append(
                Message(
                    role: role, content: content,
                    otherKeys: pairs.map(\.key).filter { $0 != "role" && $0 != "content" }))
        }
        self.messages = messages
    }

    /// The messages as a JSON list, with other contents.
    func json(with contents: [String]) -> String { Self.json(zip(messages.map(\.role), contents)) }

    /// Messages as a JSON list, as MLflow keeps them.
    ///
    /// - Parameter messages: The role and the content of each.
    /// - Returns: The JSON text.
    static func json(_ messages: some Sequence<(String, String)>) -> String {
        YAMLValue.sequence(
            messages.map { role, content in
                .mapping([
                    YAMLPair(key: "role", value: .string(role)),
                    YAMLPair(key: "content", value: .string(content)),
                ])
            }
        ).jsonText
    }
}
