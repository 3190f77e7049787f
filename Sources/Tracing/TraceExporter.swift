package import HTTP
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
        /// For how long the oldest of those has waited; nil where none waits.
        package var longestWait: Duration?
    }

    private struct Entry {
        let number: Int
        let trace: TraceRecord
        let start = ContinuousClock.now
    }

    /// What waits and what has become of the rest.
    private struct State {
        /// Those that wait, the oldest first, behind as many that are gone.
        var queue: [Entry] = []
        var gone = 0
        var isRunning = false
        /// Those that the store has now.
        var underWay: [Entry] = []
        /// The number of the newest.
        var lastNumber = 0
        var count = Count()
        var flushes: [(id: Int, goal: Int, CheckedContinuation<Void, Never>)] = []
        var lastID = 0
        /// How many traces the store takes at a time: fewer while it fails.
        var batch = TraceExporter.mostAtATime
        /// Since when the store fails, and why.
        var outage: (start: ContinuousClock.Instant, reason: String)?

        var waiting: Int { queue.count - gone + underWay.count }
        /// The oldest that waits; nil where none does.
        var oldest: Entry? { underWay.first ?? queue.dropFirst(gone).first }
    }

    private let store: any TraceStore
    private let limit: Int
    private let patience: Duration?
    private let mask: Mutex<SecretMask>
    private let state = Mutex(State())

    /// The most traces that are stored with one call.
    private static let mostAtATime = 200
    /// How long the store is left alone after it failed: at first, and at most unless it asks for more.
    private static let (shortestPause, longestPause) = (Duration.milliseconds(250), Duration.seconds(1))
    /// The longest pause that it is given.
    private static let longestGivenPause = Duration.seconds(60)

    /// An exporter.
    ///
    /// - Parameters:
    ///   - store: Where traces are kept.
    ///   - limit: The most traces that wait; the oldest are dropped.
    ///   - mask: Hides what no trace may hold.
    ///   - patience: For how long traces are kept for a store that is away; nil: as long as there is room for them.
    package init(
        _ store: any TraceStore, limit: Int = 20_000, mask: SecretMask = SecretMask(),
        patience: Duration? = nil
    ) {
        self.store = store
        self.mask = Mutex(mask)
        self.limit = limit
        self.patience = patience
    }

    /// The page of a trace that was stored; nil where there are no pages.
    package func page(of traceID: String) -> String? { store.page(of: traceID) }

    /// Hides more in the traces that are stored from now on.
    package func hide(_ more: SecretMask) { mask.withLock { $0.add(more) } }

    /// Takes a trace, and returns at once.
    package func add(_ trace: TraceRecord) {
        let starts = state.withLock { state -> Bool in
            state.lastNumber += 1
            state.queue.append(Entry(number: state.lastNumber, trace: trace))
            dropOldest(&state)
            defer { state.isRunning = true }
            return !state.isRunning
        }
        if starts { Task.detached(priority: .utility) { await self.work() } }
    }

    /// Counts a step that ended after the rest of its trace was handed over.
    package func noteLateStep() {
        state.withLock { state in
            state.count.loss.steps += 1
            state.count.loss.add("steps that ended after their trace was stored are missing in it")
        }
    }

    /// Drops the oldest traces for which there is no room.
    private func dropOldest(_ state: inout State) {
        let excess = state.queue.count - state.gone - limit
        guard excess > 0 else { return }
        state.count.loss.traces += excess
        state.count.loss.add("more than \(limit) traces were waiting, so that the oldest were dropped")
        state.gone += excess
        // Now and then, since all others are moved.
        guard state.gone >= 1_000 else { return }
        state.queue.removeFirst(state.gone)
        state.gone = 0
    }

    /// Waits until every trace that was taken before is stored, or lost.
    ///
    /// - Parameter limit: How long to wait at most.
    /// - Returns: What has become of all traces so far.
    package func flush(within limit: Duration) async -> Count {
        let timer = Mutex<Task<Void, Never>?>(nil)
        await withCheckedContinuation { continuation in
            let id = state.withLock { state -> Int? in
                if state.waiting == 0 { return nil }
                state.lastID += 1
                state.flushes.append((state.lastID, state.lastNumber, continuation))
                return state.lastID
            }
            guard let id else { return continuation.resume() }
            timer.withLock { $0 = Task { await self.endWait(id, after: limit) } }
        }
        timer.withLock { $0?.cancel() }
        return state.withLock { state in
            var count = state.count
            guard let oldest = state.oldest else { return count }
            (count.waiting, count.longestWait) = (state.waiting, .now - oldest.start)
            if let outage = state.outage { count.loss.add(outage.reason) }
            return count
        }
    }

    private func endWait(_ id: Int, after limit: Duration) async {
        try? await Task.sleep(for: limit)
        let late = state.withLock { state in
            state.flushes.firstIndex { $0.id == id }.map { state.flushes.remove(at: $0).2 }
        }
        late?.resume()
    }

    private func work() async {
        var pause = Self.shortestPause
        while let traces = next() {
            let mask = mask.withLock(\.self)
            let outcome = await store.store(mask.isEmpty ? traces : traces.map { $0.hiding(mask) })
            finish(outcome)
            guard !outcome.again.isEmpty else {
                pause = Self.shortestPause
                continue
            }
            // Not all agents at the same moment.
            let drawn = pause * Double.random(in: 0.5...1)
            try? await Task.sleep(for: max(drawn, min(outcome.pause ?? .zero, Self.longestGivenPause)))
            pause = min(pause * 2, Self.longestPause)
        }
    }

    /// The traces to store next; nil where none wait.
    private func next() -> [TraceRecord]? {
        state.withLock { state in
            state.underWay = Array(state.queue.dropFirst(state.gone).prefix(state.batch))
            state.queue.removeFirst(state.gone + state.underWay.count)
            state.gone = 0
            state.isRunning = !state.underWay.isEmpty
            return state.isRunning ? state.underWay.map(\.trace) : nil
        }
    }

    /// Counts what has become of the traces under way; those to be stored again are the next.
    private func finish(_ outcome: TraceOutcome) {
        let ready = state.withLock { state in
            let ids = Set(outcome.again.map(\.id))
            let again = state.underWay.filter { ids.contains($0.trace.id) }
            state.count.stored += max(0, state.underWay.count - again.count - outcome.loss.traces)
            state.count.loss.add(outcome.loss)
            state.underWay = []
            if again.isEmpty {
                state.outage = nil
                state.batch = min(Self.mostAtATime, state.batch * 2)
            } else {
                let reason = outcome.outage ?? "the store is away"
                let start = state.outage?.start ?? .now
                state.outage = (start, reason)
                state.batch = max(1, state.batch / 4)
                state.queue.replaceSubrange(..<state.gone, with: again)
                state.gone = 0
                if let patience, .now - start >= patience {
                    state.count.loss.traces += state.queue.count
                    state.count.loss.add(reason)
                    state.queue = []
                }
                dropOldest(&state)
            }
            let oldest = state.oldest?.number ?? .max
            let ready = state.flushes.filter { $0.goal < oldest }
            state.flushes.removeAll { $0.goal < oldest }
            return ready.map(\.2)
        }
        for continuation in ready { continuation.resume() }
    }
}
