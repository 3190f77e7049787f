import Glibc

/// The time, and waiting for it; tests put their own in its place.
package struct WaitingClock: Sendable {
    /// The time since some moment, which only grows.
    package var now: @Sendable () -> Duration
    /// The seconds since 1970, for the dates in headers.
    package var secondsSince1970: @Sendable () -> Int
    /// Waits; it throws when the task is cancelled.
    package var sleep: @Sendable (Duration) async throws -> Void

    /// A clock.
    package init(
        now: @escaping @Sendable () -> Duration, secondsSince1970: @escaping @Sendable () -> Int,
        sleep: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.now = now
        self.secondsSince1970 = secondsSince1970
        self.sleep = sleep
    }

    /// The real time.
    package static var system: WaitingClock {
        let start = ContinuousClock.now
        return WaitingClock(
            now: { .now - start }, secondsSince1970: { time(nil) },
            sleep: { try await Task.sleep(for: $0, tolerance: .zero, clock: .continuous) })
    }
}
