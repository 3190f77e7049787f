import Tracing

/// What has become of the traces of a client.
public struct TraceReport: Hashable, Sendable {
    /// How many were stored.
    public let stored: Int
    /// How many were lost.
    public let lost: Int
    /// How many still waited when `flush` was out of time.
    public let waiting: Int
    /// How many links from traces to prompts the server refused; the traces have them as tags.
    public let refusedLinks: Int
    /// What happened, each kind once, as sentences without their full stops.
    public let reasons: [String]
}

extension PromptClient {
    /// Runs a step of an agent and records it: within another step as a part of it, else as a trace of its own.
    ///
    /// ```swift
    /// let answer = try await client.withSpan("agent_predict", type: .agent) { span in
    ///     span.setInputs(["question": question])
    ///     let prompt = try await client.load("cost_worker@production")
    ///     …
    /// }
    /// ```
    ///
    /// The trace is tied to every prompt that is loaded in it. It is stored in the background once the outermost step has
    /// ended, and no failure to do so reaches the caller; `flush()` tells.
    ///
    /// - Parameters:
    ///   - name: The step's name.
    ///   - type: What it does.
    ///   - isolation: The actor that the body runs on: the caller's.
    ///   - body: The step. What it throws is recorded as the step's failure.
    /// - Returns: What the body returns.
    public func withSpan<Output>(
        _ name: String, type: SpanType = .unknown, isolation: isolated (any Actor)? = #isolation,
        _ body: (Span) async throws -> Output
    ) async rethrows -> Output {
        let parent = Span.current
        let trace = parent?.trace ?? TraceInProgress(isSampled: isSampled())
        let span = Span(name, type, in: trace, below: parent)
        defer { if parent == nil, trace.isSampled { exporter?.add(trace.record()) } }
        do {
            let output = try await Span.$current.withValue(
                span, operation: { try await body(span) }, isolation: isolation)
            span.end()
            return output
        } catch {
            span.end(error)
            throw error
        }
    }

    /// Waits until all traces that have ended are stored, or lost. A program calls it before it ends.
    ///
    /// - Parameter timeout: How long to wait at most. What is under way then goes on.
    /// - Returns: What has become of all traces of this client so far.
    @discardableResult
    public func flush(timeout: Duration = .seconds(60)) async -> TraceReport {
        guard let exporter else {
            return TraceReport(
                stored: 0, lost: 0, waiting: 0, refusedLinks: 0, reasons: [tracingProblem].compactMap(\.self))
        }
        let count = await exporter.flush(within: timeout)
        return TraceReport(
            stored: count.stored, lost: count.loss.traces, waiting: count.waiting,
            refusedLinks: count.loss.links,
            reasons: count.loss.reasons)
    }

    /// The page of a trace that was stored; nil where there are no pages.
    package func page(ofTrace id: String) -> String? { exporter?.page(of: id) }

    private func isSampled() -> Bool {
        let ratio = configuration.samplingRatio
        return ratio >= 1 || Double.random(in: 0..<1) < ratio
    }
}
