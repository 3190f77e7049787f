import Execution
import Jobs
import Prompts
import RegistryFixtures
import Support
import Testing
import Views

@testable import Planning

@Suite struct PlannerTests {
    let registry = InMemoryRegistry()

    @Test func planningWritesNothing() async throws {
        _ = try await registry.plan(.job(["a": "one"]))
        #expect(registry.calls == [.observe])
    }

    @Test func anUnknownPromptIsCreatedWithItsAliases() async throws {
        let plan = try await registry.plan(.job(["a": "one", "b": "two"]))
        #expect(plan.prompts.map(\.action) == [.create, .create])
        #expect(plan.prompts[0].aliases.map(\.action) == [.set, .set])
        #expect(plan.counts == PlanCounts(create: 2, aliases: 4))
        #expect(plan.hasChanges)
    }

    @Test func anAliasCannotPointToAVersionThatIsNotThere() async throws {
        try await registry.run(.job(["a": "one"]))
        registry.place("production", of: full("a"), at: 99)
        var plan = try await registry.plan(.job(["a": "two"]))
        #expect(try await plan.review(in: registry, isPreview: true) == [])
        let batch = Batch(.rollback, prompts: [PromptSubject(fullName: full("a"))])
        let told = "'production' of '\(full("a"))' points to version 99, which does not exist"
        #expect(plan.prompts[0].problem?.message.contains(told) == true)
        await #expect {
            try await Promotion(from: "staging", to: "production").plan(batch, in: registry)
        } throws: {
            ($0 as? RegistryError)?.message.contains(told) == true
        }
        // What it says helps does.
        var back = try await Rollback(.version(1, alias: "production")).plan(batch, in: registry)
        #expect(try await back.review(in: registry, isPreview: false).first?.contains(told) == true)
        #expect(!back.isRefused && back.hasChanges)
    }

    @Test func anAliasMayBeAheadOfWhatWasSaidToBeTheNewestVersion() async throws {
        try await registry.run(.job(["a": "one"]))
        var plan = try await registry.plan(.job(["a": "two"]))
        _ = registry.register(plan.prompts[0].version, of: full("a"))
        plan.prompts[0].aliases[0].previousVersion = 2
        #expect(try await plan.review(in: registry, isPreview: true) == [] && !plan.isRefused)
    }

    @Test func runThenPlanIsEmpty() async throws {
        var job = DesiredState.job(["a": "one", "b": "two"])
        job.prompts[0].tags = ["team": "platform"]
        job.prompts[0].experiments = ["12", "7"]
        job.prompts[1].description = "Second"
        job.prompts[1].modelConfig = #"{"temperature": 0}"#
        try await registry.run(job)
        let plan = try await registry.plan(job)
        #expect(!plan.hasChanges)
        #expect(plan.counts == PlanCounts(unchanged: 2))
        #expect(registry.prompt(full("a"))?.tags[ReservedTag.experimentIDs] == ",12,7,")
    }

    @Test func anotherTemplateMakesAVersionAndMovesTheAliases() async throws {
        try await registry.run(.job(["a": "one {{x}}"]))
        let plan = try await registry.plan(.job(["a": "two"]))
        #expect(plan.prompts[0].action == .update)
        #expect(plan.prompts[0].differences == [.template])
        #expect(plan.prompts[0].previousVersion == 1)
        #expect(plan.prompts[0].previousContent?.template == "one {{x}}")
        #expect(plan.prompts[0].source.previousVariables == ["x"])
        #expect(
            plan.prompts[0].aliases == [
                PlannedAlias(alias: "production", action: .move, previousVersion: 1),
                PlannedAlias(alias: "staging", action: .move, previousVersion: 1),
            ])
    }

    @Test(arguments: [
        (#"{"a": 1, "b": [1, 2]}"#, #"{"b":[1.0,2],"a":1.0}"#, true),
        (#"{"a": 1}"#, #"{"a": 2}"#, false),
        (#"{"seed": 9007199254740993}"#, #"{"seed": 9007199254740992}"#, false),
        (#"{"seed": 12345678901234567890}"#, #"{"seed": 1234567890123456789.0e1}"#, true),
        (#"{"a": [1, 2]}"#, #"{"a": [2, 1]}"#, false),
        (#"{"a": null}"#, #"{}"#, false),
        (#"{"a": true}"#, #"{"a": 1}"#, false),
        (#"{"é": "\u00e9"}"#, #"{"\u00e9": "é"}"#, true),
    ])
    func configsAreComparedAsJSON(old: String, new: String, same: Bool) async throws {
        var job = DesiredState.job(["a": "one"])
        job.prompts[0].modelConfig = old
        try await registry.run(job)
        job.prompts[0].modelConfig = new
        let plan = try await registry.plan(job)
        #expect(plan.prompts[0].action == (same ? .unchanged : .update))
        #expect(plan.prompts[0].differences == (same ? [] : [.modelConfig]))
    }

    @Test func aTextsVariablesAreTheSameBeforeAndAfter() async throws {
        let text = "{% for x in items %}\n- {{ x }}\n{% endfor %}{% if premium %}!{% endif %}"
        try await registry.run(.job(["a": text]))
        let plan = try await registry.plan(.job(["a": text.replacing("-", with: "*")]))
        #expect(plan.prompts[0].action == .update)
        #expect(plan.prompts[0].source.variables == ["items", "premium"])
        #expect(plan.prompts[0].source.previousVariables == ["items", "premium"])
    }

    @Test func theVariablesOfAChatAreThoseOfItsMessages() async throws {
        let chat = { PromptContent(kind: .chat, template: $0).variables }
        #expect(
            chat(#"[{"role": "user", "content": "{{\nx }}{% if y == \"z\" %}{% endif %}"}]"#) == ["x", "y"])
        #expect(chat(#"[{"role": "{{x}}", "content": "{{y}}"}]"#) == ["x", "y"])
        #expect(chat(#"[{"role": "user", "content": [{"type": "text", "text": "{{x}}"}]}]"#) == ["x"])
    }

    @Test func chatMessagesAreComparedAsJSON() async throws {
        var job = DesiredState.job(["a": #"[{"role": "user", "content": "Hi"}]"#])
        job.prompts[0].template.isChat = true
        try await registry.run(job)
        job.prompts[0].template.text = #"[{"content":"Hi","role":"user"}]"#
        #expect(try await registry.plan(job).prompts[0].action == .unchanged)
        job.prompts[0].template.text = #"[{"content":"Ho","role":"user"}]"#
        #expect(try await registry.plan(job).prompts[0].action == .update)
    }

    @Test func twoSpellingsOfALetterDiffer() async throws {
        try await registry.run(.job(["a": "caf\u{E9}"]))
        let plan = try await registry.plan(.job(["a": "cafe\u{301}"]))
        #expect(plan.prompts[0].differences == [.template])
        #expect(LineDiff(from: "caf\u{E9}", to: "cafe\u{301}").hunks.count == 1)
        #expect(!JSONValue.areEqual("\"\u{E9}\"", "\"e\u{301}\""))
    }

    @Test func textAndChatOfTheSameCharactersDiffer() async throws {
        var job = DesiredState.job(["a": "[]"])
        try await registry.run(job)
        job.prompts[0].template.isChat = true
        #expect(try await registry.plan(job).prompts[0].differences == [.kind])
    }

    @Test func forceMakesAVersionOfWhatDidNotChange() async throws {
        try await registry.run(.job(["a": "one"]))
        let plan = try await registry.plan(.job(["a": "one"]), force: true, message: "again")
        #expect(plan.prompts[0].action == .update)
        #expect(plan.prompts[0].differences == [.forced])
        #expect(plan.prompts[0].version.description == "again")
    }

    @Test func aMessageAloneIsNoDifference() async throws {
        try await registry.run(.job(["a": "one"]))
        #expect(try await !registry.plan(.job(["a": "one"]), message: "other").hasChanges)
    }

    @Test func tagsAndDescriptionChangeInPlace() async throws {
        var job = DesiredState.job(["a": "one"])
        job.prompts[0].tags = ["team": "platform"]
        try await registry.run(job)
        job.prompts[0].tags = ["team": "data"]
        job.prompts[0].description = "New"
        let plan = try await registry.plan(job)
        #expect(plan.prompts[0].action == .retag)
        #expect(plan.prompts[0].differences == [.description, .tags])
        #expect(plan.prompts[0].changes.description == "New")
        #expect(plan.prompts[0].changes.promptTags == ["team": "data"])
        #expect(plan.prompts[0].changes.versionTags == ["team": "data"])
        #expect(plan.prompts[0].changes.version == 1)
        #expect(plan.prompts[0].aliases.map(\.action) == [.unchanged, .unchanged])
        try await registry.run(job)
        #expect(registry.stored(full("a")).count == 1)
        #expect(try await !registry.plan(job).hasChanges)
    }

    @Test func aTagThatTheJobDropsGoesAndOneThatItNeverSetStays() async throws {
        var job = DesiredState.job(["a": "one"])
        job.prompts[0].tags = ["team": "platform", "tier": "1"]
        try await registry.run(job)
        try await registry.update(
            full("a"),
            MetadataChanges(promptTags: ["theirs": "x"], version: 1, versionTags: ["theirs": "y"]))
        #expect(try await !registry.plan(job).hasChanges)
        job.prompts[0].tags = ["team": "platform"]
        let plan = try await registry.plan(job)
        #expect(plan.prompts[0].action == .retag)
        #expect(plan.prompts[0].changes.promptTags == ["tier": nil])
        try await registry.run(job)
        #expect(
            registry.prompt(full("a"))?.tags == ["team": "platform", "theirs": "x", "promptreg_job": "job"])
        let tags = try #require(registry.prompt(full("a"))?.newest?.tags)
        #expect(tags["theirs"] == "y" && tags["tier"] == nil && tags["team"] == "platform")
        #expect(try await !registry.plan(job).hasChanges)
    }

    @Test func lastTagOfAJobGoesToo() async throws {
        var job = DesiredState.job(["a": "one"])
        job.prompts[0].tags = ["team": "platform"]
        try await registry.run(job)
        job.prompts[0].tags = [:]
        try await registry.run(job)
        #expect(registry.prompt(full("a"))?.tags == ["promptreg_job": "job"])
        #expect(registry.prompt(full("a"))?.newest?.tags[ProvenanceTag.managedTags] == nil)
        #expect(try await !registry.plan(job).hasChanges)
    }

    @Test func experimentsAreAddedToThoseThatAreThere() async throws {
        var job = DesiredState.job(["a": "one"])
        try await registry.run(job)
        try await registry.update(
            full("a"), MetadataChanges(promptTags: [ReservedTag.experimentIDs: ",3,"]))
        job.prompts[0].experiments = ["12"]
        let plan = try await registry.plan(job)
        #expect(plan.prompts[0].differences == [.experiments])
        #expect(plan.prompts[0].changes.promptTags == [ReservedTag.experimentIDs: ",3,12,"])
    }

    @Test func provenanceIsNoDifference() async throws {
        let first = Provenance(commit: "aaa", repositoryPaths: [:], changedPaths: [])
        try await registry.run(.job(["a": "one"]), provenance: first)
        #expect(registry.stored(full("a"))[0].tags[ProvenanceTag.commit] == "aaa")
        #expect(try await !registry.plan(.job(["a": "one"])).hasChanges)
    }

    @Test func whatNoJobRegisteredIsTakenOverAsItIsWhereTheJobAdoptsIt() async throws {
        let content = PromptContent(kind: .text, template: "one")
        _ = try await registry.createPrompt(
            PromptDraft(name: full("a"), description: nil, tags: [:]),
            firstVersion: VersionDraft(content: content, description: nil, tags: [:]))
        for alias in ["production", "staging"] {
            try await registry.moveAlias(alias, of: full("a"), from: nil, to: 1)
        }
        var job = DesiredState.job(["a": "one"])
        #expect(try await !registry.plan(job).hasChanges)
        job.prompts[0].isAdopted = true
        let plan = try await registry.plan(job)
        #expect(plan.prompts[0].action == .retag && plan.prompts[0].differences == [.job])
        #expect(plan.prompts[0].previousJob == nil && plan.prompts[0].problem == nil)
        try await registry.run(job)
        let prompt = try #require(registry.prompt(full("a")))
        #expect(prompt.tags[ProvenanceTag.job] == "job" && prompt.newest?.number == 1)
        #expect(prompt.newest?.maker(of: full("a"), for: "job").isForeign == false)
        #expect(try await !registry.plan(job).hasChanges)
        job.prompts[0].isAdopted = false
        #expect(try await !registry.plan(job).hasChanges)
    }

    @Test func whatAnotherJobRegisteredIsTakenOverOnce() async throws {
        var job = DesiredState.job(["a": "one"])
        try await registry.run(job)
        job.job = "renamed"
        let plan = try await registry.plan(job)
        #expect(plan.prompts[0].action == .retag && plan.prompts[0].differences == [.job])
        #expect(plan.prompts[0].previousJob == "job" && plan.hasChanges)
        #expect(plan.prompts[0].problem?.code == .otherJob)
        job.provenance = false
        #expect(try await !registry.plan(job).hasChanges)
        job.provenance = true
        job.prompts[0].isAdopted = true
        try await registry.run(job)
        job.prompts[0].isAdopted = false
        #expect(registry.prompt(full("a"))?.tags[ProvenanceTag.job] == "renamed")
        let next = try await registry.plan(job)
        #expect(!next.hasChanges && next.prompts[0].previousJob == nil)
    }

    @Test func anAliasElsewhereMovesToTheNewestVersion() async throws {
        try await registry.run(.job(["a": "one"]))
        try await registry.run(.job(["a": "two"]))
        try await registry.moveAlias("production", of: full("a"), from: nil, to: 1)
        let plan = try await registry.plan(.job(["a": "two"]))
        #expect(plan.prompts[0].action == .unchanged)
        #expect(plan.prompts[0].aliases.map(\.action) == [.move, .unchanged])
        #expect(plan.counts.aliases == 1)
    }

    @Test func aPromptWithoutVersionsIsCreatedOnTopOfWhatThereIs() async throws {
        _ = try await registry.createPrompt(
            PromptDraft(name: full("a")),
            firstVersion: VersionDraft(content: PromptContent(kind: .text, template: "x")))
        let empty = [full("a"): ObservedPrompt(name: full("a"))]
        let plan = Planner().plan(.job(["a": "one"]), observed: empty, registry: RegistryLocation(""))
        #expect(plan.prompts[0].action == .create)
        #expect(plan.prompts[0].exists)
        registry.clearCalls()
        _ = await Runner(registry: registry).run(plan)
        #expect(registry.writes.first == .createVersion(full("a")))
    }

    @Test func aLargeJobIsObservedInParts() async throws {
        try await registry.run(.job(["p1234": "text"]))
        registry.clearCalls()
        var job = DesiredState.job(["p": "text"])
        let prompt = job.prompts[0]
        job.prompts = (0..<2_500).map { number in
            var numbered = prompt
            numbered.name = "p\(number)"
            numbered.fullName = full(numbered.name)
            return numbered
        }
        let plan = try await registry.plan(job)
        #expect(registry.calls == [.observe, .observe, .observe])
        #expect(plan.prompts.map(\.name) == job.prompts.map(\.name))
        #expect(plan.prompts.filter { $0.action == .unchanged }.map(\.name) == ["p1234"])
    }
}
