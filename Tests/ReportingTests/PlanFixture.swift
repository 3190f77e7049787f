import Prompts

@testable import Jobs
@testable import Planning
@testable import Reporting

/// Plans for the tests, made without a registry.
enum PlanFixture {
    /// A plan with every action, and every change that a plan can show.
    static var all: Plan {
        plan([orchestrator, cost, supportChat, security, quality, reliability])
    }

    /// A plan that changes nothing.
    static var unchanged: Plan { plan([quality]) }

    /// A plan with many prompts of which one changes.
    static func many(_ count: Int) -> Plan {
        var quiet: [PlannedPrompt] = []
        for number in 1..<count {
            var prompt = quality
            prompt.name = "quality_\(number)"
            prompt.prompt.name = "main.agent.prompt_quality_\(number)"
            quiet.append(prompt)
        }
        return plan(quiet + [cost])
    }

    static func plan(_ prompts: [PlannedPrompt]) -> Plan {
        Plan(
            operation: .run, job: "health_monitor", target: "local",
            registry: RegistryLocation("file:/srv/mlruns"),
            onError: .hold,
            provenance: true, prompts: prompts)
    }

    static func prompt(
        _ name: String, _ action: PromptAction, _ content: PromptContent, previous: Int? = nil,
        aliases: [PlannedAlias]
    ) -> PlannedPrompt {
        PlannedPrompt(
            name: name, prompt: PromptDraft(name: "main.agent.prompt_\(name)"),
            version: VersionDraft(content: content), action: action, differences: [], exists: previous != nil,
            previousVersion: previous, previousContent: nil, changes: MetadataChanges(), aliases: aliases,
            source: TemplateSource(
                path: "prompts/\(name).md", files: ["prompts/\(name).md"],
                specPath: "jobs/health_monitor.yaml", specLine: 12,
                characters: content.template.unicodeScalars.count, variables: [], previousVariables: []))
    }

    static func text(_ template: String) -> PromptContent { PromptContent(kind: .text, template: template) }

    static var orchestrator: PlannedPrompt {
        var prompt = prompt(
            "orchestrator", .create, text("Answer {{query}}\nwith {{context}}.\n\nBe brief."),
            aliases: [
                PlannedAlias(alias: "production", action: .set), PlannedAlias(alias: "staging", action: .set),
            ])
        prompt.source.variables = ["context", "query"]
        prompt.prompt.description = "Routes a question"
        prompt.prompt.tags = ["team": "platform", ReservedTag.experimentIDs: ",12,15,"]
        prompt.version.content.modelConfig = #"{"temperature": 0.2}"#
        return prompt
    }

    static var cost: PlannedPrompt {
        let lines = (1...12).map { "Rule \($0)." }
        var new = lines
        new[1] = "Rule 2 for {{region}}."
        new.insert("Rule 10a.", at: 10)
        var old = lines
        old[1] = "Rule 2 for {{zone}}."
        var prompt = prompt(
            "cost", .update, text(new.joined(separator: "\n")), previous: 3,
            aliases: [
                PlannedAlias(alias: "production", action: .move, previousVersion: 3),
                PlannedAlias(alias: "staging", action: .set),
            ])
        prompt.source.variables = ["region"]
        prompt.source.previousVariables = ["zone"]
        prompt.differences = [.template, .modelConfig, .responseFormat]
        prompt.previousContent = text(old.joined(separator: "\n"))
        let theirs = PromptVersion(
            number: 3, content: text(old.joined(separator: "\n")), description: "By hand",
            createdAt: 1_767_323_045_006, createdBy: "alice")
        let own = PromptVersion(number: 2, content: text(lines.joined(separator: "\n")))
        prompt.foreign = [
            ForeignVersion(
                theirs, by: VersionMaker(), after: own, aliases: ["production"], wish: .overwrite)
        ]
        prompt.previousContentVersion = prompt.previousVersion
        prompt.previousContent?.modelConfig = #"{"temperature": 0.2}"#
        prompt.version.content.modelConfig = #"{"temperature": 0.7}"#
        prompt.version.content.responseFormat = #"{"type": "object"}"#
        return prompt
    }

    static var supportChat: PlannedPrompt {
        var prompt = prompt(
            "support_chat", .update,
            PromptContent(
                kind: .chat,
                template: #"[{"role": "system", "content": "Help."}, {"role": "user", "content": "{{q}}"}]"#),
            previous: 1, aliases: [PlannedAlias(alias: "production", action: .move, previousVersion: 1)])
        prompt.differences = [.kind, .template]
        prompt.previousContent = text("Help with {{q}}")
        prompt.previousContentVersion = prompt.previousVersion
        prompt.source.path = "prompts/support.chat.yaml"
        prompt.source.variables = ["q"]
        prompt.source.previousVariables = ["q"]
        return prompt
    }

    static var security: PlannedPrompt {
        var prompt = prompt(
            "security", .retag, text("Check."), previous: 2,
            aliases: [PlannedAlias(alias: "production", action: .unchanged, previousVersion: 2)])
        prompt.differences = [.description, .tags, .experiments]
        prompt.changes = MetadataChanges(
            description: "Finds holes",
            promptTags: ["team": "data", "owner": nil, ReservedTag.experimentIDs: ",7,"], version: 2,
            versionTags: ["team": "data", "owner": nil, ProvenanceTag.managedTags: "team"])
        return prompt
    }

    static var quality: PlannedPrompt {
        prompt(
            "quality", .unchanged, text("Judge."), previous: 5,
            aliases: [
                PlannedAlias(alias: "production", action: .unchanged, previousVersion: 5),
                PlannedAlias(alias: "staging", action: .unchanged, previousVersion: 5),
            ])
    }

    static var reliability: PlannedPrompt {
        prompt(
            "reliability", .unchanged, text("Count."), previous: 2,
            aliases: [
                PlannedAlias(alias: "production", action: .unchanged, previousVersion: 2),
                PlannedAlias(alias: "staging", action: .move, previousVersion: 1),
            ])
    }
}
