/// What the traces of a version say together.
package struct TraceFigures: Hashable, Sendable {
    /// How many there are.
    package var traces = 0
    /// How many of them failed.
    package var errors = 0
    /// How long they took, in milliseconds; nil where none says.
    package var latency: Figure?
    /// The time that half of them, and that 95 of 100, took at most, in milliseconds.
    ///
    /// Between two values they are interpolated linearly, as SQL's `percentile_cont`, NumPy and MLflow do (method 7 of
    /// Hyndman and Fan, "Sample Quantiles in Statistical Packages", 1996).
    package var (latencyP50, latencyP95): (Double?, Double?)
    /// The tokens of requests, of answers, and of both; nil where no trace says.
    package var (inputTokens, outputTokens, totalTokens): (Figure?, Figure?, Figure?)
    /// What they cost, in dollars; nil where no trace says.
    package var cost: Figure?
    /// Feedback by its name.
    package var feedback: [String: Feedback] = [:]
    /// How they went over time.
    package var history = TraceHistory()

    /// The share of traces that failed; nil without traces.
    package var errorRate: Double? { traces == 0 ? nil : Double(errors) / Double(traces) }

    /// No traces.
    package init() {}

    /// A figure that some traces have.
    package struct Figure: Hashable, Sendable {
        /// How many of the traces have it.
        package var count: Int
        /// The mean of those.
        package var mean: Double
        /// Their sum.
        package var sum: Double
        /// Their variance, as estimated from a sample; nil where it is not known.
        package var variance: Double?
        /// Whether each is 0 or 1, such as an answer of yes or no, so that the mean is a rate.
        package var isRate = false

        /// A figure.
        package init(
            count: Int, mean: Double, sum: Double, variance: Double? = nil, isRate: Bool = false
        ) {
            (self.count, self.mean, self.sum, self.variance) = (count, mean, sum, variance)
            self.isRate = isRate
        }
    }

    /// What was said of traces under one name.
    package struct Feedback: Hashable, Sendable {
        /// How often.
        package var count: Int
        /// The mean of what can be taken for numbers, with yes and true as 1; nil where nothing can.
        package var numbers: Figure?

        /// Feedback.
        package init(count: Int, numbers: Figure?) { (self.count, self.numbers) = (count, numbers) }
    }
}

/// Numbers that are summed up one by one, without being kept (B. P. Welford, Technometrics 4, 1962).
struct RunningFigure: Hashable, Sendable {
    private(set) var count = 0
    private var sum = 0.0
    /// What rounding took from the sum (A. Neumaier, 1974).
    private var lost = 0.0
    private var mean = 0.0
    private var squares = 0.0
    private var isRate = true

    /// Adds a number; one that is not finite says nothing.
    mutating func add(_ number: Double?) {
        guard let number, number.isFinite else { return }
        count += 1
        isRate = isRate && (number == 0 || number == 1)
        let next = sum + number
        lost += abs(sum) >= abs(number) ? (sum - next) + number : (number - next) + sum
        sum = next
        let distance = number - mean
        mean += distance / Double(count)
        squares += distance * (number - mean)
    }

    /// The numbers together; nil where there are none.
    var figure: TraceFigures.Figure? {
        guard count > 0 else { return nil }
        return TraceFigures.Figure(
            count: count, mean: (sum + lost) / Double(count), sum: sum + lost,
            variance: count > 1 ? squares / Double(count - 1) : nil, isRate: isRate)
    }
}

extension TraceFigures {
    /// Takes the variances of a sample.
    mutating func addVariances(of sample: TraceFigures) {
        latency?.variance = sample.latency?.variance
        inputTokens?.variance = sample.inputTokens?.variance
        outputTokens?.variance = sample.outputTokens?.variance
        totalTokens?.variance = sample.totalTokens?.variance
        cost?.variance = sample.cost?.variance
        for name in feedback.keys {
            feedback[name]?.numbers?.variance = sample.feedback[name]?.numbers?.variance
        }
    }
}
