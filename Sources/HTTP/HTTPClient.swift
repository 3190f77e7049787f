import FoundationEssentials
import Synchronization

/// Sends requests until they are answered: with credentials, with retries, and until the run's deadline.
package final class HTTPClient: Sendable {
    let exchange: any HTTPExchange
    let authorizer: any Authorizer
    let service: ServiceDescription
    let settings: HTTPSettings
    let reads: RequestLimiter
    let writes: RequestLimiter
    let attempts = Atomic<Int>(0)

    /// How persistent the requests of a task are.
    enum Patience { case full, lookUp, repeated, brief }

    /// The task's patience. A lookup of a lost write, and work that is repeated as a whole, have less than others: whoever
    /// asks for it tries again.
    @TaskLocal static var patience = Patience.full

    /// The deadline of the task's own requests, in place of the client's.
    @TaskLocal private static var ownDeadline: RunDeadline?

    /// Until when requests are retried.
    package var deadline: RunDeadline { Self.ownDeadline ?? settings.deadline }
    var policy: RetryPolicy { settings.policy }

    /// A client.
    ///
    /// - Parameters:
    ///   - exchange: Sends single requests.
    ///   - authorizer: Provides credentials.
    ///   - service: How errors describe the server.
    ///   - settings: How requests are sent.
    ///   - maximumConcurrency: The most reads, and the most writes, at a time.
    ///   - slowsWrites: Whether fewer writes are sent at a time where they take longer: they may wait for each other.
    package init(
        exchange: any HTTPExchange, authorizer: any Authorizer, service: ServiceDescription,
        settings: HTTPSettings = HTTPSettings(), maximumConcurrency: Int = 64, slowsWrites: Bool = true
    ) {
        self.exchange = exchange
        self.authorizer = authorizer
        self.service = service
        self.settings = settings
        reads = RequestLimiter(maximum: maximumConcurrency)
        writes = RequestLimiter(maximum: maximumConcurrency, adaptsToLatency: slowsWrites)
    }

    /// Gives the requests of some work a deadline of their own, as where a client outlives every one of its tasks.
    ///
    /// - Parameters:
    ///   - limit: How long the work may take in all.
    ///   - remedy: How there may be more time; nil where nothing helps but a faster server.
    ///   - isRepeated: Whether the caller repeats work that fails, so that each request gets few attempts.
    ///   - work: The work.
    /// - Returns: What the work returns.
    package static func within<Output: Sendable>(
        _ limit: Duration, remedy: String? = nil, isRepeated: Bool = false,
        _ work: @Sendable () async -> Output
    ) async -> Output {
        await $ownDeadline.withValue(RunDeadline(total: limit, remedy: remedy)) {
            await $patience.withValue(isRepeated ? .repeated : patience) { await work() }
        }
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
        try await retrying(request.url) { () async throws(HTTPError) in
            try await attempt(request, as: type)
        }.answer
    }

    /// How a write that must take effect only once was answered.
    package struct OnceAnswer<Answer: Sendable>: Sendable {
        /// The answer, or what was found.
        package let answer: Answer
        /// Whether no attempt was answered, so that this was looked up.
        package let isLookedUp: Bool
        /// Whether another attempt may have taken effect as well, or still may.
        package let mayBeRepeated: Bool
    }

    /// Sends a write that must take effect only once.
    ///
    /// When its answer is lost, what it may have created is looked up before it is sent again; and for as long as the
    /// server may still be working on it, looked up again.
    ///
    /// - Parameters:
    ///   - request: The request, without credentials.
    ///   - type: What the answer's JSON holds.
    ///   - looksFirst: Whether to look before every further attempt, also where the last one cannot have taken effect:
    ///     what the write is to change may have been changed by something else meanwhile.
    ///   - isRefusedTwice: Whether the server refuses the same request after it took effect, so that an attempt that
    ///     takes effect late does no harm.
    ///   - lookUp: Looks for what the request creates, by something that only this request can have written; nil
    ///     when it is not there.
    /// - Returns: The answer, or what was found.
    /// - Throws: `HTTPError` when it is refused, or keeps failing; `outcomeIsUnknown` says whether an attempt may have
    ///   taken effect all the same.
    package func sendOnce<Answer: Decodable & Sendable>(
        _ request: HTTPRequest, as type: Answer.Type, looksFirst: Bool = false, isRefusedTwice: Bool = false,
        lookUp: @Sendable () async throws(HTTPError) -> Answer?
    ) async throws(HTTPError) -> OnceAnswer<Answer> {
        try await withoutActuallyEscaping(lookUp) { lookUp async throws(HTTPError) in
            try await retrying(
                request.url, looksFirst: looksFirst, settles: !isRefusedTwice, lookUp: lookUp
            ) {
                () async throws(HTTPError) in
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
        try await retrying(request.url) { () async throws(HTTPError) in
            let request = withCredentials ? try await authorized(request) : request
            let start = settings.clock.now()
            let response = try await exchange(request)
            let receivedAt = settings.clock.secondsSince1970()
            guard response.isFromHealthyServer else {
                var error = error(for: response, to: request)
                error.code = .unreachable
                throw error
            }
            return Probe(
                response: response, elapsed: settings.clock.now() - start, receivedAt: receivedAt)
        }.answer
    }

    /// Asks a server something that can be done without: a few times, and not for long.
    ///
    /// - Parameters:
    ///   - request: A read.
    ///   - withCredentials: Whether it is sent with credentials.
    /// - Returns: The answer, whatever its status; nil when there is none.
    package func briefProbe(_ request: HTTPRequest, withCredentials: Bool = false) async -> Probe? {
        await Self.$patience.withValue(.brief) {
            try? await probe(request, withCredentials: withCredentials)
        }
    }

    // MARK: - Retries

    /// Looks for what a write created.
    private typealias LookUp<Answer> = @Sendable () async throws(HTTPError) -> Answer?

    /// The last failure after which a write may have taken effect.
    private struct LostWrite {
        var failure: HTTPError
        /// Until when the server may still be working on it.
        var settles: Duration
        /// How many attempts may have taken effect.
        var count: Int
    }

    /// Makes attempts until one succeeds, or another one is pointless or too late.
    private func retrying<Answer: Sendable>(
        _ url: HTTPURL, looksFirst: Bool = false, settles: Bool = false, lookUp: LookUp<Answer>? = nil,
        _ attempt: () async throws(HTTPError) -> Answer
    ) async throws(HTTPError) -> OnceAnswer<Answer> {
        var attempts = 0
        var lost: LostWrite?
        while true {
            let failure: HTTPError
            do throws(HTTPError) {
                if let lost, let lookUp, let found = try await lookedUp(lookUp, after: lost, at: url) {
                    return OnceAnswer(answer: found, isLookedUp: true, mayBeRepeated: lost.count > 1)
                }
                if looksFirst, attempts > 0, lost == nil, let lookUp, let found = try await Self.once(lookUp)
                {
                    return OnceAnswer(answer: found, isLookedUp: true, mayBeRepeated: false)
                }
                do throws(HTTPError) {
                    return OnceAnswer(
                        answer: try await attempt(), isLookedUp: false, mayBeRepeated: lost != nil)
                } catch {
                    if error.outcomeIsUnknown { lost = lostWrite(error, after: lost, settles: settles) }
                    throw error
                }
            } catch {
                failure = error
            }
            attempts += 1
            var delay = policy.delay(afterAttempt: attempts, failure, Self.patience)
            if lookUp != nil, failure.mayStillComplete { delay = delay.map { max($0, policy.settling) } }
            guard let delay, delay < deadline.remaining else {
                // An earlier attempt may have taken effect since, which may be why this one is refused.
                if let lost, let lookUp, let found = try? await Self.once(lookUp) {
                    return OnceAnswer(answer: found, isLookedUp: true, mayBeRepeated: lost.count > 1)
                }
                throw final(
                    failure, attempts: attempts, isLost: lost != nil, isOnceOnly: lookUp != nil,
                    isOutOfTime: delay != nil)
            }
            settings.onWait?(failure.message, delay)
            try await sleep(delay, url, after: failure)
        }
    }

    private func lostWrite(
        _ failure: HTTPError, after earlier: LostWrite?, settles: Bool
    ) -> LostWrite {
        let settling =
            settles && failure.mayStillComplete ? policy.settlingTime(within: deadline.remaining) : .zero
        return LostWrite(
            failure: failure, settles: settings.clock.now() + settling, count: (earlier?.count ?? 0) + 1)
    }

    /// What a write created whose answer was lost; nil when it created nothing, and can no longer be expected to.
    ///
    /// As long as the lookup fails, the write is not sent again, and its own failure is the one to report.
    private func lookedUp<Answer: Sendable>(
        _ lookUp: LookUp<Answer>, after lost: LostWrite, at url: HTTPURL
    ) async throws(HTTPError) -> Answer? {
        var wait = policy.settling
        while true {
            let isLast = settings.clock.now() + wait >= lost.settles
            do throws(HTTPError) {
                if let found = try await Self.once(lookUp) { return found }
                if isLast { return nil }
            } catch {
                // A refusal says more than the lost answer.
                guard error.retry != .never else { throw error }
                var failure = lost.failure
                failure.message += ", and could not be looked up: \(error.message)"
                if isLast { throw failure }
            }
            settings.onWait?(lost.failure.message, wait)
            try await sleep(wait, url, after: lost.failure)
            wait = min(wait * 2, policy.longestSettlingWait)
        }
    }

    /// Looks up once, with few attempts for each of its requests: the write's retries repeat it.
    private static func once<Answer: Sendable>(_ lookUp: LookUp<Answer>) async throws(HTTPError) -> Answer? {
        let result: Result<Answer?, HTTPError> = await $patience.withValue(.lookUp) {
            do throws(HTTPError) { return .success(try await lookUp()) } catch { return .failure(error) }
        }
        return try result.get()
    }

    private func sleep(
        _ delay: Duration, _ url: HTTPURL, after failure: HTTPError
    ) async throws(HTTPError) {
        let hasSlept = await deadline.cuttingOff { [settings] in
            do { try await settings.clock.sleep(delay) } catch { return false }
            return true
        }
        guard hasSlept else {
            var error = service.error(for: TransportError(.cancelled), at: url)
            error.elapsed = failure.elapsed
            throw error
        }
    }

    /// The error after the last attempt.
    private func final(
        _ failure: HTTPError, attempts: Int, isLost: Bool, isOnceOnly: Bool, isOutOfTime: Bool
    ) -> HTTPError {
        var failure = failure
        if failure.retry != .never, attempts > 1, Self.patience == .full,
            !failure.message.hasSuffix(" attempts)")
        {
            failure.message += " (\(attempts) attempts)"
        }
        // An earlier attempt may have taken effect, too.
        failure.outcomeIsUnknown = failure.outcomeIsUnknown || isLost
        // What to do about credentials or permissions comes first.
        if isLost, isOnceOnly, failure.code == .unreachable || failure.hint == nil {
            failure.hint = "it may have taken effect, or still may: wait a moment, then run the job again"
        } else if isOutOfTime, !deadline.isInterrupted {
            failure.hint = (failure.hint.map { $0 + "; " } ?? "") + deadline.hint
        }
        return failure
    }
}
