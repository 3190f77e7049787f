import Jobs
import Planning
import Prompts
import RegistryFixtures
import Testing

@testable import Execution

/// Jobs that name the same prompt, and run at the same time.
@Suite struct OtherJobsTests {
    private let registry = InMemoryRegistry()

    /// What the other job does to prompt a.
    private func letAnotherJobRegister(
        _ job: String = "other", tagsPrompt: Bool = true, at call: InMemoryRegistry.Call
    ) {
        registry.when(call) { [registry] in
            guard registry.prompt(full("a"))?.tags[ProvenanceTag.job] == nil,
                registry.stored(full("a")).count < 2
            else { return }
            if registry.prompt(full("a")) == nil { registry.add(ObservedPrompt(name: full("a"))) }
            if tagsPrompt { registry.setTag(ProvenanceTag.job, to: job, of: full("a")) }
            registry.register(
                VersionDraft(
                    content: PromptContent(kind: .text, template: "theirs"), tags: [ProvenanceTag.job: job]),
                of: full("a"))
            registry.place("production", of: full("a"), at: 1)
        }
    }

    private var job: DesiredState {
        var job = DesiredState.job(["a": "ours"])
        job.provenance = true
        return job
    }

    /// Also where only the version tells whose it is.
    @Test(arguments: [true, false]) func aPromptThatAnotherJobCreatesFirstStaysTheirs(
        _ tagsPrompt: Bool
    ) async throws {
        letAnotherJobRegister(tagsPrompt: tagsPrompt, at: .createPrompt(full("a")))
        let outcome = try await registry.run(job).prompts[0]
        #expect(outcome.status == .failed && outcome.error == Planner.belongs(to: "other", not: "job"))
        let prompt = try #require(registry.prompt(full("a")))
        #expect(prompt.tags == (tagsPrompt ? [ProvenanceTag.job: "other"] : [:]))
        #expect(prompt.aliases == ["production": 1] && registry.stored(full("a")).count == 1)
    }

    @Test func anotherRunOfTheSameJobMayCreateItFirst() async throws {
        letAnotherJobRegister("job", at: .createPrompt(full("a")))
        let outcome = try await registry.run(job).prompts[0]
        #expect(outcome.error?.code != .otherJob && outcome.version == 2)
    }

    @Test func aJobThatAdoptsThePromptTakesIt() async throws {
        letAnotherJobRegister(at: .createPrompt(full("a")))
        var job = job
        job.prompts[0].isAdopted = true
        job.prompts[0].aliases = ["staging"]
        let outcome = try await registry.run(job).prompts[0]
        #expect(outcome.status == .ok && outcome.version == 2)
        #expect(registry.prompt(full("a"))?.tags[ProvenanceTag.job] == "job")
    }

    /// Job "job" prunes prompt b, which the other job adopts before the alias is removed, or at that moment.
    @Test(
        arguments: [InMemoryRegistry.Call.synchronize, .deleteAlias("production", full("b"))], [true, false])
    func aPromptThatAnotherJobHasAdoptedIsNotPruned(
        _ call: InMemoryRegistry.Call, _ holds: Bool
    ) async throws {
        var job = DesiredState.job(["a": "one", "b": "one"], onError: holds ? .hold : .continue)
        job.prompts[1].aliases = ["production"]
        try await registry.run(job)
        job.prompts.removeLast()
        var plan = try await registry.plan(job)
        plan.prompts += OrphanSearch.prune(try await OrphanSearch(in: registry).find(job), of: job)
        #expect(plan.prompts.count == 2)
        registry.when(call) { [registry] in registry.setTag(ProvenanceTag.job, to: "other", of: full("b")) }
        let outcome = await Runner(registry: registry).run(plan).prompts[1]
        #expect(outcome.status == .ok && outcome.leftTo == "other")
        #expect(outcome.planned.aliases.map(\.action) == [.unchanged] && outcome.aliases == [.ok])
        let prompt = try #require(registry.prompt(full("b")))
        let isUnrecorded = try AliasLog(of: prompt).entries.isEmpty
        #expect(prompt.aliases == ["production": 1] && isUnrecorded)
    }

    @Test func anAdoptedPromptThatLostItsAliasIsAConflict() async throws {
        var job = job
        job.job = "other"
        job.prompts[0].aliases = ["production"]
        try await registry.run(job)
        job.job = "job"
        job.prompts[0].isAdopted = true
        registry.when(.update(full("a"))) { [registry] in
            registry.place("production", of: full("a"), at: nil)
        }
        let outcome = try await registry.run(job).prompts[0]
        #expect(outcome.status == .failed && outcome.error?.code == .conflict)
    }

    /// A version that a notebook makes between the plan and the run's own.
    @Test(arguments: [OnForeign?.none, .warn, .overwrite])
    func aVersionMadeElsewhereMeanwhileIsNoted(_ wish: OnForeign?) async throws {
        try await registry.run(.job(["a": "one"]))
        var job = DesiredState.job(["a": "two"])
        job.onForeign = wish
        registry.when(.createVersion(full("a"))) { [registry] in
            registry.register(
                VersionDraft(content: PromptContent(kind: .text, template: "theirs")), of: full("a"))
        }
        let outcome = try await registry.run(job).prompts[0]
        #expect(outcome.status == .ok && outcome.version == 3)
        let foreign = try #require(outcome.planned.foreign.first)
        #expect(outcome.planned.foreign.count == 1 && foreign.version.number == 2)
        #expect(foreign.own?.number == 1 && foreign.answer == wish ?? .warn)
    }

    /// A prompt that no job had registered: the other job is first before its owner is looked at, or right after.
    @Test(arguments: [InMemoryRegistry.Call.observe, .createVersion(full("a"))])
    func aPromptOfNoJobGoesToTheFirst(_ call: InMemoryRegistry.Call) async throws {
        registry.add(ObservedPrompt(name: full("a")))
        registry.register(
            VersionDraft(content: PromptContent(kind: .text, template: "before")), of: full("a"))
        let plan = try await registry.plan(job)
        #expect(plan.prompts[0].problem == nil)
        letAnotherJobRegister(at: call)
        let outcome = await Runner(registry: registry).run(plan).prompts[0]
        #expect(outcome.error?.code == .otherJob)
        #expect(registry.prompt(full("a"))?.tags[ProvenanceTag.job] == "other")
        #expect(registry.aliases(of: full("a")) == ["production": 1])
    }
}
