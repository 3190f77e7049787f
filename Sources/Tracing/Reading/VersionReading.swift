import HTTP
import Support
import Synchronization

/// Reads the traces of some versions from a server: each trace of a version once, whichever way it is found.
final class VersionReading: Sendable {
    typealias Version = TraceRecord.Prompt

    private let query: TraceQuery
    private let search: TraceSearch
    private let metrics: TraceMetrics
    /// Whether the server counts traces by their tags, and finds those that have no such tag.
    private let counts: Bool
    /// Whether the server finds traces by their links.
    private let findsLinks: Bool
    private let onProgress: @Sendable (Int) -> Void
    /// What was found one by one.
    private struct Found {
        var tallies: [Version: TraceTally] = [:]
        var incomplete: Set<Version> = []
        var read = 0
        /// Those that promptreg's own tag does not name, by their ids as hashes.
        var untagged: [Int: MissedTraces.Found] = [:]
    }

    private let found = Mutex(Found())

    init(
        query: TraceQuery, search: TraceSearch, metrics: TraceMetrics, counts: Bool, findsLinks: Bool,
        onProgress: @escaping @Sendable (Int) -> Void
    ) {
        (self.query, self.search, self.metrics) = (query, search, metrics)
        (self.counts, self.findsLinks, self.onProgress) = (counts, findsLinks, onProgress)
    }

    /// Reads all versions.
    func all() async throws(HTTPError) -> TraceReading {
        let counted = try await forEach { version throws(HTTPError) in
            let counted = self.counts ? try await self.counted(version) : nil
            try await self.readLinked(version, counted)
            return counted
        }
        try await readUnlinked(counted)
        let figures = try await forEach { version throws(HTTPError) -> TraceFigures in
            let known = self.tally(version)
            if let counted = counted[version] ?? nil, counted.traces > 0 {
                if known.count == 0, let figures = try await self.figures(of: version, counted) {
                    return figures
                }
                try await self.read([TraceFilter.tagged(version)], as: [version])
            }
            return self.tally(version).figures
        }
        let incomplete = found.withLock { $0.incomplete }
        return TraceReading(figures: figures, incomplete: query.versions.filter(incomplete.contains))
    }

    private func forEach<Output: Sendable>(
        _ work: @escaping @Sendable (Version) async throws(HTTPError) -> Output
    ) async throws(HTTPError) -> [Version: Output] {
        let outputs = try await concurrentMap(query.versions, limit: ServerTraceReader.concurrency, work)
        return Dictionary(zip(query.versions, outputs)) { first, _ in first }
    }

    // MARK: - One by one

    private func tally(_ version: Version) -> TraceTally {
        found.withLock { $0.tallies[version] ?? TraceTally() }
    }

    /// Reads traces, and adds them to these versions, or where none are given to those that their tags name and that the
    /// server did not count.
    private func read(
        _ clauses: [String], as versions: [Version]? = nil, by search: TraceSearch? = nil
    ) async throws(HTTPError) {
        let wanted = Set(query.versions)
        let names = Set(query.versions.map(\.name))
        let isAll = try await (search ?? self.search).find(clauses, limit: query.limit) { trace in
            let read = self.found.withLock { found in
                found.read += 1
                if self.counts, trace.experiment.map(self.query.listed.contains) == true,
                    trace.tagged.allSatisfy({ !names.contains($0.name) })
                {
                    found.untagged[trace.id.hashValue] = .init(time: trace.time, isError: trace.isError)
                }
                let named = self.counts ? trace.versions.subtracting(trace.tagged) : trace.versions
                for version in versions.map(Set.init) ?? wanted.intersection(named) {
                    found.tallies[version, default: TraceTally()].add(trace)
                }
                return found.read
            }
            if read.isMultiple(of: TraceSearch.pageSize) { self.onProgress(read) }
        }
        if !isAll { self.found.withLock { $0.incomplete.formUnion(versions ?? self.query.versions) } }
    }

    /// Reads the traces that are linked to a version, without those that the server counts.
    private func readLinked(_ version: Version, _ counted: TraceFigures?) async throws(HTTPError) {
        let link = TraceFilter.linked(version)
        guard let counted else {
            if findsLinks { try await read([link], as: [version]) }
            return try await read([TraceFilter.tagged(version)], as: [version])
        }
        if counted.traces == 0 { return try await read([link], as: [version]) }
        try await read([link, TraceFilter.untagged(version.name)], as: [version])
        try await read([link, TraceFilter.taggedElse(version)], as: [version])
    }

    /// Reads the traces that no link leads to, as the server could not hold it, or as the agent ended before it was made:
    /// only MLflow's list of their prompts tells.
    private func readUnlinked(_ counted: [Version: TraceFigures?]) async throws(HTTPError) {
        let names = Set(query.versions.map(\.name))
        var (search, metrics) = (search, metrics)
        (search.experiments, metrics.experiments) = (query.listed, query.listed)
        guard counts, names.allSatisfy(TraceFilter.canTag) else { return try await read([], by: search) }
        let untagged = names.sorted().map(TraceFilter.untagged)
        guard let span = try await search.span(untagged) else { return }
        let tagged = query.versions.filter { (counted[$0] ?? nil)?.traces ?? 0 > 0 }
        let missed = try await MissedTraces(in: span, metrics).stretches(
            besides: found.withLock { Array($0.untagged.values) },
            tagged: Array(Dictionary(grouping: tagged, by: \.name).values))
        for stretch in missed {
            search.window = stretch.window
            try await read(
                untagged + [stretch.isError ? TraceFilter.failed : TraceFilter.notFailed], by: search)
        }
    }

    // MARK: - By the server's own figures

    /// How many traces promptreg's own tag names, and how many of them failed.
    private func counted(_ version: Version) async throws(HTTPError) -> TraceFigures {
        let points = try await metrics.points(
            .traces, "trace_count", ["COUNT"], by: ["trace_status"], where: [TraceFilter.metric(version)])
        var figures = TraceFigures()
        for point in points {
            let count = point.count ?? 0
            figures.traces += count
            if point.dimensions?["trace_status"] == "ERROR" { figures.errors += count }
        }
        return figures
    }

    /// The figures of the traces that promptreg's own tag names; nil where the server cannot tell them.
    private func figures(of version: Version, _ counted: TraceFigures) async throws(HTTPError)
        -> TraceFigures?
    {
        let filter = TraceFilter.metric(version)
        async let latency = answer(.traces, "latency", ["AVG", "50", "95"], filter)
        async let input = answer(.traces, "input_tokens", ["AVG", "SUM"], filter)
        async let output = answer(.traces, "output_tokens", ["AVG", "SUM"], filter)
        async let total = answer(.traces, "total_tokens", ["AVG", "SUM"], filter)
        async let price = answer(.spans, "total_cost", ["AVG", "SUM"], filter)
        async let opinions = Result { () async throws(HTTPError) in try await self.opinions(filter) }
        async let sample = Result { () async throws(HTTPError) in try await self.sample(version) }
        var figures = counted
        let times = try await latency.get()
        figures.latency = times["AVG"].map {
            .init(count: counted.traces, mean: $0, sum: $0 * Double(counted.traces))
        }
        (figures.latencyP50, figures.latencyP95) = (times["P50.0"], times["P95.0"])
        figures.inputTokens = Self.figure(try await input.get(), counted.traces)
        figures.outputTokens = Self.figure(try await output.get(), counted.traces)
        figures.totalTokens = Self.figure(try await total.get(), counted.traces)
        guard case .known(let cost) = try await cost(try await price.get(), version, counted.traces) else {
            return nil
        }
        figures.cost = cost
        figures.feedback = try await opinions.get()
        figures.addVariances(of: try await sample.get())
        if query.tellsHistory { figures.history = try await history(version) }
        return figures
    }

    /// How the figures went over time. The server counts what steps cost when they began.
    private func history(_ version: Version) async throws(HTTPError) -> TraceHistory {
        guard let span = try await search.span([TraceFilter.tagged(version)]) else { return TraceHistory() }
        var metrics = metrics
        metrics.window = TraceWindow(since: span.lowerBound, until: span.upperBound + 1)
        let length = TraceHistory.length(of: span)
        let asked = [
            (view: TraceMetrics.View.traces, metric: "trace_count", kind: "COUNT"),
            (.traces, "latency", "AVG"),
            (.traces, "total_tokens", "AVG"), (.spans, "total_cost", "SUM"),
        ]
        let answers = try await concurrentMap(asked, limit: asked.count) {
            [metrics] (one) async throws(HTTPError) -> [Int: Double] in
            let points = try await metrics.points(
                one.view, one.metric, [one.kind], every: length, where: [TraceFilter.metric(version)])
            let values = points.compactMap { point in
                point.start.flatMap { start in point.values?[one.kind].map { (start, $0) } }
            }
            return Dictionary(values) { first, _ in first }
        }
        let periods = answers[0].map { start, number in
            let count = Int(number)
            let cost = answers[3][start].map { $0 / number }
            return (
                start,
                TraceHistory.Period(
                    latency: .init(answers[1][start], of: count), tokens: .init(answers[2][start], of: count),
                    cost: .init(cost, of: count))
            )
        }
        return TraceHistory(length: length, Dictionary(periods) { first, _ in first })
    }

    private func answer(
        _ view: TraceMetrics.View, _ metric: String, _ aggregations: [String], _ filter: String
    ) async -> Result<[String: Double], HTTPError> {
        await Result { () async throws(HTTPError) in
            try await self.metrics.points(view, metric, aggregations, where: [filter]).first?.values ?? [:]
        }
    }

    private static func figure(_ values: [String: Double], _ traces: Int) -> TraceFigures.Figure? {
        guard let mean = values["AVG"], let sum = values["SUM"] else { return nil }
        let count = mean == 0 ? Double(traces) : (sum / mean).rounded()
        return .init(count: Int(max(0, .minimum(count, Double(traces)))), mean: mean, sum: sum)
    }

    /// What the server tells of the cost of traces.
    private enum Cost { case known(TraceFigures.Figure?), unsure }

    /// The cost of all traces. The server sums up that of their steps, which may be another one.
    private func cost(
        _ steps: [String: Double], _ version: Version, _ traces: Int
    ) async throws(HTTPError) -> Cost {
        let tag = TraceFilter.tagged(version)
        guard let sum = steps["SUM"], let mean = steps["AVG"] else {
            return try await search.finds([tag, TraceFilter.priced]) ? .unsure : .known(nil)
        }
        if try await search.finds([tag, TraceFilter.unpriced]) { return .unsure }
        let (priced, all) = (mean == 0 ? Double(traces) : (sum / mean).rounded(), Double(traces))
        let isSure = priced > all ? try await agreesOnCost(version) : priced == all
        return isSure ? .known(.init(count: traces, mean: sum / all, sum: sum)) : .unsure
    }

    /// Whether the steps of the newest traces cost what the traces say. Where a step says what the steps within it cost,
    /// they cost more.
    private func agreesOnCost(_ version: Version) async throws(HTTPError) -> Bool {
        var (sum, oldest) = (0.0, Int.max)
        _ = try await search.find([TraceFilter.tagged(version)], limit: TraceSearch.pageSize) { trace in
            sum += trace.cost ?? 0
            oldest = min(oldest, trace.time)
        }
        var metrics = metrics
        metrics.window.since = oldest
        let points = try await metrics.points(
            .spans, "total_cost", ["SUM"], where: [TraceFilter.metric(version)])
        // Steps of a trace that began before count, too, so that a few percent say nothing.
        return abs((points.first?.values?["SUM"] ?? 0) - sum) <= 0.02 * sum
    }

    /// Feedback by name.
    private func opinions(_ filter: String) async throws(HTTPError) -> [String: TraceFigures.Feedback] {
        let filters = [filter, "assessment.type = 'feedback'"]
        let points = try await metrics.points(
            .assessments, "assessment_count", ["COUNT"], by: ["assessment_name", "assessment_value"],
            where: filters)
        guard points.count >= TraceMetrics.mostPoints else { return Self.opinions(points) }
        // There are more different values than an answer has room for.
        let counts = try await metrics.points(
            .assessments, "assessment_count", ["COUNT"], by: ["assessment_name"], where: filters)
        let means = try await metrics.points(
            .assessments, "assessment_value", ["AVG"], by: ["assessment_name"], where: filters)
        var found: [String: TraceFigures.Feedback] = [:]
        for point in counts {
            guard let name = point.dimensions?["assessment_name"], let count = point.count else { continue }
            let mean = means.first { $0.dimensions?["assessment_name"] == name }?.values?["AVG"]
            found[name] = .init(
                count: count,
                numbers: mean.map { .init(count: count, mean: $0, sum: $0 * Double(count)) })
        }
        return found
    }

    /// Feedback by name, of points by name and value.
    private static func opinions(_ points: [TraceMetrics.Point]) -> [String: TraceFigures.Feedback] {
        var found: [String: (count: Int, numbers: Int, sum: Double, isRate: Bool)] = [:]
        for point in points {
            // What failed has no value.
            guard let name = point.dimensions?["assessment_name"], let count = point.count,
                let value = point.dimensions?["assessment_value"].flatMap({ try? JSONValue(parsing: $0) }),
                value != .null
            else { continue }
            var sums = found[name] ?? (0, 0, 0, true)
            sums.count += count
            if let number = ReadTrace.number(value) {
                sums.numbers += count
                sums.sum += number * Double(count)
                sums.isRate = sums.isRate && (number == 0 || number == 1)
            }
            found[name] = sums
        }
        return found.mapValues { sums in
            let mean = sums.numbers == 0 ? nil : sums.sum / Double(sums.numbers)
            return .init(
                count: sums.count,
                numbers: mean.map {
                    .init(count: sums.numbers, mean: $0, sum: sums.sum, isRate: sums.isRate)
                })
        }
    }

    /// The newest traces, which show how far the values spread; the server tells no variance.
    private func sample(_ version: Version) async throws(HTTPError) -> TraceFigures {
        var tally = TraceTally()
        guard query.comparesFigures else { return tally.figures }
        _ = try await search.find([TraceFilter.tagged(version)], limit: TraceSearch.pageSize) {
            tally.add($0)
        }
        return tally.figures
    }
}
