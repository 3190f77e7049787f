import FoundationEssentials
import Synchronization

/// Sends requests until they are answered: with credentials, retries, and within the run's time.
package final class HTTPClient: Sendable {
    private let exchange: any HTTPExchange
    private let authorizer: any Authorizer
    private let policy: RetryPolicy
    private let deadline: RunDeadline
    private let clock: WaitingClock
    private let allowsInsecure: Bool
    private let service: ServiceDescription
    private let reads: RequestLimiter
    private let writes: RequestLimiter
    private let attempts = Atomic<Int>(0)

    /// A client.
    ///
    /// - Parameters:
    ///   - exchange: Makes the single attempts.
    ///   - authorizer: Proves who is asking.
    ///   - service: What is said of the server in errors.
    ///   - policy: When a failed request is tried again.
    ///   - deadline: Until when; all clients of a run share one.
    ///   - clock: The time.
    ///   - allowsInsecure: Whether credentials may cross a network in plain text.
    ///   - maximumUnderWay: How many reads are under way at most, and how many writes, when the server bears that.
    package init(
        exchange: any HTTPExchange, authorizer: any Authorizer, service: ServiceDescription,
        policy: RetryPolicy = RetryPolicy(), deadline: RunDeadline = RunDeadline(),
        clock: WaitingClock = .system, allowsInsecure: Bool = false, maximumUnderWay: Int = 64
    ) {
        self.exchange = exchange
        self.authorizer = authorizer
        self.policy = policy
        self.deadline = deadline
        self.clock = clock
        self.allowsInsecure = allowsInsecure
        self.service = service
        reads = RequestLimiter(maximum: maximumUnderWay)
        writes = RequestLimiter(maximum: maximumUnderWay, heedsTime: true)
    }

    /// How many attempts have been made so far.
    package var requestCount: Int { attempts.load(ordering: .relaxed) }

    /// Sends a read, or a write that is safe to repeat, such as setting a tag.
    ///
    /// - Parameters:
    ///   - request: The request, without credentials.
    ///   - type: What the answer's JSON holds.
    /// - Returns: The answer.
    /// - Throws: `HTTPError` when it is refused, or keeps failing.
    package func send<Answer: Decodable & Sendable>(
        _ request: HTTPRequest, as type: Answer.Type
    ) async throws(HTTPError) -> Answer {
        try await retrying(request.url, lookUp: nil) { () async throws(HTTPError) in
            try await sendOnce(request, as: type)
        }
    }

    /// Sends a write that must take effect once only.
    ///
    /// When its answer is lost, what it may have created is looked up before it is sent again.
    ///
    /// - Parameters:
    ///   - request: The request, without credentials.
    ///   - type: What the answer's JSON holds.
    ///   - lookUp: Looks for what the request creates, by something that only this request can have written; nil
    ///     when it is not there.
    /// - Returns: The answer, or what was found.
    /// - Throws: `HTTPError` when it is refused, or keeps failing.
    package func sendOnce<Answer: Decodable & Sendable>(
        _ request: HTTPRequest, as type: Answer.Type,
        lookUp: @Sendable () async throws(HTTPError) -> Answer?
    ) async throws(HTTPError) -> Answer {
        try await withoutActuallyEscaping(lookUp) { lookUp async throws(HTTPError) in
            try await retrying(request.url, lookUp: lookUp) { () async throws(HTTPError) in
                try await sendOnce(request, as: type)
            }
        }
    }

    /// The answer of a server that was asked only whether it is there.
    package struct Probe: Sendable {
        /// The answer, whatever its status.
        package let response: HTTPResponse
        /// How long it took.
        package let elapsed: Duration
        /// This machine's time when it came, in seconds since 1970.
        package let receivedAt: Int
    }

    /// Asks a server whether it is there; any answer will do, except that it cannot answer now.
    ///
    /// - Parameters:
    ///   - request: A read.
    ///   - withCredentials: Whether it is sent with credentials.
    /// - Returns: The answer.
    /// - Throws: `HTTPError` when there is none, with `.unreachable` when the server keeps failing.
    package func probe(
        _ request: HTTPRequest, withCredentials: Bool = false
    ) async throws(HTTPError) -> Probe {
        try await retrying(request.url, lookUp: nil) { () async throws(HTTPError) in
            let request = withCredentials ? try await authorized(request) : request
            let start = clock.now()
            let response = try await exchangeOnce(request)
            let receivedAt = clock.secondsSince1970()
            guard response.isOfHealthyServer else {
                var error = service.error(
                    for: response, at: request.url, hiding: request.hidden, now: receivedAt)
                error.code = .unreachable
                throw error
            }
            return Probe(response: response, elapsed: clock.now() - start, receivedAt: receivedAt)
        }
    }

    // MARK: - Attempts

    /// Makes attempts until one succeeds, or no further one is worthwhile or allowed.
    private func retrying<Answer: Sendable>(
        _ url: HTTPURL, lookUp: (@Sendable () async throws(HTTPError) -> Answer?)?,
        _ attemptOnce: () async throws(HTTPError) -> Answer
    ) async throws(HTTPError) -> Answer {
        var attempt = 0
        // The last failure after which a write may have taken effect.
        var lost: HTTPError?
        while true {
            let failure: HTTPError
            do throws(HTTPError) {
                if let lost, let lookUp, let found = try await lookedUp(lookUp, after: lost) { return found }
                do throws(HTTPError) {
                    return try await attemptOnce()
                } catch {
                    if error.outcomeIsUnknown { lost = error }
                    throw error
                }
            } catch {
                failure = error
            }
            attempt += 1
            var delay = policy.delay(afterAttempt: attempt, failure)
            if lookUp != nil, failure.mayStillComplete { delay = delay.map { max($0, policy.settling) } }
            guard let delay, delay < deadline.remaining else {
                // What was sent before may have taken effect since, and be why this is refused now.
                if lost != nil, let lookUp, let found = try? await lookUp() { return found }
                throw final(
                    failure, attempts: attempt, isLost: lost != nil, isMadeOnce: lookUp != nil,
                    isOutOfTime: delay != nil)
            }
            do {
                try await clock.sleep(delay)
            } catch {
                throw service.error(for: TransportError(.cancelled), at: url)
            }
        }
    }

    /// What a write made whose answer was lost; nil when it made nothing.
    ///
    /// While that cannot be found out, the write is not sent again, and its own failure is what is told.
    private func lookedUp<Answer>(
        _ lookUp: @Sendable () async throws(HTTPError) -> Answer?, after lost: HTTPError
    ) async throws(HTTPError) -> Answer? {
        do throws(HTTPError) {
            return try await lookUp()
        } catch {
            // A refusal says more than what it was to clear up.
            guard error.retry != .never else { throw error }
            var failure = lost
            failure.message += ", and could not be looked up: \(error.message)"
            throw failure
        }
    }

    /// The failure that is told when no further attempt is made.
    private func final(
        _ failure: HTTPError, attempts: Int, isLost: Bool, isMadeOnce: Bool, isOutOfTime: Bool
    ) -> HTTPError {
        var failure = failure
        if failure.retry != .never, attempts > 1, !failure.message.hasSuffix(" attempts)") {
            failure.message += " (\(attempts) attempts)"
        }
        // An attempt before the last one may have been done, too.
        failure.outcomeIsUnknown = failure.outcomeIsUnknown || isLost
        // What to do about credentials or permissions comes first.
        let isOutOfReach = failure.code == .unreachable || failure.hint == nil
        if isLost, isMadeOnce, isOutOfReach {
            failure.hint =
                "it may have been done all the same, or be done yet: wait a moment, then run the job again"
        } else if isOutOfTime {
            failure.hint = [failure.hint, deadline.hint].compactMap(\.self).joined(
                separator: "; ")
        }
        return failure
    }

    /// One attempt, with a second one where fresh credentials can be had.
    private func sendOnce<Answer: Decodable & Sendable>(
        _ request: HTTPRequest, as type: Answer.Type
    ) async throws(HTTPError) -> Answer {
        var hasRefreshed = false
        while true {
            let complete = try await authorized(request)
            let response = try await follow(complete)
            if response.status == 401, !hasRefreshed {
                hasRefreshed = true
                if try await refresh(after: complete.credentials) { continue }
            }
            guard 200..<300 ~= response.status else {
                throw service.error(
                    for: response, at: request.url, hiding: complete.hidden, now: clock.secondsSince1970())
            }
            do {
                return try JSONDecoder().decode(type, from: Data(response.body))
            } catch {
                throw service.error(
                    forUnreadable: response, at: request.url,
                    hiding: request.isConfidential ? nil : complete.hidden)
            }
        }
    }

    /// The request with the credentials that it is sent with.
    private func authorized(_ request: HTTPRequest) async throws(HTTPError) -> HTTPRequest {
        var complete = request
        do {
            complete.credentials += try await authorizer.headers()
        } catch {
            throw Self.unsent(error)
        }
        let isPlain = request.url.scheme == .http && !request.url.isLoopback
        let isSecret = !complete.credentials.isEmpty || request.isConfidential
        guard !isSecret || !isPlain || allowsInsecure else {
            throw service.error(for: TransportError(.insecure), at: request.url)
        }
        return complete
    }

    private func refresh(after rejected: [CredentialHeader]) async throws(HTTPError) -> Bool {
        do {
            return try await authorizer.refresh(after: rejected)
        } catch {
            throw Self.unsent(error, status: 401)
        }
    }

    /// The error for a request whose credentials could not be had: the authorizer has retried enough.
    private static func unsent(_ error: HTTPError, status: Int? = nil) -> HTTPError {
        var unsent = HTTPError(error.code, error.message, hint: error.hint)
        unsent.status = status
        return unsent
    }

    /// Sends a request, and follows redirections of reads that stay on the host.
    private func follow(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        var request = request
        for _ in 0..<5 {
            let response = try await exchangeOnce(request)
            guard 300..<400 ~= response.status, let location = response.header("Location") else {
                return response
            }
            guard let target = request.url.redirected(to: location), request.method == .get else {
                let shown = TextExcerpt.of(location, hiding: request.hidden)
                throw service.error(for: TransportError(.refusedRedirect, shown), at: request.url)
            }
            request.url = target
        }
        throw service.error(for: TransportError(.refusedRedirect, "again and again"), at: request.url)
    }

    private func exchangeOnce(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        let limiter = request.isWrite ? writes : reads
        guard let permit = await limiter.acquire() else {
            throw service.error(for: TransportError(.cancelled), at: request.url)
        }
        let remaining = deadline.remaining
        guard remaining > .zero else {
            limiter.release(permit, .other)
            throw HTTPError(.unreachable, "the time for the run is over", hint: deadline.hint)
        }
        attempts.add(1, ordering: .relaxed)
        let start = ContinuousClock.now
        do {
            var limit = min(remaining, policy.attemptTimeout)
            if request.isWrite { limit = max(limit, policy.writeGrace) }
            let response = try await exchange.send(request, within: limit)
            let time = ContinuousClock.now - start
            if response.status == 429 {
                limiter.release(permit, .throttled)
            } else if response.isOfHealthyServer {
                limiter.release(permit, 200..<300 ~= response.status ? .succeeded(time) : .refused)
            } else {
                limiter.release(permit, .other)
            }
            return response
        } catch {
            limiter.release(permit, .other)
            throw service.error(for: error, at: request.url)
        }
    }
}
