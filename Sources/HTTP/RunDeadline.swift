import Synchronization

/// Until when a run retries.
package final class RunDeadline: Sendable {
    /// What to do when there is not enough time.
    let hint: String
    private let total: Duration
    private let clock: WaitingClock
    private let state: Mutex<State>

    private struct State {
        var end: Duration
        var isInterrupted = false
        var cancellations: [Int: @Sendable () -> Void] = [:]
        var lastKey = 0
    }

    /// How long what has begun may take after an interruption.
    private static let grace = Duration.seconds(1)

    /// A deadline; its time starts now.
    ///
    /// - Parameters:
    ///   - total: How long the run may take in all.
    ///   - clock: The time.
    package init(total: Duration = .seconds(300), clock: WaitingClock = .system) {
        hint = "the time limit is \(total.components.seconds) s; raise it with --timeout"
        self.total = total
        self.clock = clock
        state = Mutex(State(end: clock.now() + total))
    }

    /// Gives more time to clean up, such as to move aliases back: no more than the run had, and little after an
    /// interruption.
    ///
    /// - Parameter duration: How much there is at least, from now on.
    package func extend(to duration: Duration) {
        let now = clock.now()
        state.withLock { state in
            state.end = max(state.end, now + min(duration, state.isInterrupted ? Self.grace : total))
        }
    }

    /// Lets what has begun take only a moment more; what hangs is cut off then.
    package func interrupt() {
        let end = clock.now() + Self.grace
        state.withLock { state in
            state.isInterrupted = true
            state.end = min(state.end, end)
        }
        Task {
            try? await clock.sleep(Self.grace)
            state.withLock { Array($0.cancellations.values) }.forEach { $0() }
        }
    }

    /// Whether the run was interrupted.
    var isInterrupted: Bool { state.withLock(\.isInterrupted) }

    /// How much time is left; zero or less when there is none.
    var remaining: Duration {
        let now = clock.now()
        return state.withLock { $0.end - now }
    }

    /// Does something that may hang, and cancels it a moment after an interruption.
    func cuttingOff<Value: Sendable>(_ work: @escaping @Sendable () async -> Value) async -> Value {
        let task = Task { await work() }
        let key = state.withLock { state in
            state.lastKey += 1
            state.cancellations[state.lastKey] = { task.cancel() }
            return state.lastKey
        }
        defer { _ = state.withLock { $0.cancellations.removeValue(forKey: key) } }
        return await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            task.cancel()
        }
    }
}
