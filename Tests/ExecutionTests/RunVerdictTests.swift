import Prompts
import RegistryFixtures
import Testing

@testable import Execution
@testable import Planning

@Suite struct RunVerdictTests {
    private static let denied = RegistryError(.permissionDenied, "x")
    private static let anonymous = RegistryError(.unauthenticated, "x")
    private static let unreachable = RegistryError(.unreachable, "x")
    private static let conflict = RegistryError(.conflict, "x")

    /// What became of a run of two new prompts with one alias each.
    struct Case: Sendable {
        var statuses: [PromptOutcome.Status] = [.ok, .ok]
        var aliases: [AliasStatus] = [.ok, .ok]
        var errors: [RegistryError?] = [nil, nil]
        var error: RegistryError?
        var problems: [RegistryError] = []
        var signal: Int32?
        var verdict: RunVerdict
    }

    static let cases = [
        Case(verdict: .ok),
        // A prompt failed, was not started, or its alias is not where it should be.
        Case(statuses: [.ok, .failed], errors: [nil, conflict], verdict: .failed),
        Case(statuses: [.ok, .notRun], aliases: [.ok, .held], verdict: .failed),
        Case(aliases: [.held, .held], verdict: .failed),
        Case(aliases: [.restored, .restored], verdict: .failed),
        Case(error: RegistryError(.storageFull, "x"), verdict: .failed),
        // Nothing was written, and access to the registry is the only reason.
        Case(
            statuses: [.failed, .failed], aliases: [.held, .held], errors: [denied, denied],
            verdict: .error(denied)),
        Case(
            statuses: [.failed, .failed], aliases: [.held, .held], errors: [anonymous, denied],
            verdict: .error(anonymous)),
        Case(
            statuses: [.notRun, .notRun], aliases: [.held, .held], error: unreachable,
            verdict: .error(unreachable)),
        // Something was written, or there is another reason too.
        Case(statuses: [.ok, .failed], aliases: [.held, .held], errors: [nil, denied], verdict: .failed),
        Case(
            statuses: [.failed, .failed], aliases: [.held, .held], errors: [denied, conflict],
            verdict: .failed),
        Case(
            statuses: [.failed, .failed], aliases: [.held, .held], errors: [denied, unreachable],
            verdict: .failed),
        Case(
            statuses: [.failed, .failed], aliases: [.held, .held], errors: [conflict, conflict],
            verdict: .failed),
        // The plan was refused: by the rules of the registry, or by what it holds.
        Case(
            statuses: [.failed, .notRun], aliases: [.held, .held],
            problems: [RegistryError(.invalidValue, "x")],
            verdict: .invalidInput),
        Case(statuses: [.failed, .notRun], aliases: [.held, .held], problems: [denied], verdict: .failed),
        // A signal comes before everything else.
        Case(signal: 2, verdict: .interrupted(signal: 2)),
        Case(
            statuses: [.ok, .failed], errors: [nil, denied], signal: 15, verdict: .interrupted(signal: 15)),
    ]

    @Test(arguments: cases)
    func theVerdictFollowsFromThePlanAndTheOutcome(run: Case) async throws {
        var plan = try await InMemoryRegistry().plan(.job(["a": "x", "b": "y"]))
        for (index, problem) in run.problems.enumerated() { plan.prompts[index].problem = problem }
        let prompts = plan.prompts.enumerated().map { index, planned in
            var outcome = PromptOutcome(notRun: planned)
            outcome.status = run.statuses[index]
            outcome.error = run.errors[index]
            outcome.aliases = planned.aliases.map { _ in run.aliases[index] }
            return outcome
        }
        let verdict = RunVerdict(plan, RunOutcome(prompts: prompts, error: run.error), signal: run.signal)
        #expect(verdict == run.verdict)
    }

    @Test func aRunWithoutPromptsEndsWellUnlessItHasAnError() async throws {
        let plan = try await InMemoryRegistry().plan(.job([:]))
        #expect(RunVerdict(plan, RunOutcome(prompts: [])) == .ok)
        let outcome = RunOutcome(prompts: [], error: Self.denied)
        #expect(RunVerdict(plan, outcome) == .error(Self.denied))
    }

    @Test func aRunWithoutAPlanEndsWithItsErrorOrTheSignal() {
        #expect(RunVerdict(Self.denied, signal: nil) == .error(Self.denied))
        #expect(RunVerdict(Self.denied, signal: 15) == .interrupted(signal: 15))
    }

    @Test(arguments: [
        (RunVerdict.ok, RunReport.Status.ok), (.failed, .failed), (.invalidInput, .failed),
        (.error(RegistryError(.unreachable, "x")), .failed), (.interrupted(signal: 2), .interrupted),
    ])
    func theReportsStatusFollowsFromTheVerdict(verdict: RunVerdict, status: RunReport.Status) {
        #expect(verdict.status == status)
    }
}
