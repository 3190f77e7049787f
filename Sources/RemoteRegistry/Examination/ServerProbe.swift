import Prompts

/// Asks a server whether it is there, and takes whatever it answers.
struct ServerProbe: Sendable {
    let exchange: any HTTPExchange
    let service: ServiceDescription
    let policy: RetryPolicy
    let deadline: RunDeadline
    let clock: WaitingClock

    /// An answer, whatever it says, but that the server cannot answer now.
    struct Answer: Sendable {
        let response: HTTPResponse
        /// How long it took.
        let elapsed: Duration
        /// This machine's time when it came, in seconds since 1970.
        let receivedAt: Int
    }

    /// Asks, and again where what went wrong may pass.
    ///
    /// - Parameter request: A read; it is sent as it is.
    /// - Returns: The answer.
    /// - Throws: `RequestFailure` when none came, or one of a server that is not well.
    func ask(_ request: HTTPRequest) async throws(RequestFailure) -> Answer {
        var attempt = 0
        while true {
            let failure: RequestFailure
            do throws(RequestFailure) {
                return try await askOnce(request)
            } catch {
                failure = error
            }
            attempt += 1
            guard let delay = policy.delay(afterAttempt: attempt, failure), delay < deadline.remaining,
                (try? await clock.sleep(delay)) != nil
            else { throw failure }
        }
    }

    private func askOnce(_ request: HTTPRequest) async throws(RequestFailure) -> Answer {
        let table = FailureTable(service: service)
        let start = clock.now()
        let timeout = min(policy.attemptTimeout, max(deadline.remaining, .milliseconds(1)))
        let response: HTTPResponse
        do {
            response = try await exchange.send(request, within: timeout)
        } catch {
            throw table.failure(error, at: request.url)
        }
        let answer = Answer(
            response: response, elapsed: clock.now() - start, receivedAt: clock.secondsSince1970())
        guard response.isOfHealthyServer else {
            var failure = table.failure(
                response, at: request.url, hiding: request.hidden, now: answer.receivedAt)
            failure.error.code = .unreachable
            throw failure
        }
        return answer
    }
}

extension ServerProbe.Answer {
    /// What is to be told of a server that answered.
    ///
    /// - Parameter url: Where it is.
    /// - Returns: The finding, with the time that it took.
    func reachability(of url: HTTPURL) -> RegistryFinding {
        .ok(.reachability, "\(url.origin) answered in \(Int(elapsed / .milliseconds(1))) ms")
    }

    /// The server's clock against this machine's. OAuth tokens are refused when these are far apart.
    var clock: RegistryFinding {
        guard let date = response.header("Date").flatMap(HTTPDate.secondsSince1970) else {
            return .skip(.clock, "the server does not say what time it has")
        }
        // An answer out of a cache has the time at which it was put there.
        let age = response.header("Age").flatMap { Int($0) } ?? 0
        let ahead = receivedAt - date - max(0, min(age, 1 << 30))
        let text = Self.duration(abs(ahead))
        guard abs(ahead) > 60 else {
            return .ok(.clock, "this machine's clock and the server's differ by \(text)")
        }
        let message = "this machine's clock is \(text) \(ahead > 0 ? "ahead of" : "behind") the server's"
        let hint = "set this machine's clock, as with timedatectl set-ntp true: tokens count for a time only"
        if abs(ahead) <= 300 { return .warn(.clock, message, hint: hint) }
        return .fail(.clock, RegistryError(.failed, message, hint: hint))
    }

    private static func duration(_ seconds: Int) -> String {
        switch seconds {
        case ...300: "\(seconds) s"
        case ..<7200: "\(seconds / 60) min"
        case ..<172_800: "\(seconds / 3600) h"
        default: "\(seconds / 86_400) days"
        }
    }
}

extension RegistryFinding {
    /// A server that gives no answer.
    static func unreachable(_ error: RegistryError) -> RegistryFinding {
        .fail(.reachability, error, hint: error.hint ?? FailureTable.whatToCheck)
    }

    /// A failure of the server that nobody expects.
    static func unexpected(_ check: Check, _ error: RegistryError) -> RegistryFinding {
        .fail(check, error, hint: "see the server's log; --verbose tells which requests were sent")
    }
}

extension RetryPolicy {
    /// What is good enough to find out whether something is there: nobody wants to wait long for that.
    static let probing = RetryPolicy(attempts: 3, attemptsToConnect: 2, attemptTimeout: .seconds(15))
}
