import FoundationEssentials
import Jobs

import Prompts
import RegistryFixtures
import Support
import Testing

@testable import Execution
@testable import Planning

@Suite struct ReportBuilderTests {
    let registry = InMemoryRegistry()
    let builder = ReportBuilder(toolVersion: "1.2.3")

    @Test func aReportCountsWhatWasDone() async throws {
        try await registry.run(.job(["same": "x", "new": "x", "broken": "x"]))
        let job = DesiredState.job(
            ["same": "x", "new": "y", "broken": "y", "first": "z"], onError: .continue)
        registry.fail(.createVersion(full("broken")), .permissionDenied)
        let plan = try await registry.plan(job)
        let outcome = await Runner(registry: registry).run(plan)
        let report = builder.report(of: plan, outcome, RunVerdict(plan, outcome))
        #expect(report.status == .failed && report.mode == .run)
        #expect(
            report.summary
                == RunReport.Summary(
                    total: 4, created: 1, updated: 1, retagged: 0, unchanged: 1, failed: 1, notRun: 0,
                    aliasesSet: 4, aliasesHeld: 2))
        #expect(report.succeeded == 2)
        #expect(
            report.prompts.map(\.uri) == [
                "prompts:/c.s.prompt_same/1", "prompts:/c.s.prompt_new/2", nil, "prompts:/c.s.prompt_first/1",
            ])
        #expect(
            report.prompts[1].aliases[0]
                == AliasReport(
                    alias: "production", action: .move, status: .ok, version: 2, previousVersion: 1,
                    targetVersion: 2))
        #expect(
            report.prompts[2].aliases[0]
                == AliasReport(
                    alias: "production", action: .move, status: .held, version: 1, previousVersion: 1,
                    targetVersion: 2))
        #expect(report.prompts[2].error?.code == .permissionDenied)
    }

    @Test func aPlansReportHasDoneNothing() async throws {
        try await registry.run(.job(["same": "x"]))
        let plan = try await registry.plan(.job(["same": "x", "new": "y"]))
        let report = builder.report(of: plan, mode: .dryRun)
        #expect(report.status == .ok)
        #expect(report.prompts.map(\.status) == [.ok, .notRun])
        #expect(report.prompts.map(\.version) == [1, nil])
        #expect(report.plan == PlanCounts(create: 1, unchanged: 1, aliases: 2))
        #expect(report.summary.aliasesSet == 0 && report.summary.aliasesHeld == 0)
    }

    @Test func aRunThatNeverBeganReportsWhy() throws {
        let error = RegistryError(.unreachable, "gone")
        let report = builder.report(
            notBegun: Batch(.run, of: .job(["a": "x", "b": "y"])), registry: RegistryLocation("file:/x"),
            error: error,
            mode: .run,
            RunVerdict(error, signal: nil))
        #expect(report.status == .failed && report.error == error)
        #expect(report.summary.total == 2 && report.summary.notRun == 2)
    }

    @Test func aPromptThatKeptARunFromBeginningIsTheOneThatFailed() throws {
        var error = RegistryError(.nameTaken, "taken")
        error.prompt = full("b")
        let report = builder.report(
            notBegun: Batch(.run, of: .job(["a": "x", "b": "y"])), registry: RegistryLocation("file:/x"),
            error: error,
            mode: .run,
            RunVerdict(error, signal: nil))
        #expect(report.prompts.map(\.status) == [.notRun, .failed])
        #expect(report.prompts.map(\.action) == [nil, nil])
        #expect(report.prompts[1].error?.code == .nameTaken && report.error == nil)
        #expect(report.summary.failed == 1 && report.summary.notRun == 1 && report.status == .failed)
    }

    @Test func aReportLinksToTheNewestVersionThatThereIs() async throws {
        try await registry.run(.job(["same": "x", "tied": "x", "broken": "x"]))
        var job = DesiredState.job(
            ["same": "x", "tied": "y", "broken": "y", "first": "z"], onError: .continue)
        job.prompts[1].experiments = ["12", "7"]
        registry.fail(.createVersion(full("broken")))
        let plan = try await registry.plan(job)
        let outcome = await Runner(registry: registry).run(plan)
        var builder = builder
        #expect(
            builder.report(of: plan, outcome, RunVerdict(plan, outcome)).prompts
                .allSatisfy { $0.url == nil })
        builder.registry = registry
        #expect(
            builder.report(of: plan, outcome, RunVerdict(plan, outcome)).prompts.map(\.url) == [
                "https://host/all/c.s.prompt_same/1", "https://host/12/c.s.prompt_tied/2",
                "https://host/all/c.s.prompt_broken/1", "https://host/all/c.s.prompt_first/1",
            ])
        // A prompt that is only planned has no page yet.
        let planned = builder.report(of: plan, mode: .plan)
        #expect(planned.prompts.map { $0.url != nil } == [true, true, true, false])
    }

    @Test func aReportHasTheCommitAndItsTimesInRFC3339() async throws {
        let plan = try await registry.plan(.job(["a": "x"]))
        var builder = builder
        builder.provenance = Provenance(commit: "abc", repositoryPaths: [:], changedPaths: ["prompts/a.md"])
        let report = builder.report(of: plan, mode: .plan)
        #expect(report.git == RunReport.Git(commit: "abc", dirty: true))
        let started = try #require(report.startedAt.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/))
        #expect(started.output.count == 24)
    }
}
