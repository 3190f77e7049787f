import FoundationEssentials
import Glibc
package import Support
import Synchronization
package import Tracing

/// A step of an agent while it runs. It may be told more from any task.
///
/// ```swift
/// try await client.withSpan("ask", type: .chatModel) { span in
///     span.setInputs(messages)
///     let answer = try await ask(messages)
///     span.setOutputs(answer.text)
///     span.setModel(answer.model, provider: "openai")
///     span.setUsage(inputTokens: answer.promptTokens, outputTokens: answer.completionTokens)
///     span.setCost(total: answer.dollars)
/// }
/// ```
public final class Span: Sendable {
    /// The step that the task is in; nil outside of `withSpan`.
    @TaskLocal public static var current: Span?

    let trace: TraceInProgress
    private let id = UInt64.random(in: 1...UInt64.max)
    private let record: Mutex<SpanRecord>

    /// A step that begins now.
    init(_ name: String, _ type: SpanType, in trace: TraceInProgress, below parent: Span?) {
        self.trace = trace
        let start = Self.now
        record = Mutex(
            SpanRecord(
                id: id, parent: parent?.id, name: name, type: type.rawValue, start: start, end: start))
        trace.begin()
    }

    /// The trace's id as MLflow has it, such as `tr-0f…`.
    public var traceID: String { TraceRecord.traceID(trace.id) }

    /// Says what the step was given.
    ///
    /// - Parameter value: Anything that can be written as JSON; what cannot is told as text.
    public func setInputs(_ value: some Encodable) {
        guard trace.isSampled else { return }
        let value = JSONValue(of: value)
        record.withLock { $0.inputs = value }
    }

    /// Says what the step gave.
    ///
    /// - Parameter value: Anything that can be written as JSON; what cannot is told as text.
    public func setOutputs(_ value: some Encodable) {
        guard trace.isSampled else { return }
        let value = JSONValue(of: value)
        record.withLock { $0.outputs = value }
    }

    /// Sets an attribute.
    ///
    /// - Parameters:
    ///   - name: Its name.
    ///   - value: Anything that can be written as JSON; what cannot is told as text.
    public func setAttribute(_ name: String, _ value: some Encodable) {
        guard trace.isSampled else { return }
        let value = JSONValue(of: value)
        record.withLock { $0.attributes[name] = value }
    }

    /// Says which model was called.
    ///
    /// - Parameters:
    ///   - name: The model.
    ///   - provider: Who serves it.
    public func setModel(_ name: String, provider: String? = nil) {
        record.withLock { record in
            record.attributes["mlflow.llm.model"] = .string(name)
            if let provider { record.attributes["mlflow.llm.provider"] = .string(provider) }
        }
    }

    /// Says how many tokens a model took and gave. What a step says counts for the steps within it too.
    ///
    /// - Parameters:
    ///   - inputTokens: The tokens of the request.
    ///   - outputTokens: The tokens of the answer.
    ///   - totalTokens: All of them; the sum where it is left out.
    public func setUsage(inputTokens: Int, outputTokens: Int, totalTokens: Int? = nil) {
        record.withLock {
            $0.usage = TokenCount(input: inputTokens, output: outputTokens, total: totalTokens)
        }
    }

    /// Says what a model call cost. Say it on the innermost step only: the sums that MLflow shows add up all steps.
    ///
    /// - Parameters:
    ///   - input: The cost of the request, in dollars.
    ///   - output: The cost of the answer, in dollars.
    public func setCost(input: Double, output: Double) {
        record.withLock { $0.cost = CostSum(input: input, output: output) }
    }

    /// Says what a model call cost, where it is not known what of it is the request's. See `setCost(input:output:)`.
    ///
    /// - Parameter total: The cost of request and answer, in dollars.
    public func setCost(total: Double) { record.withLock { $0.cost = CostSum(total: total) } }

    /// Sets a tag of the whole trace.
    ///
    /// - Parameters:
    ///   - key: The tag's key.
    ///   - value: Its value.
    public func setTraceTag(_ key: String, _ value: String) { trace.setTag(key, value) }

    /// Says which conversation the trace belongs to.
    ///
    /// - Parameter id: The conversation's id.
    public func setSession(_ id: String) { trace.setMetadata("mlflow.trace.session", id) }

    /// Says who asked.
    ///
    /// - Parameter id: The user's id.
    public func setUser(_ id: String) { trace.setMetadata("mlflow.trace.user", id) }

    // MARK: - Within the client

    /// Ties the trace to a prompt that was loaded in the step.
    package func link(_ prompt: Prompt) {
        guard trace.isSampled else { return }
        guard let version = prompt.version else {
            trace.addFallback(prompt.name)
            return setAttribute("prompts_fallback.\(prompt.name)", prompt.fallbackReason?.description)
        }
        let linked = TraceRecord.Prompt(name: prompt.name, version: version)
        trace.add(linked)
        record.withLock { record in
            if !record.prompts.contains(linked) { record.prompts.append(linked) }
        }
    }

    /// Says what a model call cost.
    package func setCost(_ cost: CostSum) { record.withLock { $0.cost = cost } }

    /// Says something of the whole trace.
    package func addFeedback(_ feedback: [TraceFeedback]) { trace.add(feedback) }

    /// Lets go of the whole trace: nothing of it is stored.
    package func discardTrace() { trace.discard() }

    /// Says in JSON what the step was given.
    package func setInputs(json value: JSONValue) { record.withLock { $0.inputs = value } }

    /// Settles how long the step took, whatever is still said of it.
    ///
    /// - Parameter duration: How long it took at most: it starts when what came before was over, such as waits for a server
    ///   to be asked again, which the attribute `promptreg.waited_ms` tells.
    /// - Returns: How long.
    @discardableResult
    package func stop(atMost duration: Duration? = nil) -> Duration {
        record.withLock { record in
            // One that ends after it starts was stopped before.
            if record.end == record.start { record.end = max(record.start + 1, Self.now) }
            if let duration {
                let start = max(record.start, record.end - max(1, Int(duration / .nanoseconds(1))))
                let waited = (start - record.start) / 1_000_000
                if waited > 0 { record.attributes["promptreg.waited_ms"] = JSONValue(waited) }
                record.start = start
            }
            return .nanoseconds(record.end - record.start)
        }
    }

    /// Ends the step.
    ///
    /// - Parameter failure: Why it failed; nil when it did not.
    /// - Returns: What that is for the trace.
    func end(_ failure: (any Error)? = nil) -> TraceInProgress.Ending {
        stop()
        let ended = record.withLock { record in
            record.failure = failure.map { "\($0)".hidingTokens }
            return record
        }
        return trace.end(ended)
    }

    /// The present, in nanoseconds since 1970.
    private static var now: Int {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}

extension JSONValue {
    /// What an agent tells of a step.
    fileprivate init(of value: some Encodable) {
        if let text = value as? String {
            self = .string(text)
            return
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let text = (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) }
        self = text.flatMap { try? JSONValue(parsing: $0) } ?? .string("\(value)")
    }
}
