import Diagnostics
import JobSpec
import PromptRegistry
import Registration

/// One run against a registry, from observing it to letting go of it.
struct RunSession {
    let console: Console
    let registry: any PromptRegistry
    let interruption: Interruption

    /// Reads the registry and plans, without writing.
    func plan(_ desired: DesiredState, planner: Planner) async throws(RegistryError) -> Plan {
        let start = ContinuousClock.now
        let (registry, names) = (registry, desired.prompts.map(\.fullName))
        let observed = try await interruption.cancelling {
            await Result<[String: ObservedPrompt], RegistryError>(of: { () async throws(RegistryError) in
                try await registry.observe(names)
            })
        }.get()
        console.detail(
            "observed \(observed.count) of \(names.count) prompts in \(ContinuousClock.now - start)")
        return planner.plan(desired, observed: observed, registry: registry.address)
    }

    /// Holds the registry, plans, and does what the plan says.
    ///
    /// - Parameters:
    ///   - desired: What the job wants.
    ///   - planner: Makes the plan.
    ///   - runner: Carries it out.
    ///   - progress: Told how many prompts there are to work on.
    ///   - check: Sees the plan before anything is written; what it throws ends the run there.
    /// - Returns: The plan, and what became of it.
    /// - Throws: `RegistryError` when nothing was written.
    func run(
        _ desired: DesiredState, planner: Planner, runner: Runner, progress: ProgressLine,
        check: (Plan) throws(RegistryError) -> Void
    ) async throws(RegistryError) -> (plan: Plan, outcome: RunOutcome) {
        try await begin()
        let planned = await Result<Plan, RegistryError>(of: { () async throws(RegistryError) in
            let plan = try await self.plan(desired, planner: planner)
            try check(plan)
            return plan
        })
        guard case .success(let plan) = planned else {
            // Nothing was written, so letting go can only fail for the reason that there is already.
            _ = await Result<Void, RegistryError>(of: registry.endRun)
            return (try planned.get(), RunOutcome(prompts: []))
        }
        progress.begin(total: plan.prompts.count { $0.action != .unchanged })
        var outcome = await runner.run(plan)
        progress.end()
        do {
            try await registry.endRun()
        } catch {
            outcome.error = outcome.error ?? error
        }
        return (plan, outcome)
    }

    private func begin() async throws(RegistryError) {
        let (registry, console) = (registry, console)
        try await interruption.cancelling {
            await Result<Void, RegistryError>(of: { () async throws(RegistryError) in
                try await registry.beginRun {
                    console.note("waiting for another run on this registry to end")
                }
            })
        }.get()
    }
}
