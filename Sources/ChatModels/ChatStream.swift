import FoundationEssentials
import Synchronization

/// An answer that comes bit by bit, as server-sent events with one JSON object each.
final class ChatStream: Sendable {
    /// What has come.
    private struct State {
        /// The line that has not ended.
        var line: [UInt8] = []
        /// The data of the event that has not ended.
        var data: [UInt8] = []
        var text = ""
        var refusal = ""
        var calls: [ChatAnswerBody.ToolCall] = []
        var model: String?
        var usage: ChatAnswerBody.Usage?
        /// Why there is no answer.
        var problem: Problem?
        var hasEvents = false
        var isComplete = false
        var hasEndMark = false
        var finishReason: String?
    }

    /// Why a stream is no answer.
    enum Problem: Error {
        /// The model says so.
        case failure(String)
        /// A part of it is no JSON, or none that the API has.
        case unreadable(String)
        /// It ended in the middle.
        case brokeOff

        var reason: String {
            switch self {
            case .failure(let message): "the model's answer ended with an error: \(message)"
            case .unreadable(let part): "a part of the model's answer cannot be understood: \(part)"
            case .brokeOff: "the model's answer broke off"
            }
        }
    }

    private let state = Mutex(State())
    private let onText: @Sendable (String) -> Void

    /// The most bytes that are quoted of a part.
    private static let longestQuotation = 1_000

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
        // As in OpenAI's own client, nothing counts that comes after the mark of the end or a part that is broken.
        guard state.problem == nil, !state.hasEndMark else { return "" }
        let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line[...]
        guard !line.isEmpty else {
            if !state.data.isEmpty { state.problem = unreadable(state.data) }
            return ""
        }
        let mark = "data:".utf8
        guard line.starts(with: mark) else { return "" }
        state.hasEvents = true
        let data = line.dropFirst(mark.count).drop { $0 == UInt8(ascii: " ") }
        if state.data.isEmpty, data.starts(with: "[DONE]".utf8) {
            (state.isComplete, state.hasEndMark) = (true, true)
            return ""
        }
        // An event may have several lines of data; its end may be left out after one.
        state.data += (state.data.isEmpty || data.isEmpty ? [] : [UInt8(ascii: "\n")]) + data
        guard let event = ChatAnswerBody(json: state.data) else { return "" }
        state.data = []
        return take(event, &state)
    }

    private static func unreadable(_ data: [UInt8]) -> Problem {
        .unreadable(String(decoding: data.prefix(longestQuotation), as: UTF8.self))
    }

    /// Takes an event; returns the text that it adds.
    private static func take(_ event: ChatAnswerBody, _ state: inout State) -> String {
        state.model = event.model ?? state.model
        state.usage = event.usage ?? state.usage
        if let error = event.error { state.problem = .failure(error.message) }
        guard let choice = event.choices?.first else { return "" }
        if let reason = choice.finishReason { (state.isComplete, state.finishReason) = (true, reason) }
        guard let delta = choice.delta ?? choice.message else { return "" }
        state.refusal += delta.refusal ?? ""
        for call in delta.toolCalls ?? [] {
            // The name comes first, then bits of the arguments.
            guard let known = state.calls.firstIndex(where: { $0.index == call.index }), call.index != nil
            else {
                state.calls.append(call)
                continue
            }
            let arguments = state.calls[known].function?.arguments ?? ""
            state.calls[known].function?.arguments = arguments + (call.function?.arguments ?? "")
        }
        let text = delta.content?.text ?? ""
        state.text += text
        return text
    }

    /// Whether no text has come.
    var isSilent: Bool { state.withLock(\.text.isEmpty) }

    /// The answer that has come.
    ///
    /// - Returns: It, or why it is not whole; nil where what came is no stream of events.
    func answer() -> Result<ChatAnswerBody?, Problem> {
        let state = state.withLock { state in
            _ = Self.take(state.line, &state)
            state.line = []
            return state
        }
        guard state.hasEvents else { return .success(nil) }
        if let problem = state.problem { return .failure(problem) }
        // An event that has not ended is the rest of what broke off.
        guard state.isComplete else { return .failure(.brokeOff) }
        if !state.data.isEmpty { return .failure(Self.unreadable(state.data)) }
        let body = ChatAnswerBody(
            text: state.text, refusal: state.refusal, calls: state.calls, model: state.model,
            usage: state.usage, finishReason: state.finishReason)
        return .success(body)
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
        text: String, refusal: String, calls: [ToolCall], model: String?, usage: Usage?,
        finishReason: String?
    ) {
        let message = Message(
            content: Content(text: text), refusal: refusal.isEmpty ? nil : refusal,
            toolCalls: calls.isEmpty ? nil : calls)
        self.init(
            model: model, choices: [Choice(message: message, delta: nil, finishReason: finishReason)],
            usage: usage, error: nil)
    }
}
