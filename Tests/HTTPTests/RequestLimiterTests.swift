import ServerFixtures
import Synchronization
import Testing

@testable import HTTP

@Suite struct RequestLimiterTests {
    @Test func halvesOnceForRequestsThatWereUnderWayTogether() async throws {
        let limiter = RequestLimiter(maximum: 8)
        var permits: [RequestLimiter.Permit] = []
        for _ in 0..<8 { permits.append(try #require(await limiter.acquire())) }
        for permit in permits { limiter.release(permit, .throttled) }
        #expect(limiter.limit == 4)
        let later = try #require(await limiter.acquire())
        limiter.release(later, .throttled)
        #expect(limiter.limit == 1)
        let last = try #require(await limiter.acquire())
        limiter.release(last, .throttled)
        #expect(limiter.limit == 1)
    }

    @Test func growsBackByOneForEachRoundOfSuccesses() async throws {
        let limiter = RequestLimiter(maximum: 4)
        limiter.release(try #require(await limiter.acquire()), .throttled)
        #expect(limiter.limit == 1)
        var limits: [Int] = []
        for _ in 0..<12 {
            limiter.release(try #require(await limiter.acquire()), .succeeded(.zero))
            limits.append(limiter.limit)
        }
        #expect(limits.first == 2)
        #expect(limits.last == 4)
        #expect(limits == limits.sorted())
    }

    @Test func writesThatAreNoSlowerTogetherGetAsManyAsThereMayBe() async throws {
        let limiter = RequestLimiter(maximum: 8, adaptsToLatency: true)
        #expect(limiter.limit == 2)
        try await send(8, through: limiter) { _ in .milliseconds(60) }
        #expect(limiter.limit == 8)
    }

    @Test(arguments: [1, 2, 3]) func writesThatWaitForOthersStayFew(workers: Int) async throws {
        let limiter = RequestLimiter(maximum: 16, adaptsToLatency: true)
        try await send(200, through: limiter) { .milliseconds(10) * max(1, Double($0) / Double(workers)) }
        // As many as are worked on, and two to four that wait.
        #expect((workers + 2)...(workers + 4) ~= limiter.limit)
    }

    @Test func writesThatComeToWaitBecomeFewer() async throws {
        let limiter = RequestLimiter(maximum: 8, adaptsToLatency: true)
        try await send(20, through: limiter) { _ in .milliseconds(10) }
        #expect(limiter.limit == 8)
        try await send(200, through: limiter) { .milliseconds(10) * $0 }
        #expect(3...5 ~= limiter.limit)
        try await send(200, through: limiter) { _ in .seconds(3600) }
        #expect(1...5 ~= limiter.limit)
    }

    @Test func whatIsRefusedAtOnceSaysNothingAboutTheTimeOfWork() async throws {
        let limiter = RequestLimiter(maximum: 8, adaptsToLatency: true)
        for _ in 0..<20 { limiter.release(try #require(await limiter.acquire()), .refused) }
        #expect(limiter.limit == 2)
        try await send(8, through: limiter) { _ in .milliseconds(60) }
        #expect(limiter.limit == 8)
        let reads = RequestLimiter(maximum: 4)
        reads.release(try #require(await reads.acquire()), .throttled)
        for _ in 0..<12 { reads.release(try #require(await reads.acquire()), .refused) }
        #expect(reads.limit == 4)
    }

    @Test func aNumberThatIsNotMadeUseOfDoesNotGrow() async throws {
        let limiter = RequestLimiter(maximum: 8, adaptsToLatency: true)
        for _ in 0..<20 {
            limiter.release(try #require(await limiter.acquire()), .succeeded(.milliseconds(10)))
        }
        #expect(limiter.limit == 2)
    }

    /// Always has as many under way as are let through; the oldest ends, in the time that so many together take.
    private func send(
        _ count: Int, through limiter: RequestLimiter, time: (Int) -> Duration
    ) async throws {
        var underWay: [RequestLimiter.Permit] = []
        for _ in 0..<count {
            while underWay.count < limiter.limit { underWay.append(try #require(await limiter.acquire())) }
            limiter.release(underWay.removeFirst(), .succeeded(time(underWay.count + 1)))
        }
        for permit in underWay { limiter.release(permit, .other) }
    }

    @Test func failuresSayNothingAboutHowManyItBears() async throws {
        let limiter = RequestLimiter(maximum: 8)
        limiter.release(try #require(await limiter.acquire()), .other)
        #expect(limiter.limit == 8)
    }

    @Test func neverLetsMoreThroughThanAllowed() async throws {
        let counts = Mutex((now: 0, most: 0))
        let exchange = ExchangeDouble { _, _ in
            counts.withLock {
                $0.now += 1
                $0.most = max($0.most, $0.now)
            }
            for _ in 0..<5 { await Task.yield() }
            counts.withLock { $0.now -= 1 }
            return .answer(200, #"{"value": 1}"#)
        }
        let double = ClientDouble(exchange, maximumConcurrency: 3)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<30 { group.addTask { _ = try await double.get() } }
            try await group.waitForAll()
        }
        #expect(counts.withLock { $0.most } == 3)
        #expect(double.client.requestCount == 30)
    }

    @Test func aServerThatAsksForFewerGetsFewerUntilItIsWell() async throws {
        struct Counts {
            var arrived = 0
            var now = 0
            var afterRefusal: [Int] = []
            var isMany = false
        }
        let counts = Mutex(Counts())
        let exchange = ExchangeDouble { _, index in
            counts.withLock {
                $0.arrived += 1
                $0.now += 1
                if index >= 8 { $0.afterRefusal.append($0.now) }
            }
            defer { counts.withLock { $0.now -= 1 } }
            guard index >= 8 else {
                // The first eight are under way together.
                while counts.withLock({ $0.arrived < 8 }) { await Task.yield() }
                return .answer(429, "{}", ["Retry-After": "0"])
            }
            // Much later, some wait until there are many of them again; should that never be, they give up.
            for _ in 0..<1_000_000 where index >= 120 {
                let isMany = counts.withLock { counts in
                    counts.isMany = counts.isMany || counts.now > 4
                    return counts.isMany
                }
                if isMany { break }
                await Task.yield()
            }
            return .answer(200, #"{"value": 1}"#)
        }
        let double = ClientDouble(exchange, maximumConcurrency: 8)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<200 { group.addTask { _ = try await double.get() } }
            try await group.waitForAll()
        }
        let afterRefusal = counts.withLock { $0.afterRefusal }
        #expect(afterRefusal.count == 200)
        // Before four have succeeded, there is room for no more than half.
        #expect(afterRefusal.prefix(4).allSatisfy { $0 <= 4 })
        #expect(counts.withLock { $0.isMany })
    }

    @Test func aCancelledTaskWaitsNoLonger() async throws {
        let limiter = RequestLimiter(maximum: 1)
        let permit = try #require(await limiter.acquire())
        let waiting = Task { await limiter.acquire() == nil }
        waiting.cancel()
        #expect(await waiting.value)
        limiter.release(permit, .succeeded(.zero))
        #expect(await limiter.acquire() != nil)
    }
}
