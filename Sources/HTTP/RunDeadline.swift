import Support
import Synchronization

/// Until when a run retries.
package final class RunDeadline: Sendable {
    /// What to do when there is not enough time.
    package let hint: String
    private let total: Duration
    private let clock: WaitingClock
    private let state: Mutex<State>

    private struct State {
        var end: Duration
        var isInterrupted = false
        /// How much time each write of cleaning up gives the next one; nil while the run is not cleaning up.
        var cleanupTime: Duration?
        /// The longest that an answer took.
        var slowestAnswer = Duration.zero

        /// How long to wait after an interruption for a server that has been as slow as this one.
        var patience: Duration { max(grace, min(slowestAnswer * 4, longestPatience)) }
    }

    /// What is cut off after an interruption: reads first, writes later.
    private let (reads, writes) = (Cancellations(), Cancellations())

    /// How long what has begun may take after an interruption.
    private static let grace = Duration.seconds(1)
    /// The longest that cleaning up after an interruption may take without getting on, and that a write may take that
    /// has begun: cut off, it may still take effect. Only a slow server is given so much.
    private static let longestPatience = Duration.seconds(10)

    /// A deadline; its time starts now.
    ///
    /// - Parameters:
    ///   - total: How long the run may take in all.
    ///   - spent: How much of that has passed already.
    ///   - remedy: How there may be more time; nil where nothing helps but a faster server.
    ///   - clock: The time.
    package init(
        total: Duration = .seconds(300), spent: Duration = .zero, remedy: String? = "raise it with --timeout",
        clock: WaitingClock = .system
    ) {
        let (seconds, fraction) = total.components
        let limit = fraction == 0 ? "\(seconds) s" : "\(Int(total / .milliseconds(1))) ms"
        hint = "the time limit is \(limit)" + (remedy.map { "; \($0)" } ?? "")
        self.total = total
        self.clock = clock
        state = Mutex(State(end: clock.now() + total - spent))
    }

    /// Gives more time to clean up, such as to move aliases back: no more than the run had, and less after an interruption.
    /// Each write from now on that is answered gives as much again.
    ///
    /// - Parameter duration: How much there is at least, from now on.
    package func extend(to duration: Duration) {
        let now = clock.now()
        state.withLock { state in
            state.cleanupTime = duration
            state.end = max(
                state.end, now + min(duration, total, state.isInterrupted ? state.patience : total))
        }
    }

    /// Notes that the server has answered.
    ///
    /// - Parameters:
    ///   - elapsed: How long that took.
    ///   - isWrite: Whether it was a write: reads alone do not get on with cleaning up.
    func noteAnswer(after elapsed: Duration, isWrite: Bool) {
        let cleanupTime = state.withLock { state in
            state.slowestAnswer = max(state.slowestAnswer, elapsed)
            return state.cleanupTime
        }
        if isWrite, let cleanupTime { extend(to: cleanupTime) }
    }

    /// Lets what has begun take only a moment more; what hangs is cut off then.
    package func interrupt() {
        let end = clock.now() + Self.grace
        let patience = state.withLock { state in
            state.isInterrupted = true
            state.end = min(state.end, end)
            return state.patience
        }
        Task {
            try? await clock.sleep(Self.grace)
            reads.cancelAll()
            try? await clock.sleep(patience - Self.grace)
            writes.cancelAll()
        }
    }

    /// Whether the run was interrupted.
    var isInterrupted: Bool { state.withLock(\.isInterrupted) }

    /// How much time is left; zero or less when there is none.
    package var remaining: Duration {
        let now = clock.now()
        return state.withLock { $0.end - now }
    }

    /// Does something that may hang, and cancels it a moment after an interruption, unless it begins after that.
    ///
    /// - Parameters:
    ///   - isWrite: Whether it is a write, which may take a little longer.
    ///   - work: What is done.
    /// - Returns: Its result.
    package func cuttingOff<Value: Sendable>(
        isWrite: Bool = false, _ work: @escaping @Sendable () async -> Value
    ) async -> Value {
        if isInterrupted { return await work() }
        return await (isWrite ? writes : reads).cancelling(work)
    }
}
