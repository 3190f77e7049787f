import Synchronization
import Testing

@testable import Support

@Suite("Bounded concurrency")
struct ConcurrencyTests {
    private struct Failure: Error, Equatable { let item: Int }

    @Test("Results come in the order of the items, and no more than the limit run at a time")
    func order() async throws {
        let running = Mutex((now: 0, most: 0))
        let squares = try await concurrentMap(Array(0..<50), limit: 4) { (item) async throws(Failure) in
            running.withLock {
                $0.now += 1
                $0.most = max($0.most, $0.now)
            }
            for _ in 0..<(item % 7) { await Task.yield() }
            running.withLock { $0.now -= 1 }
            return item * item
        }
        #expect(squares == (0..<50).map { $0 * $0 })
        #expect((2...4).contains(running.withLock(\.most)))
    }

    @Test("The first failure is thrown, and nothing further is started")
    func failure() async {
        let started = Mutex<Set<Int>>([])
        await #expect(throws: Failure(item: 3)) {
            try await concurrentMap(Array(0..<100), limit: 1) { (item) async throws(Failure) in
                started.withLock { _ = $0.insert(item) }
                if item == 3 { throw Failure(item: item) }
                return item
            }
        }
        #expect(started.withLock(\.self) == [0, 1, 2, 3])
    }

    @Test("After a result that ends the work, what is under way is finished and nothing further is started")
    func ending() async {
        var results: [Int] = []
        await forEachConcurrently(Array(0..<100), limit: 2) {
            $0
        } onResult: { _, output in
            results.append(output)
            return false
        }
        #expect(results.sorted() == [0, 1])
    }
}
