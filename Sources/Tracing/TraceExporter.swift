import Support
import Synchronization

/// Hands traces to a store in the background, a batch at a time.
package final class TraceExporter: Sendable {
    /// What has become of the traces so far.
    package struct Count: Hashable, Sendable {
        /// How many were stored whole.
        package var stored = 0
        /// What was not, as the store refused it or there was no room.
        package var loss = TraceLoss()
    }

    private struct State {
        var queue: [TraceRecord] = []
        var isRunning = false
        var added = 0
        var done = 0
        var count = Count()
        var waiting: [(goal: Int, CheckedContinuation<Void, Never>)] = []
    }

    private let store: any TraceStore
    private let limit: Int
    private let state = Mutex(State())

    /// The most traces that are stored with one call.
    private static let batch = 200

    /// An exporter.
    ///
    /// - Parameters:
    ///   - store: Where traces are kept.
    ///   - limit: The most traces that wait; others are dropped.
    package init(_ store: any TraceStore, limit: Int = 20_000) {
        self.store = store
        self.limit = limit
    }

    /// Takes a trace, and returns at once.
    package func add(_ trace: TraceRecord) {
        let starts = state.withLock { state -> Bool in
            guard state.queue.count < limit else {
                state.count.loss.traces += 1
                state.count.loss.add(
                    "more than \(limit) traces were waiting, so that later ones were dropped")
                return false
            }
            state.queue.append(trace)
            state.added += 1
            if state.isRunning { return false }
            state.isRunning = true
            return true
        }
        if starts { Task.detached(priority: .utility) { await self.work() } }
    }

    /// Waits until every trace that was taken before is stored, or lost.
    ///
    /// - Returns: What has become of all traces so far.
    package func flush() async -> Count {
        await withCheckedContinuation { continuation in
            let isDone = state.withLock { state -> Bool in
                if state.done >= state.added { return true }
                state.waiting.append((state.added, continuation))
                return false
            }
            if isDone { continuation.resume() }
        }
        return state.withLock(\.count)
    }

    private func work() async {
        while true {
            let traces = state.withLock { state -> [TraceRecord] in
                let traces = Array(state.queue.prefix(Self.batch))
                state.queue.removeFirst(traces.count)
                if traces.isEmpty { state.isRunning = false }
                return traces
            }
            if traces.isEmpty { return }
            let loss = await store.store(traces)
            let ready = state.withLock { state in
                state.done += traces.count
                state.count.stored += traces.count - min(loss.traces, traces.count)
                state.count.loss.add(loss)
                let done = state.done
                let ready = state.waiting.filter { $0.goal <= done }
                state.waiting.removeAll { $0.goal <= done }
                return ready.map(\.1)
            }
            for continuation in ready { continuation.resume() }
        }
    }
}
