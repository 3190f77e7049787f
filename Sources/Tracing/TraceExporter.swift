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
        /// How many are neither yet.
        package var waiting = 0
    }

    private struct State {
        var queue: [TraceRecord] = []
        var isRunning = false
        var added = 0
        var done = 0
        var count = Count()
        var waiting: [(id: Int, goal: Int, CheckedContinuation<Void, Never>)] = []
        var lastID = 0
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

    /// The page of a trace that was stored; nil where there are no pages.
    package func page(of traceID: String) -> String? { store.page(of: traceID) }

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
    /// - Parameter limit: How long to wait at most.
    /// - Returns: What has become of all traces so far.
    package func flush(within limit: Duration) async -> Count {
        let timer = Mutex<Task<Void, Never>?>(nil)
        await withCheckedContinuation { continuation in
            let id = state.withLock { state -> Int? in
                if state.done >= state.added { return nil }
                state.lastID += 1
                state.waiting.append((state.lastID, state.added, continuation))
                return state.lastID
            }
            guard let id else { return continuation.resume() }
            timer.withLock { $0 = Task { await self.endWait(id, after: limit) } }
        }
        timer.withLock { $0?.cancel() }
        return state.withLock { state in
            var count = state.count
            count.waiting = state.added - state.done
            return count
        }
    }

    private func endWait(_ id: Int, after limit: Duration) async {
        try? await Task.sleep(for: limit)
        let late = state.withLock { state in
            state.waiting.firstIndex { $0.id == id }.map { state.waiting.remove(at: $0).2 }
        }
        late?.resume()
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
                return ready.map(\.2)
            }
            for continuation in ready { continuation.resume() }
        }
    }
}
