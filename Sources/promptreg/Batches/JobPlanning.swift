import Support
import Jobs
import Planning
import Prompts

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
        async let orphans = orphans(of: whole, in: registry)
        let start = ContinuousClock.now
        var plan = try await request.planner.plan(desired, in: registry)
        let milliseconds = Int((ContinuousClock.now - start) / .milliseconds(1))
        let known = plan.prompts.count(where: \.exists)
        console.detail("observed \(known) of \(plan.prompts.count) prompts in \(milliseconds) ms")
        for index in plan.prompts.indices {
            do {
                try registry.check(plan.prompts[index].prompt, plan.prompts[index].version)
            } catch {
                plan.prompts[index].problem = error
            }
        }
        try add(await orphans, of: whole, to: &plan)
        try request.saved?.check(plan)
        return plan
    }

    /// The prompts that left the job; none where nobody asks for them.
    private func orphans(
        of job: DesiredState, in registry: any PromptRegistry
    ) async -> Result<[ObservedPrompt], RegistryError> {
        guard request.select.isEmpty, showsOrphans || request.prune else { return .success([]) }
        return await Result(of: { () async throws(RegistryError) in
            try await OrphanSearch(in: registry).find(job)
        })
    }

    private func add(
        _ found: Result<[ObservedPrompt], RegistryError>, of job: DesiredState, to plan: inout Plan
    ) throws(RegistryError) {
        do {
            let orphans = try found.get()
            plan.orphans = OrphanSearch.report(orphans, of: job)
            if request.prune { plan.prompts += OrphanSearch.prune(orphans, of: job) }
        } catch {
            // The job's own prompts can be planned without: nothing that is to be done depends on it.
            if request.prune { throw error }
            console.warning("prompts that left the job could not be looked for: \(error.message)")
        }
    }
}
