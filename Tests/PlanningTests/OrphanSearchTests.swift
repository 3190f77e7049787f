import Execution
import Jobs
import Prompts
import RegistryFixtures
import Testing

@testable import Planning

@Suite struct OrphanSearchTests {
    let registry = InMemoryRegistry()

    @Test func whatLeftTheJobIsFoundAndItsAliasesGo() async throws {
        try await registry.run(.job(["a": "one", "b": "two", "c": "three"]))
        try await registry.moveAlias("mine", of: full("b"), from: nil, to: 1)
        try await registry.moveAlias("production", of: full("c"), from: nil, to: nil)
        try await registry.moveAlias("staging", of: full("c"), from: nil, to: nil)
        let job = DesiredState.job(["a": "one"])
        let orphans = try await OrphanSearch(in: registry).find(job)
        #expect(
            OrphanSearch.report(orphans, of: job) == [
                OrphanedPrompt(
                    fullName: full("b"), aliases: ["production": 1, "staging": 1], otherAliases: ["mine": 1]),
                OrphanedPrompt(fullName: full("c"), aliases: [:], otherAliases: [:]),
            ])
        var plan = try await registry.plan(job)
        plan.prompts += OrphanSearch.prune(orphans, of: job)
        #expect(plan.hasChanges && plan.counts.aliasRemovals == 2 && plan.prompts.count == 2)
        registry.clearCalls()
        let outcome = await Runner(registry: registry, concurrency: 1).run(plan)
        #expect(outcome.prompts.map(\.status) == [.ok, .ok])
        #expect(registry.aliases(of: full("b")) == ["mine": 1] && registry.stored(full("b")).count == 1)
        #expect(
            registry.writes == [
                .update(full("b")), .deleteAlias("production", full("b")), .deleteAlias("staging", full("b")),
            ])
    }

    @Test func aRegistryThatKeepsNoCaseHasNoOrphansForThat() async throws {
        try await registry.run(.job(["a": "one"]))
        var job = DesiredState.job(["A": "one"])
        job.prompts[0].fullName = "c.s.PROMPT_a"
        #expect(try await OrphanSearch(in: registry).find(job) == [])
        job.prompts[0].fullName = full("b")
        #expect(try await OrphanSearch(in: registry).find(job).map(\.name) == [full("a")])
    }

    @Test func promptsOfOthersAreNone() async throws {
        var other = DesiredState.job(["theirs": "x"])
        other.job = "other"
        try await registry.run(other)
        other.provenance = false
        other.prompts[0].fullName = full("untagged")
        try await registry.run(other)
        var elsewhere = DesiredState.job(["a": "one"])
        elsewhere.prompts[0].fullName = "c.elsewhere.prompt_x"
        try await registry.run(elsewhere)
        #expect(try await OrphanSearch(in: registry).find(.job(["a": "one"])) == [])
    }

    /// A job that takes the prompt b over.
    private func adopting(_ text: String) -> DesiredState {
        var job = DesiredState.job(["b": text])
        job.prompts[0].isAdopted = true
        return job
    }

    @Test func aPromptBelongsToTheJobThatLastMadeAVersion() async throws {
        var first = DesiredState.job(["a": "one", "b": "two"])
        first.job = "first"
        try await registry.run(first)
        try await registry.run(adopting("changed"))
        first.prompts.removeLast()
        #expect(try await OrphanSearch(in: registry).find(first) == [])
        #expect(registry.prompt(full("b"))?.tags[ProvenanceTag.job] == "job")
        #expect(try await !registry.plan(.job(["b": "changed"])).hasChanges)
    }

    /// A job that names a prompt of another one takes it over, though it registers nothing.
    @Test func aPromptThatAnotherJobNamesIsNoOrphan() async throws {
        var first = DesiredState.job(["a": "one", "b": "two"])
        first.job = "first"
        try await registry.run(first)
        #expect(try await registry.plan(.job(["b": "two"])).prompts.map(\.differences) == [[.job]])
        try await registry.run(adopting("two"))
        registry.clearCalls()
        try await registry.run(.job(["b": "two"]))
        #expect(registry.writes == [])
        first.prompts.removeLast()
        #expect(try await OrphanSearch(in: registry).find(first) == [])
    }

    @Test func aFailedPruneSetsTheAliasesAgain() async throws {
        try await registry.run(.job(["a": "one", "b": "two"]))
        let job = DesiredState.job(["a": "ONE"])
        let orphans = try await OrphanSearch(in: registry).find(job)
        var plan = try await registry.plan(job)
        plan.prompts += OrphanSearch.prune(orphans, of: job)
        registry.fail(.deleteAlias("staging", full("b")))
        let outcome = await Runner(registry: registry, concurrency: 1).run(plan)
        #expect(outcome.prompts[1].aliases == [.restored, .failed])
        #expect(registry.aliases(of: full("a")) == ["production": 1, "staging": 1])
        #expect(registry.aliases(of: full("b")) == ["production": 1, "staging": 1])
    }
}
