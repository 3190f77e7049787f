import Jobs
import Planning
import Prompts
import RegistryFixtures
import Testing

@testable import Execution

/// Links to experiments that other clients add while a run adds its own.
@Suite struct ExperimentLinksTests {
    private let registry = InMemoryRegistry()

    private func links() -> [String] { registry.prompt(full("a"))?.experiments ?? [] }

    @Test(arguments: [true, false]) func aLinkThatSomethingElseAddsMeanwhileStays(
        _ isNew: Bool
    ) async throws {
        var job = DesiredState.job(["a": "one"])
        if !isNew { try await registry.run(job) }
        job.prompts[0].experiments = ["12"]
        let plan = try await registry.plan(job)
        if !isNew { registry.setTag(ReservedTag.experimentIDs, to: ",7,", of: full("a")) }
        registry.when(.createPrompt(full("a"))) { [registry] in
            registry.add(ObservedPrompt(name: full("a"), tags: [ReservedTag.experimentIDs: ",7,"]))
        }
        let outcome = await Runner(registry: registry).run(plan).prompts[0]
        #expect(outcome.status == .ok && links() == ["7", "12"])
    }

    @Test func aLinkThatSomethingElseAddsAfterwardsIsNoConflict() async throws {
        var job = DesiredState.job(["a": "one"])
        try await registry.run(job)
        job.prompts[0].experiments = ["12"]
        let plan = try await registry.plan(job)
        // The last look is at what the run has changed.
        registry.when(.observe) { [registry] in
            guard registry.prompt(full("a"))?.experiments == ["12"] else { return }
            registry.setTag(ReservedTag.experimentIDs, to: ",12,7,", of: full("a"))
        }
        let outcome = await Runner(registry: registry).run(plan).prompts[0]
        #expect(outcome.status == .ok && links() == ["12", "7"])
    }
}
