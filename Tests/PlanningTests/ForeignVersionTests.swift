import Jobs
import Prompts
import RegistryFixtures
import Testing

@testable import Planning

@Suite("What something else made") struct ForeignVersionTests {
    let registry = InMemoryRegistry()
    var job = DesiredState.job(["a": "one"])

    /// Registers a version as another client does.
    @discardableResult
    private func register(_ text: String, tags: [String: String] = [:]) -> Int {
        registry.register(
            VersionDraft(content: PromptContent(kind: .text, template: text), tags: tags), of: full("a"))
    }

    private func move(_ aliases: [String], to version: Int) async throws {
        let prompt = registry.prompt(full("a"))
        for alias in aliases {
            try await registry.moveAlias(alias, of: full("a"), from: prompt?.aliases[alias], to: version)
        }
    }

    private func planned(_ text: String, _ change: (inout DesiredState) -> Void = { _ in }) async throws
        -> PlannedPrompt
    {
        var job = job
        job.prompts[0].template.text = text
        change(&job)
        return try await registry.plan(job).prompts[0]
    }

    @Test func whatOnlyTheJobMadeIsReadWithOneCall() async throws {
        try await registry.run(job)
        let before = registry.calls.count
        #expect(try await planned("two").foreign == [])
        #expect(registry.calls.dropFirst(before) == [.observe])
    }

    @Test func aVersionWithoutAliasesIsReplacedWithAWarning() async throws {
        try await registry.run(job)
        register("theirs", tags: ["mlflow.user": "alice"])
        let prompt = try await planned("two")
        #expect(prompt.problem == nil && prompt.foreign.map(\.answer) == [.warn])
        #expect(prompt.foreign.map(\.version.number) == [2] && prompt.foreign[0].own?.number == 1)
        #expect(prompt.foreign[0].words.contains("v2 was made elsewhere by alice"))
    }

    /// Settings of a version that a job has in its files can be changed in place, in MLflow's editor.
    @Test(arguments: [true, false]) func whatIsChangedInAVersionThatAJobHasIsToldAsAnEdit(_ isOwn: Bool)
        async throws
    {
        var job = job
        job.prompts[0].modelConfig = #"{"temperature":0.2,"top_k":5}"#
        var number = 1
        if isOwn {
            try await registry.run(job)
        } else {
            try await registry.run(self.job)
            // Other clients write the same with other spaces, and in another order.
            number = registry.register(
                VersionDraft(
                    content: PromptContent(
                        kind: .text, template: "one", modelConfig: #"{"top_k": 5, "temperature": 0.20}"#)),
                of: full("a"))
            try await registry.run(job)
        }
        registry.edit(number, of: full("a")) { $0.content.modelConfig = #"{"temperature": 0.9, "top_p": 1}"# }
        let prompt = try await registry.plan(job).prompts[0]
        #expect(prompt.foreign.map(\.isEdited) == [true])
        #expect(
            prompt.foreign[0].edits?.map { [$0.key, $0.from, $0.to] } == [
                ["temperature", "0.2", "0.9"], ["top_k", "5", nil], ["top_p", nil, "1"],
            ])
        #expect(prompt.foreign[0].words.contains(isOwn ? "registered it" : "taken it into its files"))
        // It is replaced no sooner than before the job had it.
        #expect(prompt.foreign.map(\.answer) == [isOwn ? .warn : .refuse])
        // What it was is not known where the files have other settings by now.
        job.prompts[0].modelConfig = nil
        let later = try await registry.plan(job).prompts[0].foreign
        #expect(later.map(\.isEdited) == [true] && later[0].edits == nil)
    }

    @Test func noAliasMovesAwayFromOneByDefault() async throws {
        try await registry.run(job)
        register("theirs")
        try await move(["production"], to: 2)
        let prompt = try await planned("two")
        #expect(prompt.problem?.code == .foreignVersion && prompt.foreign[0].aliases == ["production"])
        #expect(prompt.problem?.message.contains("move production away from it") == true)
    }

    @Test(arguments: OnForeign.allCases)
    func theJobDecides(answer: OnForeign) async throws {
        try await registry.run(job)
        register("theirs")
        for aliases in [[], ["production"]] {
            try await move(aliases, to: 2)
            let prompt = try await planned("two") { $0.onForeign = answer }
            #expect(prompt.foreign.map(\.answer) == [answer])
            #expect((prompt.problem != nil) == (answer == .refuse))
        }
    }

    @Test func aFlagOverwritesForOnce() async throws {
        try await registry.run(job)
        register("theirs")
        try await move(["production"], to: 2)
        var request = RunRequest()
        request.overwritesForeign = true
        var job = job
        job.prompts[0].template.text = "two"
        job.onForeign = .refuse
        let plan = try await Planner(request).plan(job, in: registry)
        #expect(!plan.isRefused && plan.prompts[0].foreign.map(\.answer) == [.overwrite])
    }

    @Test func whatEqualsTheFileIsNoLoss() async throws {
        try await registry.run(job)
        register("theirs")
        register("two")
        try await move(["production"], to: 2)
        let prompt = try await planned("two")
        #expect(prompt.foreign == [] && prompt.problem == nil && prompt.action == .unchanged)
    }

    @Test func whatTheFilesHadOnceMayBeReplaced() async throws {
        try await registry.run(job)
        register("theirs")
        try await move(["production", "staging"], to: 2)
        var job = job
        job.prompts[0].template.text = "theirs"
        #expect(try await !registry.plan(job).hasChanges)
        try await registry.run(job)
        #expect(registry.stored(full("a")).count == 2)
        let calls = registry.calls.filter(\.isWrite).count
        try await registry.run(job)
        #expect(registry.calls.filter(\.isWrite).count == calls)
        #expect(try await planned("two").foreign == [])
        // It was changed again, so that no file has what it holds.
        registry.edit(2, of: full("a")) { $0.content.modelConfig = #"{"temperature": 1}"# }
        #expect(try await planned("two").foreign.map(\.answer) == [.refuse])
    }

    @Test func aFirstRunWarnsOfWhatANotebookLeft() async throws {
        registry.add(ObservedPrompt(name: full("a")))
        register("theirs")
        register("theirs too")
        try await move(["production"], to: 2)
        let prompt = try await planned("one")
        #expect(prompt.problem == nil && prompt.foreign.map(\.answer) == [.warn])
        #expect(prompt.foreign[0].own == nil)
        try await registry.run(job)
        #expect(try await planned("two").foreign == [])
    }

    @Test func settingsThatWereEditedInPlaceAreTold() async throws {
        try await registry.run(job)
        registry.edit(1, of: full("a")) { $0.content.modelConfig = #"{"temperature": 1}"# }
        let prompt = try await planned("one")
        #expect(prompt.action == .update && prompt.problem == nil)
        #expect(prompt.foreign.map(\.isEdited) == [true] && prompt.foreign.map(\.answer) == [.warn])
    }

    @Test func ownVersionsAreKnownWithoutProvenance() async throws {
        var job = job
        job.provenance = false
        try await registry.run(job)
        #expect(try await planned("two") { $0.provenance = false }.foreign == [])
        #expect(try await planned("two").foreign == [])
        register("theirs")
        #expect(try await planned("two") { $0.provenance = false }.foreign[0].own?.number == 1)
    }

    @Test func anAliasBehindTheNewestVersionIsLookedAt() async throws {
        try await registry.run(job)
        register("theirs")
        var two = job
        two.prompts[0].template.text = "two"
        try await registry.run(two)
        try await move(["staging"], to: 2)
        let prompt = try await planned("two")
        #expect(prompt.problem?.code == .foreignVersion && prompt.foreign.map(\.version.number) == [2])
        #expect(prompt.foreign[0].aliases == ["staging"] && prompt.action == .unchanged)
        #expect(prompt.problem?.hint?.contains("promptreg pull --alias staging takes it") == true)
        // Its own version is none of somebody else's, and one that is gone is no reason.
        try await move(["staging"], to: 1)
        #expect(try await planned("two").problem == nil)
    }

    /// It was there before the job's first version, and a newer one was made elsewhere, too.
    @Test func anAliasGoneBackToTheFirstVersionStaysThere() async throws {
        registry.add(ObservedPrompt(name: full("a")))
        register("theirs")
        try await registry.run(job)
        try await move(["production"], to: 1)
        #expect(try await planned("one").problem?.code == .foreignVersion)
        register("theirs too")
        let prompt = try await planned("one")
        #expect(prompt.problem?.code == .foreignVersion && prompt.foreign.map(\.answer) == [.warn, .refuse])
    }

    @Test func promptsOfAnotherJobHaveToBeAdopted() async throws {
        try await registry.run(job)
        let refused = try await planned("one") { $0.job = "other" }
        #expect(refused.problem?.code == .otherJob && refused.previousJob == "job")
        let adopted = try await planned("two") {
            $0.job = "other"
            $0.prompts[0].isAdopted = true
        }
        #expect(adopted.problem == nil && adopted.foreign == [] && adopted.previousJob == "job")
        // Without provenance, a job that changes nothing takes over nothing.
        let same = try await planned("one") {
            $0.job = "other"
            $0.provenance = false
        }
        #expect(same.problem == nil)
        let changed = try await planned("two") {
            $0.job = "other"
            $0.provenance = false
        }
        #expect(changed.problem?.code == .otherJob)
    }

    @Test func anAdoptedPromptsVersionsAreTheJobs() async throws {
        try await registry.run(job)
        var other = job
        other.job = "other"
        other.prompts[0].isAdopted = true
        try await registry.run(other)
        let prompt = try await planned("two") { $0.job = "other" }
        #expect(prompt.problem == nil && prompt.foreign == [] && prompt.previousJob == nil)
        // The first job has to ask for it back.
        #expect(try await planned("two").problem?.code == .otherJob)
    }
}
