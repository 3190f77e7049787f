package import HTTP
import Synchronization
import Tracing

/// What has become of the traces of a client.
public struct TraceReport: Hashable, Sendable {
    /// How many were stored.
    public let stored: Int
    /// How many were lost.
    public let lost: Int
    /// How many steps were lost, as they ended after the rest of their trace was handed over.
    public let lostSteps: Int
    /// How many still waited when `flush` was out of time, in the memory of this program.
    public let waiting: Int
    /// For how long the oldest of those has waited; nil where none waits.
    public let longestWait: Duration?
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
    /// The trace is tied to every prompt that is loaded in it. It is stored in the background once all of its steps have
    /// ended, also those of tasks that the outermost step did not wait for, and no failure to do so reaches the caller;
    /// `flush()` tells.
    ///
    /// - Parameters:
    ///   - name: The step's name.
    ///   - type: What it does.
    ///   - isolation: The actor that the body runs on: the caller's.
    ///   - body: The step. What it throws is recorded as the step's failure.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws, and nothing else.
    public func withSpan<Output>(
        _ name: String, type: SpanType = .unknown, isolation: isolated (any Actor)? = #isolation,
        _ body: (Span) async throws -> Output
    ) async rethrows -> Output {
        let parent = Span.current
        let trace = parent?.trace ?? TraceInProgress(isSampled: isSampled())
        let span = Span(name, type, in: trace, below: parent)
        do {
            let output = try await Span.$current.withValue(
                span, operation: { try await body(span) }, isolation: isolation)
            handOver(trace, after: span.end())
            return output
        } catch {
            handOver(trace, after: span.end(error))
            throw error
        }
    }

    /// Waits until all traces that have ended are stored, or lost. A program calls it before it ends. Steps that still
    /// run although the outermost one of their trace has ended are not waited for, and are missing in it.
    ///
    /// ```swift
    /// let report = await client.flush()
    /// if report.lost > 0 { print(report.reasons) }
    /// ```
    ///
    /// - Parameter timeout: How long to wait at most. What is under way then goes on.
    /// - Returns: What has become of all traces of this client so far.
    @discardableResult
    public func flush(timeout: Duration = .seconds(60)) async -> TraceReport {
        let problems = [tracingProblem, configuration.samplingProblem].compactMap(\.self)
        guard let exporter else {
            return TraceReport(
                stored: 0, lost: 0, lostSteps: 0, waiting: 0, longestWait: nil, refusedLinks: 0,
                reasons: problems)
        }
        let unfinished = unfinished.withLock { traces in
            defer { traces = [] }
            return traces
        }
        for record in unfinished.compactMap({ $0.take() }) { exporter.add(record) }
        let count = await exporter.flush(within: timeout)
        let waiting = count.longestWait.map { wait in
            "traces that wait in this program's memory: \(count.waiting), the oldest for "
                + "\(wait.components.seconds) s; those that still do when it ends are lost"
        }
        return TraceReport(
            stored: count.stored, lost: count.loss.traces, lostSteps: count.loss.steps,
            waiting: count.waiting, longestWait: count.longestWait, refusedLinks: count.loss.links,
            reasons: problems + count.loss.reasons + [waiting].compactMap(\.self))
    }

    /// Hides more in the traces than what the environment holds of keys and tokens.
    package func hide(_ mask: SecretMask) { exporter?.hide(mask) }

    /// The page of a trace that was stored; nil where there are no pages.
    package func page(ofTrace id: String) -> String? { exporter?.page(of: id) }

    /// Stores a trace when all of its steps have ended.
    private func handOver(_ trace: TraceInProgress, after ending: TraceInProgress.Ending) {
        switch ending {
        case .goesOn: break
        case .isWhole: if let record = trace.take() { exporter?.add(record) }
        case .isLate: exporter?.noteLateStep()
        case .waits:
            // One too many is not waited for any longer.
            let oldest = unfinished.withLock { traces in
                traces.removeAll { $0.isTaken || $0 === trace }
                traces.append(trace)
                return traces.count > Self.mostUnfinished ? traces.removeFirst() : nil
            }
            if let record = oldest?.take() { exporter?.add(record) }
        }
    }

    private func isSampled() -> Bool {
        let ratio = configuration.samplingRatio
        return ratio >= 1 || Double.random(in: 0..<1) < ratio
    }
}
