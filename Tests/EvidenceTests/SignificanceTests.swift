import Testing
import Tracing

@testable import Evidence

/// The probabilities are those of SciPy 1.17: `ttest_ind_from_stats(equal_var=False)` and `fisher_exact`.
@Suite struct SignificanceTests {
    typealias Sample = (mean: Double, variance: Double, count: Int)

    @Test(
        arguments: [
            ((10, 4, 12), (12, 9, 15), 0.04921085214395753),
            ((100, 25, 50), (101, 25, 60), 0.29868106771855224),
            ((5, 1, 2), (7, 2, 3), 0.1649050799896667),
            ((2.5, 0.3, 400), (2.45, 0.2, 300), 0.18447594487051064),
            ((1, 1e-06, 5), (2, 1e-06, 5), 2.867166970098219e-23),
        ] as [(Sample, Sample, Double)])
    func meansDifferByChance(first: Sample, second: Sample, expected: Double) throws {
        let found = try #require(Significance.ofMeans(first, second))
        #expect(abs(found - expected) <= 1e-9 * max(expected, 1e-3))
    }

    @Test(
        arguments: [
            ((1, 10), (5, 10), 0.14086687306501544),
            ((0, 20), (0, 30), 1.0),
            ((3, 100), (12, 110), 0.031835955405437),
            ((50, 1000), (90, 1000), 0.0005876606652318946),
            ((1, 1), (0, 1), 1.0),
            ((700, 40000), (900, 41000), 5.383126455301404e-06),
        ] as [((hits: Int, count: Int), (hits: Int, count: Int), Double)])
    func ratesDifferByChance(
        first: (hits: Int, count: Int), second: (hits: Int, count: Int), expected: Double
    ) throws {
        let found = try #require(Significance.ofRates(first, second))
        #expect(abs(found - expected) <= 1e-6 * expected)
    }

    /// SciPy's `fisher_exact` with `alternative="greater"`.
    @Test(
        arguments: [
            ((20, 20), (3, 20), 1.2847621301458899e-08), ((5, 10), (1, 10), 0.07043343653250773),
            ((1, 10), (5, 10), 0.9945820433436533), ((0, 5), (0, 5), 1.0),
        ] as [((hits: Int, count: Int), (hits: Int, count: Int), Double)])
    func moreByChance(
        first: (hits: Int, count: Int), second: (hits: Int, count: Int), expected: Double
    ) throws {
        let found = try #require(Significance.ofMore(first, than: second))
        #expect(abs(found - expected) <= 1e-6 * expected)
    }

    @Test func tooSmallSamplesSayNothing() {
        #expect(Significance.ofMeans((1, 0, 1), (2, 1, 9)) == nil)
        #expect(Significance.ofRates((0, 0), (1, 9)) == nil)
        // What a server counts need not fit together.
        #expect(Significance.ofRates((10, 2), (10, 2)) == nil && Significance.ofRates((-1, 2), (1, 2)) == nil)
        #expect(Significance.ofRates((1, .max), (1, .max)) == nil)
        #expect(
            Significance.ofMeans((1, 0, 5), (1, 0, 5)) == 1 && Significance.ofMeans((1, 0, 5), (2, 0, 5)) == 0
        )
    }

    /// 20 of 20 and 16 of 20: Welch's test would be surer of it than Fisher's is.
    @Test func yesAndNoAreARate() throws {
        func figures(_ hits: Int) -> TraceFigures {
            TraceFigures(
                of: (0..<20).map { index in
                    TraceRun(
                        startedAt: 0, isError: false, milliseconds: 1, usage: nil, cost: nil,
                        isPassed: index < hits)
                })
        }
        let difference = TraceDifference(of: figures(16), to: figures(20))
        let found = try #require(difference.feedback["passed"]?.probability)
        #expect(abs(found - 0.10602910602910603) < 1e-9)
    }
}
