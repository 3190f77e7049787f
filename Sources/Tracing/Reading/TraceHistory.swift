/// How the figures of a version went over time: their means in periods of one length.
///
/// The periods get longer with the time that the traces span, so that there are never many. They are counted from 1970, as
/// MLflow counts them, and each length divides the next one, so that shorter periods can be joined.
package struct TraceHistory: Hashable, Sendable {
    /// What the traces of a period say.
    package struct Period: Hashable, Sendable {
        /// How long they took, in milliseconds.
        package var latency = Mean()
        /// How many tokens they had, those of requests and of answers.
        package var tokens = Mean()
        /// What they cost, in dollars.
        package var cost = Mean()

        mutating func join(_ other: Period) {
            latency.join(other.latency)
            tokens.join(other.tokens)
            cost.join(other.cost)
        }
    }

    /// The mean of numbers of which only the sum is kept.
    package struct Mean: Hashable, Sendable {
        private var (count, sum) = (0, 0.0)

        /// The mean; nil of no numbers.
        package var value: Double? { count == 0 ? nil : sum / Double(count) }

        /// The mean of no numbers.
        init() {}

        /// A mean that is known; nil: of no numbers.
        init(_ value: Double?, of count: Int) {
            guard let value, count > 0 else { return }
            (self.count, sum) = (count, value * Double(count))
        }

        mutating func join(_ other: Mean) {
            count += other.count
            sum += other.sum
        }
    }

    /// The most periods from the first to the last.
    static let mostPeriods = 40
    /// The lengths of periods, in seconds; beyond the last one, each is four times as long.
    private static let lengths = [1, 10, 60, 600, 3_600, 21_600, 86_400, 604_800, 2_419_200]

    /// How long a period is, in seconds.
    package private(set) var length: Int
    /// The periods that have traces, by their number since 1970.
    private var periods: [Int: Period] = [:]

    /// A history without traces.
    package init() { length = Self.lengths[0] }

    /// A history of the periods that a server tells.
    ///
    /// - Parameters:
    ///   - length: How long each is, in seconds.
    ///   - periods: What they say, by the milliseconds of 1970 at which they begin.
    init(length: Int, _ periods: [Int: Period]) {
        self.length = length
        for (start, period) in periods { self.periods[Self.number(of: start, length)] = period }
    }

    /// Adds a trace.
    mutating func add(_ trace: ReadTrace) {
        // One whose time is not known has none.
        guard trace.time > 0 else { return }
        let both = trace.inputTokens.flatMap { input in trace.outputTokens.map { input + $0 } }
        let period = Period(
            latency: Mean(trace.latency.map(Double.init), of: 1),
            tokens: Mean(trace.totalTokens ?? both, of: 1),
            cost: Mean(trace.cost, of: 1))
        periods[Self.number(of: trace.time, length), default: Period()].join(period)
        // The span changes with a new period alone.
        if periods.count > 1, span.count > Self.mostPeriods { self = joined(to: Self.length(from: self)) }
    }

    /// The histories with periods of one length, which are few.
    ///
    /// - Parameter histories: The histories.
    /// - Returns: When each period begins, from the first to the last one, in milliseconds since 1970; and each history's
    ///   periods at those times, nil where it has none.
    package static func aligned(_ histories: [TraceHistory]) -> (starts: [Int], periods: [[Period?]]) {
        var histories = histories
        var length = histories.map(\.length).max() ?? lengths[0]
        while true {
            histories = histories.map { $0.joined(to: length) }
            let numbers = histories.flatMap(\.periods.keys)
            guard let first = numbers.min(), let last = numbers.max() else { return ([], []) }
            if last - first < mostPeriods {
                return (
                    (first...last).map { $0 * length * 1_000 },
                    histories.map { history in (first...last).map { history.periods[$0] } }
                )
            }
            length = next(after: length)
        }
    }

    /// The shortest length, in seconds, of which few periods cover a time.
    ///
    /// - Parameter span: The time, in milliseconds since 1970.
    /// - Returns: The length.
    static func length(of span: ClosedRange<Int>) -> Int {
        var length = lengths[0]
        while number(of: span.upperBound, length) - number(of: span.lowerBound, length) >= mostPeriods {
            length = next(after: length)
        }
        return length
    }

    private var span: ClosedRange<Int> {
        let (first, last) = (periods.keys.min() ?? 0, periods.keys.max() ?? 0)
        return first...last
    }

    private static func length(from history: TraceHistory) -> Int {
        let scale = history.length * 1_000
        return length(of: history.span.lowerBound * scale...history.span.upperBound * scale)
    }

    private func joined(to length: Int) -> TraceHistory {
        guard length != self.length else { return self }
        var joined = TraceHistory(length: length, [:])
        for (number, period) in periods {
            joined.periods[number * self.length / length, default: Period()].join(period)
        }
        return joined
    }

    private static func next(after length: Int) -> Int { lengths.first { $0 > length } ?? length * 4 }

    private static func number(of milliseconds: Int, _ length: Int) -> Int { milliseconds / 1_000 / length }
}
