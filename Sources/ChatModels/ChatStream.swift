import FoundationEssentials
import HTTP
import Synchronization

/// An answer that comes bit by bit, as server-sent events with one JSON object each.
final class ChatStream: Sendable {
    /// What has come.
    private struct State {
        /// The line that has not ended.
        var line: [UInt8] = []
        var text = ""
        var refusal = ""
        var toolNames: [String] = []
        var model: String?
        var usage: ChatAnswerBody.Usage?
        /// Why the model ended with an error.
        var failure: String?
        var hasEvents = false
        var isComplete = false
        var finishReason: String?
    }

    private let state = Mutex(State())
    private let onText: @Sendable (String) -> Void

    /// A stream.
    ///
    /// - Parameter onText: Is given each bit of the text as it comes.
    init(onText: @escaping @Sendable (String) -> Void) { self.onText = onText }

    /// Takes a part of the answer's body, which may end anywhere.
    func take(_ bytes: UnsafeRawBufferPointer) {
        let text = state.withLock { state in
            var text = ""
            for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
                .enumerated()
            {
                if line.offset > 0 {
                    text += Self.take(state.line, &state)
                    state.line = []
                }
                state.line += line.element
            }
            return text
        }
        if !text.isEmpty { onText(text) }
    }

    /// Takes a line; returns the text that it adds.
    private static func take(_ line: [UInt8], _ state: inout State) -> String {
        let mark = "data:".utf8
        guard line.starts(with: mark) else { return "" }
        state.hasEvents = true
        let data = line.dropFirst(mark.count).drop { $0 == UInt8(ascii: " ") }
        if data.starts(with: "[DONE]".utf8) {
            state.isComplete = true
            return ""
        }
        guard let event = ChatAnswerBody(json: Array(data)) else { return "" }
        state.model = event.model ?? state.model
        state.usage = event.usage ?? state.usage
        if let error = event.error { state.failure = error.message ?? "an error that it does not explain" }
        guard let choice = event.choices?.first else { return "" }
        if let reason = choice.finishReason { (state.isComplete, state.finishReason) = (true, reason) }
        guard let delta = choice.delta ?? choice.message else { return "" }
        state.refusal += delta.refusal ?? ""
        state.toolNames += (delta.toolCalls ?? []).compactMap(\.function?.name)
        let text = delta.content?.text ?? ""
        state.text += text
        return text
    }

    /// The answer that has come.
    ///
    /// - Returns: It; nil where what came is no stream of events.
    /// - Throws: `HTTPError` where it is not whole.
    func answer() throws(HTTPError) -> ChatAnswerBody? {
        let state = state.withLock { state in
            _ = Self.take(state.line, &state)
            state.line = []
            return state
        }
        guard state.hasEvents else { return nil }
        if let failure = state.failure {
            throw HTTPError(.failed, "the model's answer ended with an error: \(failure)")
        }
        guard state.isComplete else { throw HTTPError(.failed, "the model's answer broke off") }
        return ChatAnswerBody(
            text: state.text, refusal: state.refusal, toolNames: state.toolNames, model: state.model,
            usage: state.usage, finishReason: state.finishReason)
    }
}

extension ChatAnswerBody {
    /// An answer, or a bit of one, as JSON; nil for anything else.
    init?(json: [UInt8]) {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        guard let body = try? decoder.decode(Self.self, from: Data(json)) else { return nil }
        self = body
    }

    /// An answer that came bit by bit.
    fileprivate init(
        text: String, refusal: String, toolNames: [String], model: String?, usage: Usage?,
        finishReason: String?
    ) {
        let calls = toolNames.map { ToolCall(function: .init(name: $0)) }
        let message = Message(
            content: Content(text: text), refusal: refusal.isEmpty ? nil : refusal,
            toolCalls: calls.isEmpty ? nil : calls)
        self.init(
            model: model, choices: [Choice(message: message, delta: nil, finishReason: finishReason)],
            usage: usage, error: nil)
    }
}
