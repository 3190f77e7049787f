package import Support

/// One step of a trace that has ended.
package struct SpanRecord: Sendable {
    /// The id, which is unique within the trace.
    package var id: UInt64
    /// The id of the step that it is a part of; nil for the root.
    package var parent: UInt64?
    /// The name.
    package var name: String
    /// What it does, such as `AGENT` or `LLM`.
    package var type: String
    /// When it began and ended, in nanoseconds since 1970.
    package var start: Int
    package var end: Int
    /// Why it failed; nil when it did not.
    package var failure: String?
    /// What it was given and what it gave, as JSON; nil where that is not told.
    package var inputs: JSONValue?
    package var outputs: JSONValue?
    /// The prompts that were loaded in it, each once.
    package var prompts: [TraceRecord.Prompt] = []
    /// Other attributes by their names.
    package var attributes: [String: JSONValue]
    /// The tokens that a model took and gave.
    package var usage: TokenCount?
    /// What that cost, in dollars.
    package var cost: CostSum?

    /// A step.
    package init(
        id: UInt64, parent: UInt64?, name: String, type: String, start: Int, end: Int, failure: String? = nil,
        inputs: JSONValue? = nil, outputs: JSONValue? = nil, attributes: [String: JSONValue] = [:],
        usage: TokenCount? = nil, cost: CostSum? = nil
    ) {
        (self.id, self.parent, self.name, self.type) = (id, parent, name, type)
        (self.start, self.end, self.failure) = (start, end, failure)
        (self.inputs, self.outputs, self.attributes) = (inputs, outputs, attributes)
        (self.usage, self.cost) = (usage, cost)
    }
}

/// Numbers of tokens.
package struct TokenCount: Hashable, Sendable {
    /// The tokens of the request, and those of the answer.
    package var input: Int
    package var output: Int
    /// All of them.
    package var total: Int

    /// Numbers; the sum of both where the total is not given.
    package init(input: Int, output: Int, total: Int? = nil) {
        (self.input, self.output) = (input, output)
        self.total = total ?? Self.sum(input, output)
    }

    /// The sum of both; numbers from outside may be of any size.
    package static func + (left: TokenCount, right: TokenCount) -> TokenCount {
        TokenCount(
            input: sum(left.input, right.input), output: sum(left.output, right.output),
            total: sum(left.total, right.total))
    }

    private static func sum(_ left: Int, _ right: Int) -> Int {
        let (sum, overflow) = left.addingReportingOverflow(right)
        return overflow ? .max : sum
    }

    /// As MLflow writes it.
    var json: JSONValue {
        [
            "input_tokens": JSONValue(input), "output_tokens": JSONValue(output),
            "total_tokens": JSONValue(total),
        ]
    }
}

/// What model calls cost, in dollars.
package struct CostSum: Hashable, Sendable {
    /// The cost of the request, and that of the answer; nil where only the sum is known.
    package var input: Double?
    package var output: Double?
    /// The cost of both.
    package var total: Double

    /// Costs of a request and of its answer.
    package init(input: Double, output: Double) {
        (self.input, self.output, total) = (input, output, input + output)
    }

    /// A cost of which no more is known.
    package init(total: Double) { self.total = total }

    /// The sum of both.
    package static func + (left: CostSum, right: CostSum) -> CostSum {
        var sum = CostSum(total: left.total + right.total)
        if let one = left.input, let other = right.input { sum.input = one + other }
        if let one = left.output, let other = right.output { sum.output = one + other }
        return sum
    }

    /// As MLflow writes it; nil where a number is not finite, which JSON cannot say.
    var json: JSONValue? {
        let costs = [("input_cost", input), ("output_cost", output), ("total_cost", total)]
        let known = costs.compactMap { name, cost in cost.map { (name, $0) } }
        guard known.allSatisfy(\.1.isFinite) else { return nil }
        return .object(known.map { .init($0.0, .number("\($0.1)")) })
    }
}
