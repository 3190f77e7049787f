import Prompts

@testable import Execution
@testable import Planning
@testable import Reporting

/// Values with all that could break out of a format or steer a terminal.
enum HostileFixture {
    static let text =
        "a\nb\r\nc\t|`x`||```\u{1B}[31m]]>&<b>\"'%0A,:::error::x\u{0}\u{7F}\u{9B}\u{2028}\u{202E}👩‍👩‍👧 é\\|\u{FFFF}"

    static var plan: Plan {
        var changed = PlanFixture.cost
        changed.name = text
        changed.prompt.name = text
        changed.source.path = text
        changed.source.specPath = text
        changed.source.variables = [text]
        changed.previousContent?.template = "old \(text)\n````\nsame\n"
        changed.version.content.template = "new \(text)\n````\nsame\n</details>"
        changed.version.content.modelConfig = text
        changed.changes = MetadataChanges(description: text, promptTags: [text: text, "x": nil])
        changed.aliases = [PlannedAlias(alias: text, action: .move, previousVersion: 1)]
        var created = PlanFixture.orchestrator
        created.name = text
        created.prompt = PromptDraft(name: text, description: text, tags: [text: text])
        created.version.content = PlanFixture.text(text)
        created.source.variables = [text]
        created.aliases = [PlannedAlias(alias: text, action: .set)]
        var quiet = PlanFixture.quality
        quiet.name = text
        quiet.aliases = [PlannedAlias(alias: text, action: .unchanged, previousVersion: 5)]
        var plan = PlanFixture.plan([created, changed, quiet])
        plan.job = text
        plan.target = text
        plan.registry = RegistryLocation(text, workspace: text)
        return plan
    }

    static var report: RunReport {
        let error = RegistryError(.failed, text, hint: text)
        return ReportFixture.report(plan, error: error) { outcomes in
            ReportFixture.succeed(&outcomes, alias: .held)
            ReportFixture.fail(&outcomes[1], error)
        }
    }
}
