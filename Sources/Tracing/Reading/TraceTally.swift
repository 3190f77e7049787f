/// The traces of a version, added up one by one; only numbers are kept.
struct TraceTally: Sendable {
    /// The ids, as hashes: a trace may be found in more than one way.
    private var seen: Set<Int> = []
    private var errors = 0
    private var latencies: [Int] = []
    private var (latency, input, output, total, cost) = (
        RunningFigure(), RunningFigure(), RunningFigure(), RunningFigure(), RunningFigure()
    )
    private var history = TraceHistory()
    private var feedback: [String: (count: Int, numbers: RunningFigure)] = [:]

    /// How many there are.
    var count: Int { seen.count }

    /// Adds a trace unless it was added.
    mutating func add(_ trace: ReadTrace) {
        guard seen.insert(trace.id.hashValue).inserted else { return }
        if trace.isError { errors += 1 }
        if let time = trace.latency {
            latencies.append(time)
            latency.add(Double(time))
        }
        input.add(trace.inputTokens)
        output.add(trace.outputTokens)
        total.add(trace.totalTokens)
        cost.add(trace.cost)
        history.add(trace)
        for given in trace.feedback {
            feedback[given.name, default: (0, RunningFigure())].count += 1
            feedback[given.name]?.numbers.add(given.number)
        }
    }

    /// What the traces say together.
    var figures: TraceFigures {
        var figures = TraceFigures()
        (figures.traces, figures.errors) = (count, errors)
        figures.latency = latency.figure
        let sorted = latencies.sorted()
        (figures.latencyP50, figures.latencyP95) = (sorted.percentile(50), sorted.percentile(95))
        (figures.inputTokens, figures.outputTokens) = (input.figure, output.figure)
        (figures.totalTokens, figures.cost) = (total.figure, cost.figure)
        figures.feedback = feedback.mapValues { .init(count: $0.count, numbers: $0.numbers.figure) }
        figures.history = history
        return figures
    }
}

extension [Int] {
    /// The value below which so many of a hundred of these sorted numbers are, interpolated linearly; nil for none.
    func percentile(_ percent: Double) -> Double? {
        guard let last = indices.last else { return nil }
        let position = percent / 100 * Double(last)
        let lower = Int(position)
        let fraction = position - Double(lower)
        guard fraction > 0, lower < last else { return Double(self[lower]) }
        return Double(self[lower]) + fraction * (Double(self[lower + 1]) - Double(self[lower]))
    }
}
