import Prompts

@testable import Reporting
@testable import Views

/// What commands show that change nothing, made without a registry.
enum ViewFixture {
    /// The present: 2026-11-21T13:00:00Z.
    static let now = 1_795_266_000_000
    static let name = "main.agent.prompt_cost"

    static func ago(days: Int = 0, hours: Int = 0, minutes: Int = 0) -> Int {
        now - ((days * 24 + hours) * 60 + minutes) * 60_000
    }

    /// A version of a commit that left some changes out, with a message and settings.
    static var newest: PromptVersion {
        PromptVersion(
            number: 3,
            content: PromptContent(
                kind: .text, template: "Cost of {{region}}\n\tfor {{month}}.\n\n",
                modelConfig: #"{"temperature": 0.20, "model_name": "m"}"#,
                responseFormat: #"{"type":"object","properties":{}}"#),
            description: "Ask for the month",
            tags: [
                ProvenanceTag.commit: "0123456789abcdef0123456789abcdef01234567", ProvenanceTag.dirty: "true",
                ProvenanceTag.job: "agent", ProvenanceTag.source: "prompts/cost.md", "team": "platform",
                ProvenanceTag.managedTags: "team",
            ], createdAt: ago(hours: 5))
    }

    /// Its versions; the oldest came from elsewhere.
    static var versions: [PromptVersion] {
        [
            newest,
            PromptVersion(
                number: 2, content: PromptContent(kind: .text, template: "Cost of {{region}}."),
                tags: [
                    ProvenanceTag.commit: "fedcba9876543210fedcba9876543210fedcba98",
                    ProvenanceTag.dirty: "false",
                    ProvenanceTag.source: "prompts/cost.md",
                ], createdAt: ago(days: 70)),
            PromptVersion(number: 1, content: PromptContent(kind: .text, template: "Cost.")),
        ]
    }

    static var prompt: ObservedPrompt {
        ObservedPrompt(
            name: name, description: "Counts the money.",
            tags: [
                "team": "platform", "tier": "1", ReservedTag.experimentIDs: ",12,15,", AliasLog.tag: "[]",
                ProvenanceTag.job: "agent",
            ], aliases: ["production": 2, "staging": 3, "canary": 3], newest: newest)
    }

    static var details: PromptDetails {
        PromptDetails(
            registry: RegistryLocation("file:/srv/mlruns"), url: "https://host/prompts/cost", prompt: prompt,
            versions: versions
        )
    }

    static func details(of version: PromptVersion, url: String? = nil) -> VersionDetails {
        VersionDetails(
            registry: RegistryLocation("file:/srv/mlruns"), url: url, prompt: prompt, version: version)
    }

    static var chat: PromptVersion {
        PromptVersion(
            number: 1,
            content: PromptContent(
                kind: .chat,
                template:
                    #"[{"role": "system", "content": "Be {{tone}}."}, {"role": "user", "content": "{{q}}\n"}]"#
            ),
            createdAt: ago(minutes: 3))
    }

    /// A registry's prompts, or those of a job of which one is not registered.
    static func listing(ofJob isJob: Bool) -> PromptListing {
        var listing = PromptListing(
            registry: RegistryLocation("file:/srv/mlruns"), job: isJob ? "health_monitor" : nil,
            target: isJob ? "local" : nil,
            entries: [
                .init(name: name, nameInJob: isJob ? "cost" : nil, prompt: prompt, version: newest),
                .init(
                    name: "main.agent.prompt_empty", nameInJob: isJob ? "empty" : nil,
                    prompt: ObservedPrompt(name: "main.agent.prompt_empty")),
            ])
        if isJob { listing.entries.append(.init(name: "main.agent.prompt_new", nameInJob: "new")) }
        return listing
    }

    static func side(_ name: String, _ version: Int?, _ content: PromptContent) -> PromptComparison.Side {
        PromptComparison.Side(name: name, version: version, content: content)
    }

    /// A changed text with its settings, a changed chat, a new prompt, one that became a chat, and one that is the
    /// same.
    static var comparisons: ComparisonReport {
        let new = PromptContent(
            kind: .text, template: "Cost of {{month}}.",
            modelConfig: #"{"temperature": 0.7, "model_name": "m"}"#)
        var longer = chat.content
        longer.template =
            #"[{"role": "system", "content": "Be brief."}, {"role": "system", "content": "Be {{tone}}."}, {"role": "user", "content": "{{q}}"}]"#
        let text = PromptContent(kind: .text, template: "Be {{tone}}.")
        return ComparisonReport(
            registry: RegistryLocation("file:/srv/mlruns"), job: "health_monitor", target: "local",
            prompts: [
                PromptComparison(
                    fullName: name, nameInJob: "cost", old: side("prompts:/\(name)/3", 3, newest.content),
                    new: side("prompts/cost.md", nil, new)),
                PromptComparison(
                    fullName: "main.agent.prompt_chat", nameInJob: "chat",
                    old: side("prompts:/main.agent.prompt_chat/1", 1, chat.content),
                    new: side("prompts/support.chat.yaml", nil, longer)),
                PromptComparison(
                    fullName: "main.agent.prompt_new", nameInJob: "new", old: nil,
                    new: side("prompts/new.md", nil, text)),
                PromptComparison(
                    fullName: "main.agent.prompt_turned", nameInJob: "turned",
                    old: side("prompts:/main.agent.prompt_turned/4", 4, text),
                    new: side("prompts/turned.chat.yaml", nil, chat.content)),
                PromptComparison(
                    fullName: "main.agent.prompt_same", nameInJob: "same",
                    old: side("prompts:/main.agent.prompt_same/2", 2, text),
                    new: side("prompts/same.md", nil, text)),
            ])
    }

    /// Two versions.
    static func comparison(_ old: PromptVersion, _ new: PromptVersion) -> ComparisonReport {
        ComparisonReport(
            registry: RegistryLocation("file:/srv/mlruns"),
            prompts: [
                PromptComparison(
                    fullName: name, old: side("prompts:/\(name)/\(old.number)", old.number, old.content),
                    new: side("prompts:/\(name)/\(new.number)", new.number, new.content))
            ])
    }

    static var history: AliasHistory {
        get throws {
            let entries = """
                [{"alias": "production", "from": 2, "to": 3, "at": "2026-11-21T12:00:00Z", "by": "ann",
                "commit": "0123456789abcdef0123456789abcdef01234567", "job": "agent"},
                {"alias": "staging", "from": 3, "to": null, "at": "2026-11-20T12:00:00Z", "by": null,
                "commit": null, "job": null, "rollback": true}]
                """
            let prompt = ObservedPrompt(
                name: name, tags: [AliasLog.tag: entries], aliases: ["production": 2])
            return try AliasHistory(of: prompt)
        }
    }
}
