import Diagnostics
import Prompts
import Testing
import Tracing

@testable import Evidence
@testable import Jobs

@Suite struct TryReportTests {
    private typealias Side = [TryReport.Attempt]

    private static func attempt(_ text: String?) -> TryReport.Attempt {
        let check = AnswerCheck(.contains, "yes")
        let result =
            text.map { CheckResult(check, .init(text: $0, milliseconds: 1, tokens: nil, cost: nil)) }
            ?? CheckResult(check, failure: "down")
        return TryReport.Attempt(
            output: text, failure: text == nil ? "down" : nil, checks: [result],
            run: TraceRun(
                startedAt: 0, isError: text == nil, milliseconds: 1, usage: nil, cost: nil,
                isPassed: result.isPassed), traceID: nil)
    }

    private static func tried(
        _ candidate: [String?], _ base: [String?]?, repetitions: Int = 1
    ) -> TryReport.Case {
        let one = TryCase(
            name: "case", prompt: "greet", location: SourceLocation(file: "cases.yaml"), values: [],
            checks: [AnswerCheck(.contains, "yes")])
        var tried = TryReport.Case(
            one, prompt: "greet", candidate: .init(version: 2), base: base.map { _ in .init(version: 1) },
            repetitions: repetitions)
        tried.candidate.attempts = candidate.map(attempt)
        tried.base?.attempts = (base ?? []).map(attempt)
        return tried
    }

    @Test func onlyWhatTheOtherVersionPassesIsARegression() {
        #expect(Self.tried(["no"], ["yes"]).outcome == .regression)
        #expect(Self.tried([nil], ["yes"]).outcome == .regression)
        #expect(Self.tried(["no"], ["no"]).outcome == .failed && !Self.tried(["no"], ["no"]).isFailure)
        // Nobody answered: nothing was compared, and nothing passed.
        let down = Self.tried([nil], [nil])
        #expect(down.outcome == .failed && !down.isRegression && down.isFailure)
        // The other version was not asked.
        let unasked = Self.tried(["no"], [])
        #expect(unasked.outcome == .failed && !unasked.isRegression)
        #expect(Self.tried(["no"], nil).outcome == .failed && Self.tried(["no"], nil).isFailure)
    }

    /// What production fails now and then is no licence to fail it always.
    @Test(arguments: [
        (20, 17, true), (4, 17, false), (20, 0, false), (3, 20, true), (1, 20, true), (1, 1, false),
    ])
    func whatFailsFarMoreOftenIsARegression(failing: Int, passingBefore: Int, isRegression: Bool) {
        let texts = { (failing: Int) in (0..<20).map { $0 < failing ? "no" : "yes" } }
        let tried = Self.tried(texts(failing), texts(20 - passingBefore), repetitions: 20)
        #expect(tried.isRegression == isRegression && tried.isFailure == isRegression)
        #expect(tried.outcome == (isRegression ? .regression : .failed))
    }

    @Test func whereTheOtherVersionDoesNotAnswerNothingPasses() {
        for base: [String?] in [[nil, nil, nil], ["yes", nil, nil]] {
            let tried = Self.tried(["yes", "yes", "yes"], base, repetitions: 3)
            #expect(tried.outcome == .unanswered && tried.isFailure && !tried.isPassed)
            #expect(tried.unanswered == base.count { $0 == nil })
        }
        #expect(Self.tried(["no"], [nil]).outcome == .failed && Self.tried(["no"], [nil]).isFailure)
        // What was answered is compared.
        #expect(Self.tried(["no", "no"], ["yes", nil], repetitions: 2).isRegression)
    }

    @Test func aCaseThatWasNotRunHasNotPassed() {
        let waiting = Self.tried([], [])
        #expect(waiting.outcome == .notRun && !waiting.isPassed && !waiting.isFailure)
        let begun = Self.tried(["yes"], ["yes"], repetitions: 3)
        #expect(begun.outcome == .incomplete && !begun.isPassed && !begun.isFailure)
        #expect(Self.tried(["yes"], ["no"]).outcome == .passed && Self.tried(["yes"], nil).isPassed)
    }

    @Test func whereAllCallsFailedNoTimesAreCompared() {
        var report = TryReport(
            registry: .init("file:mlruns"), toolVersion: "1",
            cases: [Self.tried([nil, nil], ["yes", "yes"])])
        report.planned = 4
        let comparison = report.comparison(aliases: [:], until: 0)
        #expect(comparison.prompts[0].versions[0].difference?.latency == nil)
        #expect(comparison.prompts[0].versions[0].difference?.errorRate != nil)
    }

    /// Another model may still answer, and an answer of any shows that the settings are right.
    @Test(arguments: [(["a"], false), (["a", "b"], true), (["a", "b", nil], false), ([], false)])
    func noCallCanBeAnsweredWhereEachModelIsAskedInVain(_ refusing: [String?], _ isRefused: Bool) {
        var one = Self.tried([], nil)
        one.candidate.attempts = refusing.map { model in
            var attempt = Self.attempt(nil)
            attempt.model = model ?? "a"
            attempt.refusal = model.map { RegistryError(.unauthenticated, "\($0): no") }
            return attempt
        }
        var report = TryReport(registry: RegistryLocation("file:x"), toolVersion: "1", cases: [one])
        report.models = ["a", "b"]
        #expect((report.refusal != nil) == isRefused)
    }
}
