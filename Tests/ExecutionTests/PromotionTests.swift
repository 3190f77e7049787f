import Planning
import Prompts
import RegistryFixtures
import Testing

@testable import Execution

@Suite struct PromotionTests {
    let registry = InMemoryRegistry()
    let names: KeyValuePairs = ["a": "one {{x}}", "b": "two {{x}}"]

    /// A registry in which production serves version 1 of each prompt, and staging version 2.
    private func stage(_ second: KeyValuePairs<String, String>) async throws {
        try await registry.run(.job(names))
        for (name, text) in second {
            let content = PromptContent(kind: .text, template: text)
            let number = try await registry.createVersion(of: full(name), VersionDraft(content: content))
                .number
            try await registry.moveAlias("staging", of: full(name), from: nil, to: number)
        }
        registry.clearCalls()
    }

    private func promote(
        allowsVariableChange: Bool = false, _ batch: Batch? = nil
    ) async throws -> (plan: Plan, outcome: RunOutcome) {
        let promotion = Promotion(
            from: "staging", to: "production", allowsVariableChange: allowsVariableChange)
        let plan = try await promotion.plan(batch ?? Batch(.promote, of: .job(names)), in: registry)
        return (plan, await Runner(registry: registry, concurrency: 1, author: "me").run(plan))
    }

    @Test func eachAliasGoesWhereTheOtherIs() async throws {
        try await stage(["a": "ONE {{x}}"])
        let (plan, outcome) = try await promote()
        #expect(plan.operation == .promote && plan.counts.aliases == 1)
        #expect(plan.prompts[0].previousContent?.template == "one {{x}}")
        #expect(plan.prompts[0].previousContentVersion == 1)
        #expect(plan.prompts[0].version.content.template == "ONE {{x}}")
        #expect(registry.aliases(of: full("a")) == ["production": 2, "staging": 2])
        #expect(registry.aliases(of: full("b")) == ["production": 1, "staging": 1])
        #expect(registry.writes == [.update(full("a")), .setAlias("production", full("a"), 2)])
        #expect(outcome.prompts.map(\.status) == [.ok, .ok])
        let promoted = try #require(registry.prompt(full("a")))
        let entry = try #require(try AliasLog(of: promoted).entries.first)
        #expect(entry.from == 1 && entry.to == 2 && entry.by == "me" && entry.job == "job")
    }

    @Test func aPromptOfAnotherJobIsNotPromotedWithTheJob() async throws {
        try await stage(["a": "ONE {{x}}"])
        registry.setTag(ProvenanceTag.job, to: "other", of: full("a"))
        let (plan, _) = try await promote()
        #expect(plan.prompts[0].problem?.code == .otherJob && plan.prompts[0].previousJob == "other")
        #expect(plan.prompts[1].problem == nil && registry.writes == [])
        var adopting = Batch(.promote, of: .job(names))
        adopting.prompts[0].isAdopted = true
        #expect(
            try await !Promotion(from: "staging", to: "production").plan(adopting, in: registry).isRefused)
        let named = Batch(.promote, prompts: [PromptSubject(fullName: full("a"))])
        #expect(try await promote(named).outcome.prompts[0].status == .ok)
        #expect(registry.aliases(of: full("a"))["production"] == 2)
    }

    @Test func otherVariablesCloseTheGate() async throws {
        try await stage(["a": "ONE {{y}}", "b": "TWO {{x}}"])
        let (plan, outcome) = try await promote()
        let problem = try #require(plan.prompts[0].problem)
        #expect(problem.code == .variablesChanged)
        #expect(problem.message.contains("adds y; drops x"))
        #expect(plan.prompts[1].problem == nil && plan.isRefused)
        #expect(registry.writes == [])
        #expect(outcome.prompts.map(\.status) == [.failed, .notRun])
        #expect(outcome.prompts[0].error == problem)
        #expect(try await !promote(allowsVariableChange: true).plan.isRefused)
        #expect(registry.aliases(of: full("a"))["production"] == 2)
        #expect(registry.aliases(of: full("b"))["production"] == 2)
    }

    @Test func anotherNameForALoopsVariableKeepsTheGateOpen() async throws {
        try await stage(["a": "{% for d in docs %}{{ d.title }}{% endfor %}"])
        _ = try await promote(allowsVariableChange: true)
        let content = PromptContent(
            kind: .text, template: "{% for doc in docs %}{{ doc.title }}{% endfor %}")
        let number = try await registry.createVersion(of: full("a"), VersionDraft(content: content)).number
        try await registry.moveAlias("staging", of: full("a"), from: nil, to: number)
        #expect(try await promote().plan.prompts[0].problem == nil)
        #expect(registry.aliases(of: full("a"))["production"] == 3)
    }

    @Test func aVariableOfAConditionClosesTheGate() async throws {
        try await stage(["a": "one {{x}}{% if country %} in Europe{% endif %}"])
        let problem = try #require(try await promote().plan.prompts[0].problem)
        #expect(problem.message.hasSuffix("from version 1 to version 2: adds country"))
    }

    @Test func aPromptWithoutTheAliasStopsAll() async throws {
        try await stage(["a": "ONE {{x}}"])
        try await registry.moveAlias("staging", of: full("b"), from: nil, to: nil)
        registry.clearCalls()
        let (plan, outcome) = try await promote()
        #expect(plan.prompts[1].problem?.code == .notFound)
        #expect(plan.prompts[1].problem?.hint == "its aliases are production")
        #expect(registry.writes == [] && outcome.prompts.map(\.status) == [.notRun, .failed])
    }

    @Test func aPromptThatIsNotThereStopsAll() async throws {
        try await stage(["a": "ONE {{x}}"])
        let batch = Batch(
            .promote, prompts: [PromptSubject(fullName: full("a")), PromptSubject(fullName: "no.such.one")])
        let (plan, outcome) = try await promote(batch)
        #expect(plan.prompts[1].problem?.code == .notFound && plan.job == nil)
        #expect(registry.writes == [] && outcome.prompts.map(\.status) == [.notRun, .failed])
    }

    /// Whichever call fails, every alias and every journal is as it was, and the report tells so.
    @Test(arguments: [
        InMemoryRegistry.Call.setAlias("production", full("a"), 2), .update(full("a")),
        .setAlias("production", full("b"), 2), .update(full("b")),
    ])
    func aFailureTakesAllBack(_ call: InMemoryRegistry.Call) async throws {
        try await stage(["a": "ONE {{x}}", "b": "TWO {{x}}"])
        let before = [registry.prompt(full("a")), registry.prompt(full("b"))]
        registry.fail(call)
        let (_, outcome) = try await promote()
        #expect(outcome.prompts.contains { $0.status == .failed })
        #expect(outcome.prompts.allSatisfy { !$0.aliases.contains(.ok) })
        #expect([registry.prompt(full("a")), registry.prompt(full("b"))] == before)
        registry.heal()
        // Once the registry works, the same promotion is done.
        let (_, again) = try await promote()
        #expect(again.prompts.map(\.status) == [.ok, .ok])
        #expect(registry.aliases(of: full("b"))["production"] == 2)
    }

    /// What is promoted is what the other alias points to, also while another run moves that.
    @Test(arguments: [
        InMemoryRegistry.Call.update(full("a")), .setAlias("production", full("a"), 2),
        .setAlias("production", full("b"), 2),
    ])
    func anAliasThatMovesMeanwhileIsNotPromoted(_ call: InMemoryRegistry.Call) async throws {
        try await stage(["a": "ONE {{x}}", "b": "TWO {{x}}"])
        registry.when(call) { [registry] in registry.place("staging", of: full("a"), at: 1) }
        let (_, outcome) = try await promote()
        #expect(
            outcome.prompts[0].error?.message
                == "something else moved 'staging' to version 1 during the promotion of version 2")
        #expect(outcome.prompts.allSatisfy { !$0.aliases.contains(.ok) })
        #expect(["a", "b"].map { registry.aliases(of: full($0))["production"] } == [1, 1])
        #expect(registry.aliases(of: full("b"))["staging"] == 2)
    }

    @Test func aSecondPromotionChangesNothing() async throws {
        try await stage(["a": "ONE {{x}}"])
        _ = try await promote()
        registry.clearCalls()
        let (plan, _) = try await promote()
        #expect(!plan.hasChanges && registry.writes == [])
    }
}
