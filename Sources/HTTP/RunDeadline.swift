import Synchronization

/// Until when a run retries.
package final class RunDeadline: Sendable {
    /// What to do when there is not enough time.
    let hint: String
    private let clock: WaitingClock
    private let end: Mutex<Duration>

    /// A deadline; its time starts now.
    ///
    /// - Parameters:
    ///   - total: How long the run may take in all.
    ///   - clock: The time.
    package init(total: Duration = .seconds(300), clock: WaitingClock = .system) {
        hint = "the time limit is \(total.components.seconds) s; raise it with --timeout"
        self.clock = clock
        end = Mutex(clock.now() + total)
    }

    /// Gives more time to clean up, such as to move aliases back.
    ///
    /// - Parameter duration: How much there is at least, from now on.
    package func extend(to duration: Duration) {
        let wanted = clock.now() + duration
        end.withLock { $0 = max($0, wanted) }
    }

    /// How much time is left; zero or less when there is none.
    var remaining: Duration {
        let now = clock.now()
        return end.withLock { $0 - now }
    }
}
