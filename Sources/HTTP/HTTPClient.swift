import FoundationEssentials
import Synchronization

/// Sends requests until they are answered: with credentials, with retries, and until the run's deadline.
package final class HTTPClient: Sendable {
    private let exchange: any HTTPExchange
    private let authorizer: any Authorizer
    private let service: ServiceDescription
    private let settings: HTTPSettings
    private let reads: RequestLimiter
    private let writes: RequestLimiter
    private let attempts = Atomic<Int>(0)

    private var deadline: RunDeadline { settings.deadline }
    private var policy: RetryPolicy { settings.policy }

    /// A client.
    ///
    /// - Parameters:
    ///   - exchange: Sends single requests.
    ///   - authorizer: Provides credentials.
    ///   - service: How errors describe the server.
    ///   - settings: How requests are sent.
    ///   - maximumConcurrency: The most reads, and the most writes, at a time.
    package init(
        exchange: any HTTPExchange, authorizer: any Authorizer, service: ServiceDescription,
        settings: HTTPSettings = HTTPSettings(), maximumConcurrency: Int = 64
    ) {
        self.exchange = exchange
        self.authorizer = authorizer
        self.service = service
        self.settings = settings
        reads = RequestLimiter(maximum: maximumConcurrency)
        writes = RequestLimiter(maximum: maximumConcurrency, adaptsToLatency: true)
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
            try await attempt(request, as: type)
        }
    }

    /// Sends a write that must take effect only once.
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
                try await attempt(request, as: type)
            }
        }
    }

    /// What a server answered that was only asked whether it is there.
    package struct Probe: Sendable {
        /// The answer, whatever its status.
        package let response: HTTPResponse
        /// How long it took.
        package let elapsed: Duration
        /// This machine's time when it came, in seconds since 1970.
        package let receivedAt: Int
    }

    /// Asks a server whether it is there: any answer will do, unless it says that it cannot answer now.
    ///
    /// - Parameters:
    ///   - request: A read.
    ///   - withCredentials: Whether it is sent with credentials.
    /// - Returns: The answer.
    /// - Throws: `HTTPError`, with `.unreachable` when the server keeps failing.
    package func probe(
        _ request: HTTPRequest, withCredentials: Bool = false
    ) async throws(HTTPError) -> Probe {
        try await retrying(request.url, lookUp: nil) { () async throws(HTTPError) in
            let request = withCredentials ? try await authorized(request) : request
            let start = settings.clock.now()
            let response = try await exchange(request)
            let receivedAt = settings.clock.secondsSince1970()
            guard response.isFromHealthyServer else {
                var error = service.error(
                    for: response, at: request.url, hiding: request.hidden, now: receivedAt)
                error.code = .unreachable
                throw error
            }
            return Probe(
                response: response, elapsed: settings.clock.now() - start, receivedAt: receivedAt)
        }
    }

    // MARK: - Retries

    /// Makes attempts until one succeeds, or another one is pointless or too late.
    private func retrying<Answer: Sendable>(
        _ url: HTTPURL, lookUp: (@Sendable () async throws(HTTPError) -> Answer?)?,
        _ attempt: () async throws(HTTPError) -> Answer
    ) async throws(HTTPError) -> Answer {
        var attempts = 0
        // The last failure after which a write may have taken effect.
        var lost: HTTPError?
        while true {
            let failure: HTTPError
            do throws(HTTPError) {
                if let lost, let lookUp, let found = try await lookedUp(lookUp, after: lost) { return found }
                do throws(HTTPError) {
                    return try await attempt()
                } catch {
                    if error.outcomeIsUnknown { lost = error }
                    throw error
                }
            } catch {
                failure = error
            }
            attempts += 1
            var delay = policy.delay(afterAttempt: attempts, failure)
            if lookUp != nil, failure.mayStillComplete { delay = delay.map { max($0, policy.settling) } }
            guard let delay, delay < deadline.remaining else {
                // An earlier attempt may have taken effect since, which may be why this one is refused.
                if lost != nil, let lookUp, let found = try? await lookUp() { return found }
                throw final(
                    failure, attempts: attempts, isLost: lost != nil, isOnceOnly: lookUp != nil,
                    isOutOfTime: delay != nil)
            }
            do {
                try await settings.clock.sleep(delay)
            } catch {
                throw service.error(for: TransportError(.cancelled), at: url)
            }
        }
    }

    /// What a write created whose answer was lost; nil when it created nothing.
    ///
    /// As long as the lookup fails, the write is not sent again, and its own failure is the one to report.
    private func lookedUp<Answer>(
        _ lookUp: @Sendable () async throws(HTTPError) -> Answer?, after lost: HTTPError
    ) async throws(HTTPError) -> Answer? {
        do throws(HTTPError) {
            return try await lookUp()
        } catch {
            // A refusal says more than the lost answer.
            guard error.retry != .never else { throw error }
            var failure = lost
            failure.message += ", and could not be looked up: \(error.message)"
            throw failure
        }
    }

    /// The error after the last attempt.
    private func final(
        _ failure: HTTPError, attempts: Int, isLost: Bool, isOnceOnly: Bool, isOutOfTime: Bool
    ) -> HTTPError {
        var failure = failure
        if failure.retry != .never, attempts > 1, !failure.message.hasSuffix(" attempts)") {
            failure.message += " (\(attempts) attempts)"
        }
        // An earlier attempt may have taken effect, too.
        failure.outcomeIsUnknown = failure.outcomeIsUnknown || isLost
        // What to do about credentials or permissions comes first.
        if isLost, isOnceOnly, failure.code == .unreachable || failure.hint == nil {
            failure.hint = "it may have taken effect, or still may: wait a moment, then run the job again"
        } else if isOutOfTime {
            failure.hint = (failure.hint.map { $0 + "; " } ?? "") + deadline.hint
        }
        return failure
    }

    // MARK: - One attempt

    /// Sends a request, and once more where fresh credentials can be had.
    private func attempt<Answer: Decodable & Sendable>(
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
                    for: response, at: request.url, hiding: complete.hidden,
                    now: settings.clock.secondsSince1970())
            }
            do {
                let decoder = JSONDecoder()
                decoder.keyDecodingStrategy = .convertFromSnakeCase
                return try decoder.decode(type, from: Data(response.body))
            } catch {
                throw service.error(
                    forUnreadable: response, at: request.url,
                    hiding: request.isConfidential ? nil : complete.hidden)
            }
        }
    }

    /// The request with credentials.
    private func authorized(_ request: HTTPRequest) async throws(HTTPError) -> HTTPRequest {
        var complete = request
        do {
            complete.credentials += try await authorizer.headers()
        } catch {
            throw Self.unsent(error)
        }
        let isPlain = request.url.scheme == .http && !request.url.isLoopback
        let isSecret = !complete.credentials.isEmpty || request.isConfidential
        guard !isSecret || !isPlain || settings.allowsInsecure else {
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

    /// The error for a request without credentials to send it with: the authorizer has retried enough.
    private static func unsent(_ error: HTTPError, status: Int? = nil) -> HTTPError {
        var unsent = HTTPError(error.code, error.message, hint: error.hint)
        unsent.status = status
        return unsent
    }

    /// Sends a request, and follows redirects of reads that stay on the host.
    private func follow(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        var request = request
        for _ in 0..<5 {
            let response = try await exchange(request)
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

    private func exchange(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        let limiter = request.isWrite ? writes : reads
        guard let permit = await limiter.acquire() else {
            throw service.error(for: TransportError(.cancelled), at: request.url)
        }
        var limit = min(deadline.remaining, policy.attemptTimeout)
        guard limit > .zero else {
            limiter.release(permit, .other)
            throw HTTPError(.unreachable, "the run has exceeded its time limit", hint: deadline.hint)
        }
        if request.isWrite { limit = max(limit, policy.writeGrace) }
        attempts.add(1, ordering: .relaxed)
        let start = ContinuousClock.now
        let result: Result<HTTPResponse, TransportError>
        do {
            result = .success(try await exchange.send(request, within: limit))
        } catch {
            result = .failure(error)
        }
        let elapsed = ContinuousClock.now - start
        let response = try? result.get()
        limiter.release(permit, RequestLimiter.Outcome(response, elapsed))
        settings.onAttempt?(
            HTTPAttempt(
                method: request.method.rawValue, path: request.url.path, subject: request.subject,
                status: response?.status, duration: elapsed))
        do { return try result.get() } catch { throw service.error(for: error, at: request.url) }
    }
}
