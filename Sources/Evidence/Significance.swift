import Glibc

/// Tests of whether a difference may be chance; two-sided where nothing else is said.
package enum Significance {
    /// Below this probability, a difference is not taken for chance.
    package static let level = 0.05

    /// How likely two samples of one population differ so much in their means: Welch's t-test (B. L. Welch, "The
    /// generalization of 'Student's' problem when several different population variances are involved", 1947).
    ///
    /// - Parameters:
    ///   - first: The mean, the variance and the size of a sample.
    ///   - second: Those of the other one.
    /// - Returns: The probability; nil where a sample is too small to tell how far its values spread.
    package static func ofMeans(
        _ first: (mean: Double, variance: Double, count: Int),
        _ second: (mean: Double, variance: Double, count: Int)
    ) -> Double? {
        guard first.count > 1, second.count > 1 else { return nil }
        let a = first.variance / Double(first.count)
        let b = second.variance / Double(second.count)
        let difference = first.mean - second.mean
        guard a + b > 0 else { return difference == 0 ? 1 : 0 }
        let t = difference / (a + b).squareRoot()
        let parts: Double = a * a / Double(first.count - 1) + b * b / Double(second.count - 1)
        let freedom = (a + b) * (a + b) / parts
        return incompleteBeta(freedom / (freedom + t * t), freedom / 2, 0.5)
    }

    /// How likely two samples of one population differ so much in a rate: Fisher's exact test (R. A. Fisher, "On the
    /// interpretation of χ² from contingency tables, and the calculation of P", 1922).
    ///
    /// - Parameters:
    ///   - first: How many of how many it is in a sample.
    ///   - second: How many it is in the other one.
    /// - Returns: The probability; nil where a sample is empty, or they are no parts of it.
    package static func ofRates(
        _ first: (hits: Int, count: Int), _ second: (hits: Int, count: Int)
    ) -> Double? {
        guard let logProbability = logProbability(first, second) else { return nil }
        // Those that are as likely as what was seen differ from it by what rounding does.
        let seen = logProbability(first.hits) + 1e-7
        let hits = first.hits + second.hits
        let probabilities = (max(0, hits - second.count)...min(hits, first.count)).lazy.map(logProbability)
        return min(1, probabilities.filter { $0 <= seen }.reduce(0) { $0 + exp($1) })
    }

    /// How likely a sample of the same population has so many more of it than another one: Fisher's test, one-sided.
    ///
    /// - Parameters:
    ///   - first: How many of how many it is in the sample.
    ///   - second: How many it is in the other one.
    /// - Returns: The probability; nil where a sample is empty, or they are no parts of it.
    package static func ofMore(
        _ first: (hits: Int, count: Int), than second: (hits: Int, count: Int)
    ) -> Double? {
        guard let logProbability = logProbability(first, second) else { return nil }
        let most = min(first.hits + second.hits, first.count)
        return min(1, (first.hits...most).reduce(0) { $0 + exp(logProbability($1)) })
    }

    /// How likely it is that so many of all hits are in the first of two samples, as a logarithm; nil where that cannot be
    /// told.
    private static func logProbability(
        _ first: (hits: Int, count: Int), _ second: (hits: Int, count: Int)
    ) -> ((Int) -> Double)? {
        let (total, overflows) = first.count.addingReportingOverflow(second.count)
        guard first.count > 0, second.count > 0, !overflows, 0...first.count ~= first.hits,
            0...second.count ~= second.hits
        else { return nil }
        let hits = first.hits + second.hits
        func logChoose(_ n: Int, _ k: Int) -> Double {
            lgamma(Double(n + 1)) - lgamma(Double(k + 1)) - lgamma(Double(n - k + 1))
        }
        return { k in
            logChoose(first.count, k) + logChoose(second.count, hits - k) - logChoose(total, hits)
        }
    }

    /// The regularized incomplete beta function, by its continued fraction (Press et al., "Numerical Recipes", 6.4).
    private static func incompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
        if x <= 0 { return 0 }
        if x >= 1 { return 1 }
        // The fraction converges quickly on this side only.
        if x > (a + 1) / (a + b + 2) { return 1 - incompleteBeta(1 - x, b, a) }
        let logScale: Double = lgamma(a + b) - lgamma(a) - lgamma(b)
        let logPowers: Double = a * log(x) + b * log(1 - x)
        let front = exp(logScale + logPowers) / a
        let tiny = 1e-300
        func bounded(_ value: Double) -> Double { abs(value) < tiny ? tiny : value }
        var c = 1.0
        var d: Double = 1 / bounded(1 - (a + b) * x / (a + 1))
        var fraction = d
        for step in 1...300 {
            let m = Double(step)
            let place: Double = a + 2 * m
            let even: Double = m * (b - m) * x / ((place - 1) * place)
            d = 1 / bounded(1 + even * d)
            c = bounded(1 + even / c)
            fraction *= d * c
            let odd: Double = -(a + m) * (a + b + m) * x / (place * (place + 1))
            d = 1 / bounded(1 + odd * d)
            c = bounded(1 + odd / c)
            fraction *= d * c
            if abs(d * c - 1) < 1e-12 { break }
        }
        return front * fraction
    }
}
