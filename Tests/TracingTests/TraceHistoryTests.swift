import RegistryFixtures
import Testing

@testable import Tracing

struct TraceHistoryTests {
    private static let begin = 1_760_000_000_000

    private static func trace(_ time: Int, latency: Int, cost: Double? = nil) -> ReadTrace {
        var trace = ReadTrace(id: "\(time)", time: time, state: "OK", usage: nil, price: nil, tags: [:])
        (trace.latency, trace.cost) = (latency, cost)
        return trace
    }

    private static func history(_ traces: [ReadTrace]) -> TraceHistory {
        traces.reduce(into: TraceHistory()) { $0.add($1) }
    }

    /// Whatever the order, and however much time lies between them, the means of the periods are those of their traces.
    @Test(arguments: [1, 37, 1_000, 60_000, 3_600_000, 86_400_000, 40_000_000_000], [false, true])
    func meansOfPeriods(distance: Int, isShuffled: Bool) {
        var generator = SeededGenerator(seed: UInt64(distance))
        var traces = (0..<300).map { index in
            Self.trace(
                Self.begin + index * distance, latency: Int.random(in: 1...900, using: &generator),
                cost: index.isMultiple(of: 3) ? Double(index) / 100 : nil)
        }
        if isShuffled { traces.shuffle(using: &generator) }
        let history = Self.history(traces)
        let (starts, periods) = TraceHistory.aligned([history])
        #expect(1...TraceHistory.mostPeriods ~= starts.count)
        // No shorter period would do.
        let span = Self.begin...Self.begin + 299 * distance
        #expect(history.length == TraceHistory.length(of: span))
        for (start, period) in zip(starts, periods[0]) {
            let own = traces.filter { start..<start + history.length * 1_000 ~= $0.time }
            #expect((period == nil) == own.isEmpty)
            Self.expectMean(period?.latency.value, own.compactMap { $0.latency.map(Double.init) })
            Self.expectMean(period?.cost.value, own.compactMap(\.cost))
            #expect(period?.tokens.value == nil)
        }
    }

    private static func expectMean(_ found: Double?, _ values: [Double]) {
        guard let found, !values.isEmpty else {
            #expect(found == nil && values.isEmpty)
            return
        }
        #expect(abs(found - values.reduce(0, +) / Double(values.count)) < 1e-6)
    }

    @Test func historiesAreAlignedByTheLongestPeriods() {
        let short = Self.history((0..<5).map { Self.trace(Self.begin + $0 * 1_000, latency: 100) })
        let long = Self.history((0..<30).map { Self.trace(Self.begin + $0 * 60_000, latency: 300) })
        #expect((short.length, long.length) == (1, 60))
        let (starts, periods) = TraceHistory.aligned([short, TraceHistory(), long])
        #expect(starts.count == 30 || starts.count == 31)
        #expect(periods.map { $0.compactMap { $0?.latency.value } }.map(Set.init) == [[100], [], [300]])
        #expect(periods[0].compactMap(\.self).count == 1)
    }

    @Test func twoThatAreFarApartShareLongPeriods() {
        let (starts, periods) = TraceHistory.aligned([
            Self.history([Self.trace(1, latency: 1)]),
            Self.history([Self.trace(253_402_300_799_999, latency: 2)]),
        ])
        #expect(2...TraceHistory.mostPeriods ~= starts.count && periods.count == 2)
    }

    @Test func aTraceWithoutATimeIsNowhere() {
        #expect(Self.history([Self.trace(0, latency: 1)]) == TraceHistory())
        #expect(
            TraceHistory.aligned([TraceHistory()]).starts.isEmpty && TraceHistory.aligned([]).starts.isEmpty)
    }
}
