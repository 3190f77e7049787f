import JobSpec
import PromptRegistry
import Registration

/// Plans what a run of a job would do.
struct JobPlanning: Sendable {
    let request: RunRequest
    let console: Console
    /// Whether to look for prompts that left the job, though they are not to be pruned.
    let showsOrphans: Bool

    /// Makes the plan; a saved one has to hold still.
    ///
    /// - Parameters:
    ///   - batch: The job.
    ///   - registry: The registry, which is read.
    /// - Returns: The plan.
    /// - Throws: `RegistryError`.
    func plan(_ batch: PreparedBatch, _ registry: any PromptRegistry) async throws(RegistryError) -> Plan {
        guard let desired = batch.job, let whole = batch.wholeJob else {
            throw RegistryError(.failed, "there is no job to plan")
        }
        let start = ContinuousClock.now
        let names = desired.prompts.map(\.fullName)
        let observed = try await registry.observe(names)
        let milliseconds = Int((ContinuousClock.now - start) / .milliseconds(1))
        console.detail("observed \(observed.count) of \(names.count) prompts in \(milliseconds) ms")
        var plan = request.planner.plan(desired, observed: observed, registry: registry.address)
        for index in plan.prompts.indices {
            do {
                try registry.check(plan.prompts[index].prompt, plan.prompts[index].version)
            } catch {
                plan.prompts[index].problem = error
            }
        }
        if request.select.isEmpty { try await addOrphans(to: &plan, whole, registry) }
        try request.saved?.check(plan)
        return plan
    }

    private func addOrphans(
        to plan: inout Plan, _ job: DesiredState, _ registry: any PromptRegistry
    ) async throws(RegistryError) {
        guard showsOrphans || request.prune else { return }
        do {
            let orphans = try await OrphanSearch(in: registry).find(job)
            plan.orphans = OrphanSearch.report(orphans, of: job)
            if request.prune { plan.prompts += OrphanSearch.prune(orphans, of: job) }
        } catch {
            // The job's own prompts can be planned without: nothing that is to be done depends on it.
            if request.prune { throw error }
            console.warning("prompts that left the job could not be looked for: \(error.message)")
        }
    }
}
