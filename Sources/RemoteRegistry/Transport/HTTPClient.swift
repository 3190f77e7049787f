import FoundationEssentials
import Prompts
import Synchronization

/// Sends requests until they are answered: with credentials, retries, and within the run's time.
package final class HTTPClient: Sendable {
    private let exchange: any HTTPExchange
    private let authorizer: any Authorizer
    private let policy: RetryPolicy
    private let deadline: RunDeadline
    private let clock: WaitingClock
    private let allowsInsecure: Bool
    private let table: FailureTable
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
        table = FailureTable(service: service)
        reads = RequestLimiter(maximum: maximumUnderWay)
        writes = RequestLimiter(maximum: maximumUnderWay, heedsTime: true)
    }

    /// How many attempts have been made so far.
    package var requestCount: Int { attempts.load(ordering: .relaxed) }

    /// Sends a read, or a write that does no harm when it is done twice, such as setting a tag.
    ///
    /// - Parameters:
    ///   - request: The request, without credentials.
    ///   - type: What the answer's JSON holds.
    /// - Returns: The answer.
    /// - Throws: `RequestFailure` when it is refused, or keeps failing.
    package func send<Answer: Decodable & Sendable>(
        _ request: HTTPRequest, as type: Answer.Type
    ) async throws(RequestFailure) -> Answer {
        try await send(request, as: type, lookUp: nil)
    }

    /// Sends a write that must be done once only.
    ///
    /// When its answer is lost, what it may have made is looked for before it is sent again.
    ///
    /// - Parameters:
    ///   - request: The request, without credentials.
    ///   - type: What the answer's JSON holds.
    ///   - lookUp: Looks for what the request makes, by something that only this request can have written; nil
    ///     when it is not there.
    /// - Returns: The answer, or what was found.
    /// - Throws: `RequestFailure` when it is refused, or keeps failing.
    package func sendOnce<Answer: Decodable & Sendable>(
        _ request: HTTPRequest, as type: Answer.Type,
        lookUp: @Sendable () async throws(RequestFailure) -> Answer?
    ) async throws(RequestFailure) -> Answer {
        try await withoutActuallyEscaping(lookUp) { lookUp async throws(RequestFailure) in
            try await send(request, as: type, lookUp: lookUp)
        }
    }

    // MARK: - Attempts

    private func send<Answer: Decodable & Sendable>(
        _ request: HTTPRequest, as type: Answer.Type,
        lookUp: (@Sendable () async throws(RequestFailure) -> Answer?)?
    ) async throws(RequestFailure) -> Answer {
        var attempt = 0
        // The last failure after which the write may have been done.
        var lost: RequestFailure?
        while true {
            let failure: RequestFailure
            do throws(RequestFailure) {
                if let lost, let lookUp, let found = try await lookedUp(lookUp, after: lost) { return found }
                do throws(RequestFailure) {
                    return try await tryOnce(request, as: type)
                } catch {
                    if error.mayHaveBeenDone { lost = error }
                    throw error
                }
            } catch {
                failure = error
            }
            attempt += 1
            var delay = policy.delay(afterAttempt: attempt, failure)
            if lookUp != nil, failure.mayStillBeDone { delay = delay.map { max($0, policy.settling) } }
            guard let delay, delay < deadline.remaining else {
                // What was sent before may have been done since, and be why this is refused now.
                if lost != nil, let lookUp, let found = try? await lookUp() { return found }
                throw final(
                    failure, attempts: attempt, isLost: lost != nil, isMadeOnce: lookUp != nil,
                    isOutOfTime: delay != nil)
            }
            do {
                try await clock.sleep(delay)
            } catch {
                throw table.failure(TransportError(.cancelled), at: request.url)
            }
        }
    }

    /// What a write made whose answer was lost; nil when it made nothing.
    ///
    /// While that cannot be found out, the write is not sent again, and its own failure is what is told.
    private func lookedUp<Answer>(
        _ lookUp: @Sendable () async throws(RequestFailure) -> Answer?, after lost: RequestFailure
    ) async throws(RequestFailure) -> Answer? {
        do throws(RequestFailure) {
            return try await lookUp()
        } catch {
            // A refusal says more than what it was to clear up.
            guard error.retry != .never else { throw error }
            var failure = lost
            failure.error.message += ", and could not be looked up: \(error.error.message)"
            throw failure
        }
    }

    /// The failure that is told when no further attempt is made.
    private func final(
        _ failure: RequestFailure, attempts: Int, isLost: Bool, isMadeOnce: Bool, isOutOfTime: Bool
    ) -> RequestFailure {
        var failure = failure
        if failure.retry != .never, attempts > 1, !failure.error.message.hasSuffix(" attempts)") {
            failure.error.message += " (\(attempts) attempts)"
        }
        // An attempt before the last one may have been done, too.
        failure.mayHaveBeenDone = failure.mayHaveBeenDone || isLost
        // What to do about credentials or permissions comes first.
        let isOutOfReach = failure.error.code == .unreachable || failure.error.hint == nil
        if isLost, isMadeOnce, isOutOfReach {
            failure.error.hint =
                "it may have been done all the same, or be done yet: wait a moment, then run the job again"
        } else if isOutOfTime {
            failure.error.hint = [failure.error.hint, deadline.hint].compactMap(\.self).joined(
                separator: "; ")
        }
        return failure
    }

    /// One attempt, with a second one where fresh credentials can be had.
    private func tryOnce<Answer: Decodable & Sendable>(
        _ request: HTTPRequest, as type: Answer.Type
    ) async throws(RequestFailure) -> Answer {
        var hasRefreshed = false
        while true {
            let complete = try await authorized(request)
            let response = try await follow(complete)
            if response.status == 401, !hasRefreshed {
                hasRefreshed = true
                if try await refresh(after: complete.credentials) { continue }
            }
            guard 200..<300 ~= response.status else {
                throw table.failure(
                    response, at: request.url, hiding: complete.hidden, now: clock.secondsSince1970())
            }
            do {
                return try JSONDecoder().decode(type, from: Data(response.body))
            } catch {
                throw table.failure(
                    unreadable: response, at: request.url,
                    hiding: request.isConfidential ? nil : complete.hidden)
            }
        }
    }

    /// The request with the credentials that it is sent with.
    func authorized(_ request: HTTPRequest) async throws(RequestFailure) -> HTTPRequest {
        var complete = request
        do {
            complete.credentials += try await authorizer.headers()
        } catch {
            throw RequestFailure(error)
        }
        let isPlain = request.url.scheme == .http && !request.url.isLoopback
        let isSecret = !complete.credentials.isEmpty || request.isConfidential
        guard !isSecret || !isPlain || allowsInsecure else {
            throw table.failure(TransportError(.insecure), at: request.url)
        }
        return complete
    }

    private func refresh(after rejected: [CredentialHeader]) async throws(RequestFailure) -> Bool {
        do {
            return try await authorizer.refresh(after: rejected)
        } catch {
            throw RequestFailure(error, status: 401)
        }
    }

    /// Sends a request, and follows redirections of reads that stay on the host.
    private func follow(_ request: HTTPRequest) async throws(RequestFailure) -> HTTPResponse {
        var request = request
        for _ in 0..<5 {
            let response = try await exchangeOnce(request)
            guard 300..<400 ~= response.status, let location = response.header("Location") else {
                return response
            }
            guard let target = request.url.redirected(to: location), request.method == .get else {
                let shown = TextExcerpt.of(location, hiding: request.hidden)
                throw table.failure(TransportError(.refusedRedirect, shown), at: request.url)
            }
            request.url = target
        }
        throw table.failure(TransportError(.refusedRedirect, "again and again"), at: request.url)
    }

    private func exchangeOnce(_ request: HTTPRequest) async throws(RequestFailure) -> HTTPResponse {
        let limiter = request.isWrite ? writes : reads
        guard let permit = await limiter.acquire() else {
            throw table.failure(TransportError(.cancelled), at: request.url)
        }
        let remaining = deadline.remaining
        guard remaining > .zero else {
            limiter.release(permit, .other)
            var failure = table.failure(TransportError(.timedOut), at: request.url)
            failure.error.message = "the time for the run is over"
            failure.error.hint = deadline.hint
            failure.retry = .never
            failure.mayHaveBeenDone = false
            throw failure
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
            throw table.failure(error, at: request.url)
        }
    }
}
