package import Execution
package import Jobs
package import Planning

extension DesiredState {
    /// A job of text prompts, each with the aliases production and staging.
    package static func job(_ templates: KeyValuePairs<String, String>, onError: OnError = .hold)
        -> DesiredState
    {
        DesiredState(
            job: "job", specPath: "jobs/job.yaml", onError: onError,
            prompts: templates.map { name, text in
                DesiredPrompt(
                    name: name, fullName: full(name), specLine: 1,
                    template: LoadedTemplate(path: "prompts/\(name).md", isChat: false, text: text),
                    aliases: ["production", "staging"])
            })
    }
}

extension InMemoryRegistry {
    /// Plans a job against what the registry holds now.
    package func plan(_ desired: DesiredState, force: Bool = false, message: String? = nil) async throws
        -> Plan
    {
        var request = RunRequest()
        request.force = force
        request.message = message
        return try await Planner(request).plan(desired, in: self)
    }

    /// Plans and runs a job.
    @discardableResult
    package func run(
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
package func full(_ name: String) -> String { "c.s.prompt_\(name)" }
