/// What counts of one call that was just made.
package struct TraceRun: Hashable, Sendable {
    /// When it began, in milliseconds since 1970.
    package var startedAt: Int
    /// Whether it failed.
    package var isError: Bool
    /// How long it took, in milliseconds.
    package var milliseconds: Int
    /// The tokens; nil where the endpoint does not say.
    package var usage: TokenCount?
    /// What it cost, in dollars; nil where that is not known.
    package var cost: Double?
    /// Whether it passed.
    package var isPassed: Bool

    /// A call.
    package init(
        startedAt: Int, isError: Bool, milliseconds: Int, usage: TokenCount?, cost: Double?, isPassed: Bool
    ) {
        self.startedAt = startedAt
        (self.isError, self.milliseconds, self.usage) = (isError, milliseconds, usage)
        (self.cost, self.isPassed) = (cost, isPassed)
    }
}

extension TraceFigures {
    /// What calls say together.
    package init(of runs: [TraceRun]) {
        var tally = TraceTally()
        for (index, run) in runs.enumerated() { tally.add(ReadTrace("\(index)", run)) }
        self = tally.figures
    }
}

extension ReadTrace {
    /// A call that was just made.
    fileprivate init(_ id: String, _ run: TraceRun) {
        self.init(
            id: id, time: run.startedAt, state: run.isError ? "ERROR" : "OK", usage: nil, price: nil,
            tags: [:])
        latency = run.milliseconds
        if let usage = run.usage {
            (inputTokens, outputTokens) = (Double(usage.input), Double(usage.output))
            totalTokens = Double(usage.total)
        }
        cost = run.cost
        feedback = [Feedback(name: "passed", number: run.isPassed ? 1 : 0)]
    }
}
