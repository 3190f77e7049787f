import Support
import Execution
import Planning
import Prompts

/// One run against a registry, from observing it to letting go of it.
struct RunSession {
    let console: Console
    let registry: any PromptRegistry
    let interruption: Interruption

    /// Reads the registry, without writing; an interruption gives it up.
    ///
    /// - Parameter body: What to read.
    /// - Returns: What it returns.
    /// - Throws: What it throws.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable () async throws(RegistryError) -> Value
    ) async throws(RegistryError) -> Value {
        try await interruption.cancelling {
            await Result<Value, RegistryError>(of: body)
        }.get()
    }

    /// Holds the registry, plans, and does what the plan says.
    ///
    /// - Parameters:
    ///   - runner: Carries the plan out.
    ///   - progress: Told how many prompts there are to work on.
    ///   - plan: Makes the plan; what it throws ends the run before anything is written.
    /// - Returns: The plan, and what became of it.
    /// - Throws: `RegistryError` when nothing was written.
    func run(
        _ runner: Runner, progress: ProgressLine,
        _ plan: @escaping @Sendable () async throws(RegistryError) -> Plan
    ) async throws(RegistryError) -> (plan: Plan, outcome: RunOutcome) {
        try await begin()
        let planned = await Result<Plan, RegistryError>(of: { () async throws(RegistryError) in
            try await read(plan)
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
        try await read { () async throws(RegistryError) in
            try await registry.beginRun {
                console.note("waiting for another run on this registry to end")
            }
        }
    }
}
