/// When a failed request is retried, and after how long.
package struct RetryPolicy: Sendable {
    /// The longest wait before the first retry; it doubles with each.
    package var base: Duration
    /// What the longest wait grows to.
    package var cap: Duration
    /// How many attempts a request gets, unless the server asks to wait: then as many as time allows.
    package var attempts: Int
    /// How many it gets where nothing answers at all, so that a wrong address is reported soon.
    package var attemptsToConnect = 5
    /// How many a request gets that looks up a lost write or is part of other work that is repeated as a whole, or one
    /// whose answer can be done without.
    let fewAttempts = 3
    /// How long an attempt may take whose answer can be done without.
    let briefTimeout = Duration.seconds(5)
    /// How long one attempt may take.
    package var attemptTimeout = Duration.seconds(60)
    /// How long to wait before looking for a write that a server may still be working on; the wait doubles each time.
    let settling = Duration.seconds(1)
    /// What that wait grows to.
    let longestSettlingWait = Duration.seconds(8)
    /// How long a write at the very end of the run's time may take all the same: cut off, its outcome is unknown.
    let writeGrace = Duration.seconds(2)
    /// A number from a range, all equally likely.
    private let random: @Sendable (ClosedRange<Double>) -> Double

    /// A policy.
    package init(
        base: Duration = .milliseconds(250), cap: Duration = .seconds(20), attempts: Int = 8,
        random: @escaping @Sendable (ClosedRange<Double>) -> Double = { Double.random(in: $0) }
    ) {
        self.base = base
        self.cap = cap
        self.attempts = attempts
        self.random = random
    }

    /// How long a server may go on working on a write whose caller, or a gateway, stopped waiting: half a minute, or a
    /// quarter of the time that is left, so that there is time to send it again.
    func settlingTime(within remaining: Duration) -> Duration { min(.seconds(30), remaining / 4) }

    /// How long to wait before the next attempt, with full jitter, after so many that failed; nil for no further one.
    func delay(
        afterAttempt attempt: Int, _ failure: HTTPError, _ patience: HTTPClient.Patience = .full
    ) -> Duration? {
        switch (failure.retry, patience) {
        case (.whenAllowed, .lookUp), (_, .full): break
        case (_, .lookUp), (_, .repeated), (_, .brief): if attempt >= fewAttempts { return nil }
        }
        switch failure.retry {
        case .never: return nil
        case .soon: if attempt >= attempts { return nil }
        case .ifListening: if attempt >= attemptsToConnect { return nil }
        case .whenAllowed: break
        }
        let base = base / .seconds(1)
        let longest = min(cap / .seconds(1), base * Double(1 << min(attempt - 1, 30)))
        let asked = patience == .brief ? nil : failure.retryAfter
        // Some servers ask for no time at all, whatever comes.
        guard let asked, asked >= .seconds(1) else { return (asked ?? .zero) + .seconds(random(0...longest)) }
        return asked + .seconds(random(0...base))
    }
}

/// Reads the header `Retry-After`.
enum RetryAfter {
    /// How long to wait, from zero to some thirty years; nil when the value is neither seconds nor an HTTP date.
    static func duration(of value: String, now: Int) -> Duration? {
        let text = value.split(separator: " ").joined(separator: " ")
        if let seconds = Double(text), seconds.isFinite, !text.utf8.contains(UInt8(ascii: "x")) {
            return .seconds(min(max(0, seconds), 1e9))
        }
        return HTTPDate.secondsSince1970(of: text).map { .seconds(max(0, $0 - now)) }
    }
}
