import HTTP

/// Finds out when traces began that were not found yet: all are counted by time, which costs a server little, and those
/// that were found are subtracted.
struct MissedTraces: Sendable {
    /// A trace that was found.
    struct Found: Sendable {
        /// When it began, in milliseconds since 1970.
        let time: Int
        let isError: Bool
    }

    /// A time in which traces are missed that failed, or that did not.
    struct Stretch: Hashable, Sendable {
        let isError: Bool
        let window: TraceWindow
    }

    private struct Period: Hashable {
        let number: Int
        let isError: Bool
    }

    /// So few that an answer has room for each with every status.
    private static let mostPeriods = 200

    private let metrics: TraceMetrics
    private let span: ClosedRange<Int>
    /// How long a period is, in seconds.
    private let length: Int

    /// A finder.
    ///
    /// - Parameters:
    ///   - span: When traces began that may be missed, in milliseconds since 1970.
    ///   - metrics: Counts traces.
    init(in span: ClosedRange<Int>, _ metrics: TraceMetrics) {
        self.span = span
        var metrics = metrics
        metrics.window = TraceWindow(since: span.lowerBound, until: span.upperBound + 1)
        self.metrics = metrics
        length = (span.upperBound - span.lowerBound) / 1_000 / Self.mostPeriods + 1
    }

    /// When traces began that were not found.
    ///
    /// - Parameters:
    ///   - found: Those that were found, without those that promptreg's own tag names.
    ///   - tagged: The versions of each prompt that promptreg's own tag names. As a trace may have tags of several
    ///     prompts, only those of the prompt with the most are taken off: too much is searched then, never too little.
    /// - Returns: At most one time for traces that failed, and one for others.
    /// - Throws: `HTTPError`.
    func stretches(
        besides found: some Collection<Found>, tagged: [[TraceRecord.Prompt]]
    ) async throws(HTTPError) -> [Stretch] {
        var missed = try await counts([])
        for trace in found where span.contains(trace.time) {
            missed[period(trace.time, trace.isError), default: 0] -= 1
        }
        var counted: [Period: Int] = [:]
        for versions in tagged {
            var ofPrompt: [Period: Int] = [:]
            for version in versions {
                ofPrompt.merge(try await counts([TraceFilter.metric(version)]), uniquingKeysWith: +)
            }
            counted.merge(ofPrompt, uniquingKeysWith: max)
        }
        return [true, false].compactMap { isError in
            let numbers = missed.filter { $0.key.isError == isError && $0.value > counted[$0.key] ?? 0 }
                .map(\.key.number)
            guard let first = numbers.min(), let last = numbers.max() else { return nil }
            return Stretch(
                isError: isError,
                window: TraceWindow(
                    since: max(span.lowerBound, first * length * 1_000),
                    until: min(span.upperBound + 1, (last + 1) * length * 1_000)))
        }
    }

    private func period(_ time: Int, _ isError: Bool) -> Period {
        Period(number: time / 1_000 / length, isError: isError)
    }

    private func counts(_ filters: [String]) async throws(HTTPError) -> [Period: Int] {
        let points = try await metrics.points(
            .traces, "trace_count", ["COUNT"], by: ["trace_status"], every: length, where: filters)
        return points.reduce(into: [:]) { counts, point in
            guard let start = point.start, let count = point.count else { return }
            counts[period(start, point.dimensions?["trace_status"] == "ERROR"), default: 0] += count
        }
    }
}
