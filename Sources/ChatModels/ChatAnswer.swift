/// What a chat model answered.
package struct ChatAnswer: Sendable {
    /// How many tokens it took.
    package struct Usage: Hashable, Sendable {
        /// The tokens of the request, those of the answer, and all of them.
        package let input: Int, output: Int, total: Int
    }

    /// The text.
    package let text: String
    /// The model that answered, as it calls itself.
    package let model: String?
    /// The tokens; nil where it does not say.
    package let usage: Usage?
}

/// The answer's body, of which everything may be missing.
struct ChatAnswerBody: Decodable, Sendable {
    struct Choice: Decodable, Sendable { let message: Message? }

    struct Message: Decodable, Sendable {
        let content: Content?
        let refusal: String?
        let toolCalls: [ToolCall]?
    }

    struct ToolCall: Decodable, Sendable {
        struct Function: Decodable, Sendable { let name: String? }
        let function: Function?
    }

    struct Usage: Decodable, Sendable { let promptTokens: Int?, completionTokens: Int?, totalTokens: Int? }

    /// A text, or parts of which some are text.
    struct Content: Decodable, Sendable {
        struct Part: Decodable { let type: String?, text: String? }

        let text: String

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let text = try? container.decode(String.self) {
                self.text = text
                return
            }
            let parts = try container.decode([Part].self)
            text = parts.filter { $0.type == nil || $0.type == "text" }.compactMap(\.text).joined()
        }
    }

    let model: String?
    let choices: [Choice]?
    let usage: Usage?
}
