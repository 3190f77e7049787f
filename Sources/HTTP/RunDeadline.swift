import Synchronization

/// Until when a run goes on trying.
package final class RunDeadline: Sendable {
    /// What to do when there is not enough time.
    let hint: String
    private let clock: WaitingClock
    private let end: Mutex<Duration>

    /// A deadline; its time begins now.
    ///
    /// - Parameters:
    ///   - total: How long the run may take in all.
    ///   - clock: The time.
    package init(total: Duration = .seconds(300), clock: WaitingClock = .system) {
        hint = "the work may take \(total.components.seconds) s in all, more with --timeout"
        self.clock = clock
        end = Mutex(clock.now() + total)
    }

    /// Gives more time, where something has to be cleared up, such as aliases to be moved back.
    ///
    /// - Parameter duration: What there is at least, from now on.
    package func extend(to duration: Duration) {
        let wanted = clock.now() + duration
        end.withLock { $0 = max($0, wanted) }
    }

    /// How long there is left; zero or less when there is nothing left.
    package var remaining: Duration {
        let now = clock.now()
        return end.withLock { $0 - now }
    }
}
