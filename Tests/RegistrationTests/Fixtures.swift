import PromptRegistry

@testable import JobSpec
@testable import Registration

extension DesiredState {
    /// A job of text prompts, each with the aliases production and staging.
    static func job(_ templates: KeyValuePairs<String, String>, onError: OnError = .hold) -> DesiredState {
        DesiredState(
            job: "job", description: nil, specPath: "jobs/job.yaml", target: nil, registry: nil,
            specFolder: "jobs", onError: onError, provenance: true, variables: [:],
            prompts: templates.map { name, text in
                DesiredPrompt(
                    name: name, fullName: "c.s.prompt_\(name)", specLine: 1,
                    template: LoadedTemplate(
                        path: "prompts/\(name).md", isChat: false, text: text,
                        characters: text.unicodeScalars.count),
                    modelConfig: nil, responseFormat: nil, responseFormatPath: nil, description: nil,
                    tags: [:],
                    aliases: ["production", "staging"], experiments: [])
            })
    }
}

extension InMemoryRegistry {
    /// Plans a job against what the registry holds now.
    func plan(_ desired: DesiredState, force: Bool = false, message: String? = nil) async throws -> Plan {
        try await Planner(force: force, message: message).plan(desired, in: self)
    }

    /// Plans and runs a job.
    @discardableResult
    func run(
        _ desired: DesiredState, force: Bool = false, concurrency: Int = 1, failFast: Bool = false,
        interruption: Interruption = Interruption(), provenance: Provenance = .none
    ) async throws -> RunOutcome {
        let plan = try await plan(desired, force: force)
        return await Runner(
            registry: self, concurrency: concurrency, failFast: failFast, provenance: provenance,
            interruption: interruption
        ).run(plan)
    }
}

/// The registry's name of a prompt of the fixture.
func full(_ name: String) -> String { "c.s.prompt_\(name)" }
