package import Jobs
package import Prompts
import Support

extension Planner {
    /// What became of the search for the prompts that left a job.
    package typealias Orphans = Result<[ObservedPrompt], RegistryError>

    /// Reads a registry, plans a whole job, and finds the prompts that left it.
    ///
    /// What lists have of a large job is planned page by page, and only the rest is asked for by name.
    ///
    /// - Parameters:
    ///   - desired: What the job wants, with all its prompts.
    ///   - registry: The registry; only read.
    ///   - keepsContent: Whether the newest version of each orphan is needed.
    /// - Returns: The plan, and the orphans by name, or why they could not be found.
    /// - Throws: `RegistryError` when the registry cannot be read, or when a name belongs to something else.
    package func planWithOrphans(
        _ desired: DesiredState, in registry: any PromptRegistry, keepsContent: Bool
    ) async throws(RegistryError) -> (plan: Plan, orphans: Orphans) {
        let search = OrphanSearch(in: registry)
        // A large job's plans are most of the memory that is needed, so that they are never held twice.
        var prompts: [PlannedPrompt] = []
        prompts.reserveCapacity(desired.prompts.count)
        var planned: Set<String> = []
        let places = Dictionary(
            zip(desired.prompts.lazy.map(\.fullName), desired.prompts.indices)
        ) { first, _ in first }
        var orphans: Orphans?
        do throws(RegistryError) {
            orphans = try await search.list(desired, keepsContent: keepsContent) { prompt in
                // Whether a prompt has versions that were registered twice is found out where it is asked for by name.
                // So is what something else made.
                guard let wanted = places[prompt.name].map({ desired.prompts[$0] }),
                    !prompt.needsAllVersions, !mayReplaceForeign(prompt, wanted, of: desired),
                    wanted.movedFrom == nil, planned.insert(prompt.name).inserted
                else { return }
                prompts.append(self.plan(wanted, observed: prompt, of: desired))
            }.map(Orphans.success)
        } catch {
            // The job's prompts can still be asked for by name, unless nothing answers.
            if error.code == .unreachable { throw error }
            orphans = .failure(error)
        }
        guard let orphans else {
            async let found = Orphans(of: { () async throws(RegistryError) in
                try await search.find(desired, keepsContent: keepsContent)
            })
            return (try await self.plan(desired, in: registry), await found)
        }
        var rest = desired
        rest.prompts = desired.prompts.filter { !planned.contains($0.fullName) }
        var plan = try await self.plan(rest, in: registry)
        prompts += plan.prompts
        // Prompts that others were moved from are none of the job's, and come last.
        let place = { (planned: PlannedPrompt) in (places[planned.prompt.name] ?? .max, planned.prompt.name) }
        prompts.sort { place($0) < place($1) }
        plan.prompts = prompts
        return (plan, orphans)
    }
}
