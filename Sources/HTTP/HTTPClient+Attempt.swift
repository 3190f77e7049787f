import FoundationEssentials
import Synchronization

// One attempt at a request: with credentials, within limits, and after redirects that stay on the host.
extension HTTPClient {
    /// Sends a request, and once more where fresh credentials can be had.
    func attempt<Answer: Decodable & Sendable>(
        _ request: HTTPRequest, as type: Answer.Type
    ) async throws(HTTPError) -> Answer {
        var hasRefreshed = false
        while true {
            let complete = try await authorized(request)
            // Whoever gets to know them may tell them to whoever answers next.
            if request.isConfidential { settings.secrets.add(complete.hidden) }
            let response = try await follow(complete, of: request)
            if response.status == 401, !hasRefreshed {
                hasRefreshed = true
                if try await refresh(after: complete.credentials) { continue }
            }
            guard 200..<300 ~= response.status else { throw error(for: response, to: complete) }
            if let answer = StatusOnly() as? Answer { return answer }
            if let answer = WholeAnswer(response) as? Answer { return answer }
            let answer: Answer
            do {
                let decoder = JSONDecoder()
                decoder.keyDecodingStrategy = .convertFromSnakeCase
                answer = try decoder.decode(type, from: Data(response.body))
            } catch {
                throw service.error(
                    forUnreadable: response, at: request.url,
                    hiding: request.isConfidential ? nil : hidden(in: complete))
            }
            if let wanted = request.subject, let other = (answer as? any AnswerAbout)?.subject,
                !other.isName(wanted)
            {
                throw service.error(
                    forAnswerAbout: other, insteadOf: wanted, hiding: hidden(in: complete))
            }
            return answer
        }
    }

    /// What must not be shown of an answer: what the request says of who is asking, a proxy's password, and what others
    /// were sent.
    func hidden(in request: HTTPRequest) -> [Secret] {
        request.hidden + (exchange.proxySecrets(for: request.url) ?? []) + settings.secrets.all
    }

    /// The error for an answer with a status other than 2xx.
    func error(for response: HTTPResponse, to request: HTTPRequest) -> HTTPError {
        let isThroughProxy = request.url.scheme == .http && exchange.proxySecrets(for: request.url) != nil
        return service.error(
            for: response, at: request.url, hiding: hidden(in: request), isThroughProxy: isThroughProxy,
            now: settings.clock.secondsSince1970())
    }

    /// The request with credentials.
    func authorized(_ request: HTTPRequest) async throws(HTTPError) -> HTTPRequest {
        var complete = request
        do {
            complete.credentials += try await authorizer.headers(for: request)
        } catch {
            throw Self.unsent(error)
        }
        let isPlain = request.url.scheme == .http && !request.url.isLoopback
        let isSecret = !complete.credentials.isEmpty || request.isConfidential
        guard !isSecret || !isPlain || settings.allowsInsecure else {
            var error = service.error(for: TransportError(.insecure), at: request.url)
            error.hint =
                request.isConfidential
                ? "use https://: what a token is asked for with crosses no network in plain text"
                : "use https://, or allow it with \(settings.insecureFlag)"
            throw error
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

    /// Sends a request with its credentials, and follows redirects of reads that stay on the host: with the credentials
    /// that the request without any gets for the other path.
    private func follow(
        _ request: HTTPRequest, of bare: HTTPRequest
    ) async throws(HTTPError) -> HTTPResponse {
        var (request, bare) = (request, bare)
        for _ in 0..<5 {
            let response = try await exchange(request)
            guard 300..<400 ~= response.status, let location = response.header("Location") else {
                return response
            }
            guard let target = request.url.redirected(to: location), request.method == .get else {
                let shown = TextExcerpt.of(
                    String(location.prefix(4096)), hiding: hidden(in: request), isCut: true)
                throw service.error(for: TransportError(.refusedRedirect, shown), at: request.url)
            }
            bare.url = target
            request = try await authorized(bare)
        }
        throw service.error(for: TransportError(.refusedRedirect, "again and again"), at: request.url)
    }

    func exchange(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        let limiter = request.isWrite ? writes : reads
        guard let permit = await limiter.acquire() else {
            throw service.error(for: TransportError(.cancelled), at: request.url)
        }
        var limit = min(
            deadline.remaining, Self.patience == .brief ? policy.briefTimeout : policy.attemptTimeout)
        guard limit > .zero else {
            limiter.release(permit, .other)
            if deadline.isInterrupted {
                throw HTTPError(.failed, "the run was interrupted before this was asked")
            }
            throw HTTPError(.unreachable, "the run has exceeded its time limit", hint: deadline.hint)
        }
        // Cut off, the outcome of a write is unknown; but who interrupts a run does not wait for that.
        if request.isWrite, !deadline.isInterrupted { limit = max(limit, policy.writeGrace) }
        attempts.add(1, ordering: .relaxed)
        let start = ContinuousClock.now
        let result = await deadline.cuttingOff(isWrite: request.isWrite) { [exchange, limit] in
            do throws(TransportError) {
                return Result<HTTPResponse, TransportError>.success(
                    try await exchange.send(request, within: limit))
            } catch {
                return .failure(error)
            }
        }
        let elapsed = ContinuousClock.now - start
        let response = try? result.get()
        if response != nil { deadline.noteAnswer(after: elapsed, isWrite: request.isWrite) }
        limiter.release(permit, RequestLimiter.Outcome(response, elapsed))
        settings.onAttempt?(
            HTTPAttempt(
                method: request.method.rawValue, path: request.shownPath, subject: request.subjectBesidesPath,
                status: response?.status, duration: elapsed))
        do {
            var response = try result.get()
            response.elapsed = elapsed
            return response
        } catch {
            var failure = service.error(for: error, at: request.url)
            failure.elapsed = elapsed
            if request.receiver?.hasTaken ?? false { failure.retry = .never }
            throw failure
        }
    }
}
