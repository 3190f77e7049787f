package import HTTP
import Support

/// What a chat model answered.
package struct ChatAnswer: Sendable {
    /// How many tokens it took.
    package struct Usage: Hashable, Sendable {
        /// The tokens of the request, those of the answer, and all of them.
        package let input: Int, output: Int, total: Int
    }

    /// The text; where the model wants functions of the request to be called instead, these calls as a JSON list.
    package let text: String
    /// Why it is no answer; it may have cost something all the same.
    package let failure: HTTPError?
    /// The model that answered, as it calls itself.
    package let model: String?
    /// The tokens; nil where it does not say.
    package let usage: Usage?
    /// What it cost in dollars; nil where it does not say.
    package let cost: Double?
    /// Why it is not whole; nil where it is.
    package let shortfall: String?
    /// How long the attempt took that it answers: the model's own time, without earlier attempts and waits.
    package let elapsed: Duration

    /// Why an answer is not whole that ended for this reason; nil where it is.
    static func shortfall(_ finishReason: String?) -> String? {
        switch finishReason {
        case "length": "the model stopped at its limit of tokens"
        case "content_filter": "a filter of the endpoint left out what it does not allow"
        default: nil
        }
    }
}

extension HTTPError {
    /// Whether it says nothing of what a model was asked: the credentials are refused, the address or the model is not
    /// known, or no connection can be made.
    package var isOfSetup: Bool {
        if let status { return [401, 403, 404, 407].contains(status) }
        return code == .invalidAddress || retry == .ifListening
    }
}

/// The answer's body, of which everything may be missing.
struct ChatAnswerBody: Decodable, Sendable {
    struct Choice: Decodable, Sendable {
        let message: Message?
        /// What a bit of an answer adds to the message.
        let delta: Message?
        let finishReason: String?
    }

    struct Message: Decodable, Sendable {
        let content: Content?
        let refusal: String?
        let toolCalls: [ToolCall]?
    }

    /// A function that the model wants to be called, or a bit of that.
    struct ToolCall: Decodable, Sendable {
        struct Function: Decodable, Sendable { var name: String?, arguments: String? }

        /// Which call a bit belongs to.
        let index: Int?
        var function: Function?

        /// The call with the values of its arguments, which a model may write badly.
        var json: JSONValue {
            let arguments = function?.arguments ?? "{}"
            return [
                "name": .string(function?.name ?? ""),
                "arguments": (try? JSONValue(parsing: arguments)) ?? .string(arguments),
            ]
        }
    }

    /// What went wrong although the status says otherwise, or after an answer began.
    struct Failure: Decodable, Sendable {
        let message: String

        private enum CodingKeys: String, CodingKey { case message, detail, type, code }

        init(from decoder: any Decoder) throws {
            // Endpoints say it in many ways, and none may hide that there is an error.
            if let text = try? decoder.singleValueContainer().decode(String.self) {
                message = text
                return
            }
            let container = try? decoder.container(keyedBy: CodingKeys.self)
            let texts = [CodingKeys.message, .detail, .type, .code].lazy.compactMap { key in
                try? container?.decode(String.self, forKey: key)
            }
            message = texts.first { !$0.isEmpty } ?? "an error that it does not explain"
        }
    }

    struct Usage: Decodable, Sendable {
        let promptTokens: Int?, completionTokens: Int?, totalTokens: Int?
        let cost: Double?

        private enum CodingKeys: String, CodingKey { case promptTokens, completionTokens, totalTokens, cost }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            promptTokens = try container.decodeIfPresent(Int.self, forKey: .promptTokens)
            completionTokens = try container.decodeIfPresent(Int.self, forKey: .completionTokens)
            totalTokens = try container.decodeIfPresent(Int.self, forKey: .totalTokens)
            // No standard has it: whatever else it may be is no reason to lose an answer.
            cost = try? container.decodeIfPresent(Double.self, forKey: .cost)
        }
    }

    /// A text, or parts of which some are text.
    struct Content: Decodable, Sendable {
        struct Part: Decodable { let type: String?, text: String? }

        let text: String

        init(text: String) { self.text = text }

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
    let error: Failure?
    /// What LiteLLM's proxy says in a header.
    private(set) var costInHeader: Double?
    /// How long it took.
    private(set) var elapsed = Duration.zero

    private enum CodingKeys: String, CodingKey { case model, choices, usage, error }

    /// Takes what it needs of the answer around it.
    mutating func take(_ response: HTTPResponse) {
        costInHeader = response.header("x-litellm-response-cost").flatMap { Double($0) }
        elapsed = response.elapsed
    }

    /// What the answer cost in dollars; nil where nothing says it, or it can be no cost.
    var cost: Double? { [usage?.cost, costInHeader].compactMap(\.self).first { $0.isFinite && $0 >= 0 } }
}
