import Prompts
import Testing

@testable import Planning
@testable import Reporting

@Suite("A plan on a terminal")
struct PlanTextTests {
    private func text(_ plan: Plan, verbose: Bool = false) -> String {
        PlanText.render(plan, TextStyle(color: false, verbose: verbose))
    }

    @Test("looks as kept")
    func snapshot() throws {
        try expectSnapshot(text(PlanFixture.all), "plan-all.txt")
        try expectSnapshot(text(PlanFixture.unchanged), "plan-unchanged.txt")
        try expectSnapshot(text(HostileFixture.plan), "plan-hostile.txt")
    }

    @Test("shows templates when asked to")
    func verbose() throws {
        try expectSnapshot(text(PlanFixture.all, verbose: true), "plan-verbose.txt")
    }

    @Test("is coloured on demand")
    func colour() throws {
        try expectSnapshot(
            PlanText.render(PlanFixture.all, TextStyle(color: true, verbose: false)), "plan-colour.txt")
    }

    @Test("ends with its numbers, whatever they are")
    func lastLine() {
        #expect(
            text(PlanFixture.all).hasSuffix(
                "\nPlan: 1 to create, 2 to update, 1 to retag, 2 unchanged; 6 aliases to set or move\n"))
        #expect(
            text(PlanFixture.plan([PlanFixture.reliability])).hasSuffix(
                "\nPlan: 0 to create, 0 to update, 0 to retag, 1 unchanged; 1 alias to set or move\n"))
    }

    @Test("names versions that were registered twice")
    func duplicates() {
        var prompt = PlanFixture.reliability
        prompt.action = .retag
        prompt.repetitions = [4, 5]
        #expect(text(PlanFixture.plan([prompt])).contains("(duplicates v4, v5 to be deleted)"))
    }

    @Test("names every problem, also of prompts to which nothing would happen")
    func problems() {
        var prompt = PlanFixture.reliability
        (prompt.action, prompt.aliases) = (.unchanged, [])
        prompt.problem = RegistryError(.notFound, "there is no alias 'gone'", hint: "name another")
        let shown = text(PlanFixture.plan([prompt]))
        #expect(shown.contains("✗ reliability"))
        #expect(shown.contains("error: there is no alias 'gone'") && shown.contains("help: name another"))
        #expect(shown.contains("1 problem: nothing would be done."))
    }

    @Test("tells which aliases something else moved, though nothing would change")
    func drift() {
        var prompt = PlanFixture.reliability
        (prompt.action, prompt.aliases) = (.unchanged, [])
        prompt.drift = AliasLog(entries: [
            .init(alias: "production", from: 1, to: 2, at: "2026-11-21T12:00:00Z", by: "ann")
        ]).drift(of: ["production": 3])
        let shown = text(PlanFixture.plan([prompt]))
        #expect(
            shown.contains(
                "drift: alias production is at v3, but promptreg moved it to v2 on 2026-11-21T12:00:00Z by ann"
            ))
        var found = prompt
        (found.drift[0].by, found.drift[0].isFoundThere) = (nil, true)
        #expect(
            text(PlanFixture.plan([found])).contains(
                "alias production is at v3, but promptreg found it at v2 on 2026-11-21T12:00:00Z\n"))
        prompt.drift[0].isUndone = true
        #expect(
            text(PlanFixture.plan([prompt])).contains(
                "though by the journal promptreg moved it to v2 on 2026-11-21T12:00:00Z by ann: something else moved it back, or that run has not done so"
            ))
        #expect(shown.contains("No changes, but something else moved aliases.\nPlan: "))
    }

    @Test("does not say that the registry matches where prompts left the job")
    func orphans() {
        var plan = PlanFixture.unchanged
        plan.orphans = [OrphanedPrompt(fullName: "main.a.prompt_old", aliases: ["production": 1])]
        #expect(text(plan).contains("No changes to the prompts that the job names."))
        #expect(
            !text(plan).contains("The registry matches the job") && !text(plan).contains("moved: {old: new}"))
        // What is new may be what has left.
        (plan.prompts, plan.orphans[0].aliases) = (PlanFixture.all.prompts, [:])
        #expect(
            text(plan).contains(
                "help: a renamed prompt keeps its versions and aliases with moved: {old: new}"))
    }

    @Test("says so when nothing changes, and only then")
    func noChanges() {
        let sentence = "No changes. The registry matches the job."
        #expect(text(PlanFixture.unchanged).contains(sentence + "\nPlan: "))
        #expect(!text(PlanFixture.plan([PlanFixture.reliability])).contains(sentence))
        #expect(!text(PlanFixture.all).contains(sentence))
    }

    @Test("counts unchanged prompts beyond thirty")
    func manyPrompts() {
        #expect(text(PlanFixture.many(30)).contains("quality_29"))
        #expect(!text(PlanFixture.many(31)).contains("quality_"))
        #expect(
            text(PlanFixture.many(31)).contains("30 unchanged prompts not listed; --verbose lists them\n"))
        #expect(text(PlanFixture.many(31), verbose: true).contains("quality_30"))
    }

    @Test("says that a new version was forced")
    func forced() {
        var prompt = PlanFixture.quality
        prompt.action = .update
        prompt.differences = [.forced]
        prompt.previousContent = prompt.version.content
        let text = text(PlanFixture.plan([prompt]))
        #expect(text.contains("~ quality (main.agent.prompt_quality): update v5 → v6 (expected)\n"))
        #expect(text.contains("    no differences; forced\n"))
        #expect(!text.contains("@@"))
    }

    @Test("shows what else a message of a chat has")
    func hiddenDifference() {
        var prompt = PlanFixture.supportChat
        prompt.differences = [.template]
        prompt.previousContent = prompt.version.content
        prompt.previousContent?.template = prompt.version.content.template.replacing(
            #""role": "user""#, with: #""role": "user", "name": "ann""#)
        #expect(text(PlanFixture.plan([prompt])).contains(#"-name: "ann""#))
    }

    @Test("shows the changes of a prompt that exists without versions")
    func versionless() {
        var prompt = PlanFixture.orchestrator
        prompt.exists = true
        prompt.changes = MetadataChanges(promptTags: ["team": "platform"])
        let text = text(PlanFixture.plan([prompt]))
        #expect(text.contains("tag team = platform\n"))
        #expect(!text.contains("description = "))
    }
}
