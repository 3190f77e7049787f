import Synchronization

/// Until when a run goes on trying.
package final class RunDeadline: Sendable {
    private struct State {
        var end: Duration?
        var lastSuccess: Duration
    }

    private let clock: WaitingClock
    private let patience: Duration
    private let state: Mutex<State>

    /// A deadline; its time begins now.
    ///
    /// - Parameters:
    ///   - total: How long the run may take in all; nil: as long as it gets on.
    ///   - patience: How long it may go without any success, whatever `total` says.
    ///   - clock: The time.
    package init(total: Duration? = nil, patience: Duration = .seconds(300), clock: WaitingClock = .system) {
        let start = clock.now()
        self.clock = clock
        self.patience = patience
        state = Mutex(State(end: total.map { start + $0 }, lastSuccess: start))
    }

    /// Gives more time, where something has to be cleared up, such as aliases to be moved back.
    ///
    /// - Parameter duration: What there is at least, from now on.
    package func extend(to duration: Duration) {
        let now = clock.now()
        state.withLock { state in
            state.end = state.end.map { max($0, now + duration) }
            state.lastSuccess = max(state.lastSuccess, now + duration - patience)
        }
    }

    /// How long there is left; zero or less when there is nothing left.
    var remaining: Duration {
        let now = clock.now()
        return state.withLock { state in
            let untilImpatient = state.lastSuccess + patience - now
            return state.end.map { min($0 - now, untilImpatient) } ?? untilImpatient
        }
    }

    /// Whether the time that the whole run was given is over, or all but over.
    var isTotalOver: Bool {
        let now = clock.now()
        return state.withLock { state in state.end.map { $0 - now < .milliseconds(1) } ?? false }
    }

    /// Notes that the server did something that was asked of it.
    func noteSuccess() {
        let now = clock.now()
        state.withLock { $0.lastSuccess = max($0.lastSuccess, now) }
    }
}
