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
        var observed: [String: PlannedPrompt] = [:]
        var orphans: Orphans?
        do throws(RegistryError) {
            let byName = Dictionary(desired.prompts.map { ($0.fullName, $0) }) { first, _ in first }
            orphans = try await search.list(desired, keepsContent: keepsContent) { prompt in
                // Whether a prompt has versions that were registered twice is found out where it is asked for by name.
                // So is what something else made.
                guard let wanted = byName[prompt.name], !prompt.mayHaveRepetitions,
                    !mayReplaceForeign(prompt, wanted, of: desired), wanted.movedFrom == nil
                else { return }
                observed[prompt.name] = self.plan(wanted, observed: prompt, of: desired)
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
        rest.prompts.removeAll { observed[$0.fullName] != nil }
        var plan = try await self.plan(rest, in: registry)
        for planned in plan.prompts { observed[planned.prompt.name] = planned }
        let own = Set(desired.prompts.map(\.fullName))
        let marked = plan.prompts.filter { !own.contains($0.prompt.name) }
        plan.prompts = desired.prompts.compactMap { observed[$0.fullName] } + marked
        return (plan, orphans)
    }
}
