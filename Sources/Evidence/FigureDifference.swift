package import Tracing

/// How a figure of a version differs from that of the version that it is compared with.
package struct FigureDifference: Hashable, Sendable {
    /// The figure of the version compared with, and that of the version.
    package var (base, value): (Double, Double)
    /// How likely the difference is by chance; nil where there are too few traces to tell.
    package var probability: Double?

    /// A difference.
    package init(base: Double, value: Double, probability: Double?) {
        (self.base, self.value, self.probability) = (base, value, probability)
    }

    /// The difference in percent; nil where there is nothing to be a percentage of.
    package var percent: Double? { base == 0 ? nil : (value / base - 1) * 100 }

    /// Whether it is more than chance.
    package var isSignificant: Bool { probability.map { $0 < Significance.level } ?? false }
}

/// How what the traces of two versions say differs; nil where one of them does not say it.
package struct TraceDifference: Hashable, Sendable {
    /// The shares of traces that failed.
    package var errorRate: FigureDifference?
    /// The mean times.
    package var latency: FigureDifference?
    /// The mean tokens of requests, of answers, and of both.
    package var (inputTokens, outputTokens, totalTokens):
        (FigureDifference?, FigureDifference?, FigureDifference?)
    /// The mean costs.
    package var cost: FigureDifference?
    /// The means of feedback by its name.
    package var feedback: [String: FigureDifference] = [:]

    /// Compares a version with another one.
    package init(of figures: TraceFigures, to base: TraceFigures) {
        if let rate = figures.errorRate, let other = base.errorRate {
            errorRate = FigureDifference(
                base: other, value: rate,
                probability: Significance.ofRates(
                    (base.errors, base.traces), (figures.errors, figures.traces)))
        }
        // How soon a call fails says nothing of how fast a version answers.
        if figures.errors < figures.traces, base.errors < base.traces {
            latency = Self.difference(of: figures.latency, to: base.latency)
        }
        inputTokens = Self.difference(of: figures.inputTokens, to: base.inputTokens)
        outputTokens = Self.difference(of: figures.outputTokens, to: base.outputTokens)
        totalTokens = Self.difference(of: figures.totalTokens, to: base.totalTokens)
        cost = Self.difference(of: figures.cost, to: base.cost)
        for (name, given) in figures.feedback {
            feedback[name] = Self.difference(of: given.numbers, to: base.feedback[name]?.numbers)
        }
    }

    private static func difference(
        of figure: TraceFigures.Figure?, to base: TraceFigures.Figure?
    ) -> FigureDifference? {
        guard let figure, let base else { return nil }
        var probability: Double?
        if figure.isRate, base.isRate, let hits = Int(exactly: figure.sum.rounded()),
            let others = Int(exactly: base.sum.rounded())
        {
            probability = Significance.ofRates((others, base.count), (hits, figure.count))
        } else if let variance = figure.variance, let other = base.variance {
            probability = Significance.ofMeans(
                (base.mean, other, base.count), (figure.mean, variance, figure.count))
        }
        return FigureDifference(base: base.mean, value: figure.mean, probability: probability)
    }
}
