import Jobs
import Planning
import Prompts
import RegistryFixtures
import Testing

@testable import Execution

@Suite struct RollbackTests {
    let registry = InMemoryRegistry()
    let builder = ReportBuilder(toolVersion: "1")

    /// Runs a job of these templates, and reports.
    @discardableResult
    private func run(_ templates: KeyValuePairs<String, String>) async throws -> RunReport {
        let plan = try await registry.plan(.job(templates))
        let outcome = await Runner(registry: registry, concurrency: 1).run(plan)
        return builder.report(of: plan, outcome, RunVerdict(plan, outcome))
    }

    @discardableResult
    private func roll(_ way: Rollback.Destination, force: Bool = false) async throws -> (
        plan: Plan, outcome: RunOutcome
    ) {
        let batch: Batch
        switch way {
        case .moves(let moves, _, _):
            batch = Batch(.rollback, prompts: moves.keys.sorted().map { PromptSubject(fullName: $0) })
        case .journal, .version: batch = Batch(.rollback, of: .job(["a": "", "b": ""]))
        }
        registry.clearCalls()
        let plan = try await Rollback(way, force: force).plan(batch, in: registry)
        return (plan, await Runner(registry: registry, concurrency: 1).run(plan))
    }

    @Test func aReportIsTakenBackExactly() async throws {
        try await run(["a": "one"])
        let report = try await run(["a": "ONE", "b": "new"])
        let (plan, outcome) = try await roll(.report(report))
        #expect(outcome.prompts.map(\.status) == [.ok, .ok])
        #expect(registry.aliases(of: full("a")) == ["production": 1, "staging": 1])
        // What did not exist before the run does not exist after it was taken back.
        #expect(registry.aliases(of: full("b")) == [:])
        #expect(plan.counts.aliases == 2 && plan.counts.aliasRemovals == 2)
        #expect(registry.stored(full("a")).count == 2 && registry.stored(full("b")).count == 1)
        // Taken back once more, there is nothing left to do.
        #expect(try await !roll(.report(report)).plan.hasChanges)
    }

    @Test func aReleaseOfAnotherJobIsNotTakenBackWithTheJob() async throws {
        for text in ["one", "two"] { try await run(["a": text, "b": text]) }
        registry.setTag(ProvenanceTag.job, to: "other", of: full("a"))
        for way in [Rollback.Destination.journal(alias: "production"), .version(1, alias: "production")] {
            let (plan, _) = try await roll(way)
            #expect(plan.prompts[0].problem?.code == .otherJob && plan.prompts[1].problem == nil)
            #expect(registry.writes == [])
        }
        // Where it is already, nothing is moved of it.
        #expect(try await !roll(.version(2, alias: "production")).plan.isRefused)
        let named = Batch(.rollback, prompts: [PromptSubject(fullName: full("a"))])
        let plan = try await Rollback(.journal(alias: "production")).plan(named, in: registry)
        #expect(!plan.isRefused && plan.hasChanges)
    }

    /// What was released again since is another release, which the report says nothing of.
    @Test func aReportIsNotTakenBackTwice() async throws {
        try await run(["a": "one", "b": "one"])
        let report = try await run(["a": "ONE", "b": "ONE"])
        // Times are told to the millisecond.
        try await Task.sleep(for: .milliseconds(5))
        try await roll(.report(report))
        for alias in ["production", "staging"] { try await roll(.version(2, alias: alias)) }
        #expect(registry.aliases(of: full("a")) == ["production": 2, "staging": 2])
        let (plan, _) = try await roll(.report(report))
        #expect(plan.prompts[0].problem?.code == .conflict)
        #expect(plan.prompts[0].problem?.message.contains("was rolled back on ") == true)
        try await roll(.report(report), force: true)
        #expect(registry.aliases(of: full("a")) == ["production": 1, "staging": 1])
    }

    @Test func aReportTakesBackNothingThatTheRunDidNotDo() async throws {
        try await run(["a": "one", "b": "two"])
        registry.fail(.setAlias("staging", full("b"), 2))
        let report = try await run(["a": "ONE", "b": "TWO"])
        registry.heal()
        #expect(report.status == .failed)
        let (plan, _) = try await roll(.report(report))
        #expect(!plan.hasChanges && registry.writes == [])
    }

    @Test func whatSomebodyMovedSinceIsRefused() async throws {
        try await run(["a": "one"])
        let report = try await run(["a": "ONE"])
        try await run(["a": "three"])
        let (plan, outcome) = try await roll(.report(report))
        #expect(plan.prompts[0].problem?.code == .conflict && registry.writes == [])
        #expect(outcome.prompts[0].status == .failed)
        try await roll(.report(report), force: true)
        #expect(registry.aliases(of: full("a")) == ["production": 1, "staging": 1])
    }

    @Test func whatIsTakenAwayAlreadyIsNotShownAsThere() async throws {
        let report = try await run(["a": "one"])
        try await roll(.report(report))
        #expect(registry.aliases(of: full("a")) == [:])
        let (plan, outcome) = try await roll(.report(report))
        #expect(!plan.hasChanges && plan.prompts.map(\.aliases) == [[]])
        #expect(outcome.prompts.map(\.status) == [.ok])
    }

    @Test func aRunInAnotherWorkspaceIsNotTakenBack() async throws {
        try await run(["a": "one"])
        var report = try await run(["a": "ONE"])
        report.workspace = "https://other.example.com"
        let error = await #expect(throws: RegistryError.self) { try await roll(.report(report), force: true) }
        #expect(error?.code == .invalidAddress)
        #expect(error?.message.contains("memory: (https://other.example.com)") == true)
        #expect(registry.aliases(of: full("a")) == ["production": 2, "staging": 2])
    }

    @Test func theJournalKnowsThePreviousTarget() async throws {
        for text in ["one", "two", "three"] { try await run(["a": text, "b": text]) }
        // A version that no alias ever pointed to is not what was served before.
        for name in ["a", "b"] {
            let content = PromptContent(kind: .text, template: "four")
            _ = try await registry.createVersion(of: full(name), VersionDraft(content: content))
        }
        let journal = Rollback.Destination.journal(alias: "production")
        try await roll(journal)
        #expect(registry.aliases(of: full("a")) == ["production": 2, "staging": 3])
        try await roll(journal)
        #expect(registry.aliases(of: full("a"))["production"] == 1)
        let (plan, _) = try await roll(journal)
        #expect(plan.prompts.map { $0.problem?.code } == [.neverMoved, .neverMoved])
        #expect(registry.writes == [])
    }

    @Test func aPromptThatWasNotPartOfAReleaseStaysWhereItIs() async throws {
        try await run(["a": "one", "b": "two"])
        try await run(["a": "ONE", "b": "two"])
        let (plan, outcome) = try await roll(.journal(alias: "production"))
        #expect(plan.prompts.map { $0.problem?.code } == [nil, nil])
        #expect(outcome.prompts.map(\.status) == [.ok, .ok])
        #expect(registry.aliases(of: full("a"))["production"] == 1)
        #expect(registry.aliases(of: full("b"))["production"] == 1)
        // Asked for by its name, it has no way back.
        let batch = Batch(.rollback, prompts: [PromptSubject(fullName: full("b"))])
        let named = try await Rollback(.journal(alias: "production")).plan(batch, in: registry)
        #expect(named.prompts[0].problem?.code == .neverMoved)
    }

    /// An alias that is nowhere is not told to be at the newest version.
    @Test func anAliasThatIsGoneIsNotPartOfAnotherRelease() async throws {
        try await run(["a": "one", "b": "two"])
        try await run(["a": "ONE", "b": "two"])
        registry.place("production", of: full("b"), at: nil)
        let (plan, outcome) = try await roll(.journal(alias: "production"))
        #expect(plan.prompts.map(\.aliases.count) == [1, 0])
        #expect(outcome.prompts.map(\.status) == [.ok, .ok])
        #expect(registry.aliases(of: full("b"))["production"] == nil)
    }

    @Test func aReleaseIsTakenBackAndNotTheOneBefore() async throws {
        try await run(["a": "one", "b": "two"])
        try await run(["a": "ONE", "b": "two"])
        try await Task.sleep(for: .milliseconds(5))
        try await run(["a": "ONE", "b": "TWO"])
        let journal = Rollback.Destination.journal(alias: "production")
        try await roll(journal)
        #expect(["a", "b"].map { registry.aliases(of: full($0))["production"] } == [2, 1])
        try await roll(journal)
        #expect(["a", "b"].map { registry.aliases(of: full($0))["production"] } == [1, 1])
    }

    /// Makes the last moves of a prompt look as if another run of the same release had made them, at another time.
    private func redate(_ name: String, by difference: Int) throws {
        let prompt = try #require(registry.prompt(name))
        var entries = try AliasLog(of: prompt).entries
        let release = try #require(entries.first?.release)
        for index in entries.indices where entries[index].release == release {
            // RFC 3339, of which the milliseconds are not enough to tell tests apart.
            entries[index].at = "\(entries[index].at.dropLast())\(difference)Z"
        }
        let text = AliasLog(entries: entries).text(limit: 5000)
        registry.setTag(AliasLog.tag, to: text, of: name)
    }

    /// Two runs at once, or one that completes another which was stopped, move parts of the release each.
    @Test func aReleaseThatTwoRunsMadeIsTakenBackWhole() async throws {
        try await run(["a": "one", "b": "one"])
        try await run(["a": "two", "b": "two"])
        try await run(["a": "three", "b": "three"])
        try redate(full("a"), by: 1)
        for version in [2, 1] {
            try await roll(.journal(alias: "production"))
            #expect(registry.aliases(of: full("a"))["production"] == version)
            #expect(registry.aliases(of: full("b"))["production"] == version)
            if version == 2 { try redate(full("b"), by: 2) }
        }
    }

    /// The same texts again, after others, are another release.
    @Test func theSameReleaseAfterAnotherOneIsAnother() async throws {
        try await run(["a": "one", "b": "one"])
        try await run(["a": "two", "b": "two"])
        try await run(["a": "two", "b": "three"])
        try await run(["a": "two", "b": "two"])
        try await roll(.journal(alias: "production"))
        #expect(registry.aliases(of: full("a"))["production"] == 2)
        #expect(registry.aliases(of: full("b"))["production"] == 3)
    }

    @Test func whatWasPrunedComesBack() async throws {
        try await run(["a": "one", "b": "two"])
        let job = DesiredState.job(["a": "one"])
        var plan = try await registry.plan(job)
        plan.prompts += OrphanSearch.prune(try await OrphanSearch(in: registry).find(job), of: job)
        _ = await Runner(registry: registry, concurrency: 1).run(plan)
        #expect(registry.aliases(of: full("b")) == [:])
        let batch = Batch(.rollback, prompts: [PromptSubject(fullName: full("b"))])
        let back = try await Rollback(.journal(alias: "production")).plan(batch, in: registry)
        _ = await Runner(registry: registry).run(back)
        #expect(registry.aliases(of: full("b")) == ["production": 1])
    }

    @Test func theJournalRefusesWhatItDoesNotKnow() async throws {
        for text in ["one", "two", "three"] { try await run(["a": text, "b": text]) }
        try await registry.moveAlias("production", of: full("a"), from: nil, to: 1)
        let journal = Rollback.Destination.journal(alias: "production")
        let (plan, outcome) = try await roll(journal)
        #expect(plan.prompts.map { $0.problem?.code } == [.conflict, nil])
        #expect(registry.writes == [] && outcome.prompts.map(\.status) == [.failed, .notRun])
        #expect(plan.prompts[0].problem?.hint?.contains("--force points it to version 2") == true)
        // Forced, both go back to where they were before the last move of the journal.
        try await roll(journal, force: true)
        #expect(registry.aliases(of: full("a"))["production"] == 2)
        #expect(registry.aliases(of: full("b"))["production"] == 2)
        try await roll(journal)
        #expect(["a", "b"].map { registry.aliases(of: full($0))["production"] } == [1, 1])
    }

    @Test func anAliasThatWasMovedBackByHandStaysThereIfForced() async throws {
        for text in ["one", "two", "three"] { try await run(["a": text, "b": text]) }
        for name in ["a", "b"] { registry.place("production", of: full(name), at: 2) }
        let journal = Rollback.Destination.journal(alias: "production")
        #expect(try await roll(journal).plan.prompts.map { $0.problem?.code } == [.conflict, .conflict])
        let (plan, _) = try await roll(journal, force: true)
        #expect(!plan.hasChanges && plan.prompts.allSatisfy { $0.problem == nil })
    }

    @Test func aVersionCanBeNamed() async throws {
        for text in ["one", "two", "three"] { try await run(["a": text, "b": text]) }
        try await roll(.version(1, alias: "production"))
        #expect(registry.aliases(of: full("a"))["production"] == 1)
        let version = VersionDraft(content: PromptContent(kind: .text, template: "four"))
        for name in ["a", "b"] { _ = try await registry.createVersion(of: full(name), version) }
        // Forward to where it never was, and from there back to where it came from.
        try await roll(.version(4, alias: "production"))
        try await roll(.journal(alias: "production"))
        #expect(registry.aliases(of: full("a"))["production"] == 1)
        let (plan, _) = try await roll(.version(9, alias: "production"))
        #expect(plan.prompts[0].problem?.code == .notFound && registry.writes == [])
    }

    /// What is rolled back by hand is no move forward, which the next rollback would undo; and where the journal of one
    /// prompt knows no way on, the others stay.
    @Test func goingBackToWhereAnAliasNeverWasIsARollback() async throws {
        try await run(["a": "one", "b": "one"])
        for (name, text) in [("a", "two"), ("b", "two"), ("a", "three"), ("b", "three")] {
            let version = VersionDraft(content: PromptContent(kind: .text, template: text))
            _ = try await registry.createVersion(of: full(name), version)
        }
        let named = Batch(.rollback, of: .job(["a": ""]))
        let forward = Rollback(.version(2, alias: "production"))
        _ = await Runner(registry: registry, concurrency: 1).run(try await forward.plan(named, in: registry))
        try await roll(.version(3, alias: "production"))
        // Times are told to the millisecond.
        try await Task.sleep(for: .milliseconds(5))
        try await roll(.version(2, alias: "production"))
        for name in ["a", "b"] {
            let last = try AliasLog(of: #require(registry.prompt(full(name)))).last("production")
            #expect(last?.to == 2 && last?.isRollback == true)
        }
        let (plan, _) = try await roll(.journal(alias: "production"))
        #expect(plan.prompts.map { $0.problem?.code } == [nil, .neverMoved] && registry.writes == [])
    }

    @Test(arguments: [
        InMemoryRegistry.Call.setAlias("production", full("a"), 1), .update(full("a")),
        .setAlias("production", full("b"), 1), .update(full("b")),
    ])
    func aFailureTakesAllBack(_ call: InMemoryRegistry.Call) async throws {
        for text in ["one", "two"] { try await run(["a": text, "b": text]) }
        let before = ["a", "b"].map { registry.prompt(full($0)) }
        registry.fail(call)
        let (_, outcome) = try await roll(.journal(alias: "production"))
        #expect(outcome.prompts.contains { $0.status == .failed })
        #expect(outcome.prompts.allSatisfy { !zip($0.planned.aliases, $0.aliases).contains { $1 == .ok } })
        #expect(["a", "b"].map { registry.prompt(full($0)) } == before)
    }
}

extension Rollback.Destination {
    /// Back to where aliases were before the run of a report.
    fileprivate static func report(_ report: RunReport) -> Self {
        .moves(report.aliasMoves, in: report.location, until: report.finishedAt)
    }
}
