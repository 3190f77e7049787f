import FoundationEssentials
import Jobs
import Prompts
import RegistryFixtures
import Support
import Testing

@testable import Planning

@Suite struct SavedPlanTests {
    let registry = InMemoryRegistry()

    private func save(_ plan: Plan) -> SavedPlan {
        var request = RunRequest()
        request.specPath = "jobs/job.yaml"
        request.inputs = JobInputs(
            target: "x", variables: ["v": "w"], environment: ["TOKEN": "secret"], catalog: "c", aliases: ["a"]
        )
        request.select = ["a*"]
        request.registry = "memory:"
        request.force = true
        request.message = "m"
        return SavedPlan(toolVersion: "1", request: request, plan: plan)
    }

    @Test func aSavedPlanIsReadBackWhole() async throws {
        try await registry.run(.job(["a": "one"]))
        var job = DesiredState.job(["a": "two", "b": "three"])
        // Keys that users chose are no names of ours, whatever their case.
        job.prompts[0].tags = ["teamName": "x", "snake_case": "y", "_under": "z"]
        var plan = try await registry.plan(job)
        var move = AliasLog.Entry(
            alias: "staging", from: 1, to: 2, at: "2026-11-29T00:00:00Z", by: "x", commit: "c", job: "j",
            isRollback: true, release: "r", policyOverride: "p")
        (move.isDirty, move.foundAt, move.evidence, move.gateOverride) = (true, move.at, "e", "g")
        plan.prompts[0].aliases = [.init(alias: "staging", action: .unchanged, previousVersion: 2)]
        plan.prompts[0].aliases[0].lastMove = move
        let saved = save(plan)
        let read = try SavedPlan(json: try saved.data())
        #expect(read.plan == saved.plan)
        #expect(try read.data() == saved.data())
        #expect(
            read.request.inputs == JobInputs(target: "x", variables: ["v": "w"], catalog: "c", aliases: ["a"])
        )
        #expect(read.request.select == ["a*"] && read.request.registry == "memory:" && read.request.force)
    }

    @Test func theEnvironmentIsNotSaved() async throws {
        let saved = save(try await registry.plan(.job(["a": "one"])))
        #expect(!String(decoding: try saved.data(), as: UTF8.self).contains("secret"))
    }

    @Test(arguments: ["", "{}", "[]", "{\"plan_version\": \"3\"}", "version: 1", "\u{0}"])
    func whatIsNoPlanIsRefused(text: String) {
        #expect(throws: VersionedFileError.otherFormat) { try SavedPlan(json: Data(text.utf8)) }
    }

    @Test func aPlanThatCannotBeDecodedNamesTheKey() async throws {
        let text = String(
            decoding: try save(try await registry.plan(.job(["a": "one"]))).data(), as: UTF8.self)
        for (old, new, reason) in [
            (#""on_error""#, #""on_failure""#, "plan.on_error is missing"),
            (
                #""action" : "create""#, #""action" : "make""#,
                "plan.prompts[0].action has an unexpected value"
            ),
            (#""exists" : false"#, #""exists" : null"#, "plan.prompts[0].exists has an unexpected value"),
        ] {
            let changed = text.replacing(old, with: new)
            #expect(changed != text)
            #expect(throws: VersionedFileError.invalid(reason)) { try SavedPlan(json: Data(changed.utf8)) }
        }
    }

    @Test func aPlanOfAnotherVersionIsRefused() {
        #expect(throws: VersionedFileError.otherVersion(9)) {
            try SavedPlan(json: Data(#"{"plan_version": 9, "x": 1}"#.utf8))
        }
    }

    @Test func aPlanHoldsWhileNothingChanges() async throws {
        try await registry.run(.job(["a": "one"]))
        let job = DesiredState.job(["a": "two", "b": "three"])
        let saved = save(try await registry.plan(job))
        #expect(try await saved.changes(since: registry.plan(job)) == [])
    }

    @Test func eachChangeIsNamed() async throws {
        try await registry.run(.job(["a": "one", "b": "one", "c": "one"]))
        let job = DesiredState.job(["a": "two", "b": "two", "c": "two", "d": "new"])
        let saved = save(try await registry.plan(job))
        var other = DesiredState.job(["a": "three", "b": "two", "c": "two", "e": "new"])
        other.prompts[1].description = "Told"
        other.onError = .continue
        _ = try await registry.createVersion(
            of: full("c"), VersionDraft(content: PromptContent(kind: .text, template: "theirs")))
        #expect(
            try await saved.changes(since: registry.plan(other)) == [
                "the job spec changed", "the template of 'a' changed", "what the job says of 'b' changed",
                "'c' changed in the registry", "the prompt 'd' is gone from the job",
                "the prompt 'e' is new in the job",
            ])
    }

    @Test func anotherSpellingOfALetterMakesAPlanStale() async throws {
        let saved = save(try await registry.plan(.job(["a": "caf\u{E9}"])))
        let fresh = try await registry.plan(.job(["a": "cafe\u{301}"]))
        #expect(saved.changes(since: fresh) == ["the template of 'a' changed"])
        let error = #expect(throws: RegistryError.self) { try saved.check(fresh) }
        #expect(error?.code == .stalePlan)
    }

    @Test func aMovedAliasMakesAPlanStale() async throws {
        try await registry.run(.job(["a": "one"]))
        let job = DesiredState.job(["a": "two"])
        let saved = save(try await registry.plan(job))
        try await registry.moveAlias("staging", of: full("a"), from: nil, to: nil)
        #expect(
            try await saved.changes(since: registry.plan(job)) == ["'a' changed in the registry"])
    }
}
