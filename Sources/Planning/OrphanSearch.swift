package import Jobs
package import Prompts

/// Finds the prompts that a job registered once and no longer names, and plans to prune them.
package struct OrphanSearch: Sendable {
    private let registry: any PromptRegistry

    /// A search in a registry.
    package init(in registry: any PromptRegistry) { self.registry = registry }

    /// Finds prompts in the job's schemas that have the job's tag, but are not in the job.
    ///
    /// - Parameter desired: The job with all its prompts.
    /// - Returns: The prompts, by name.
    /// - Throws: `RegistryError` when the registry cannot be read.
    package func find(_ desired: DesiredState) async throws(RegistryError) -> [ObservedPrompt] {
        guard desired.provenance else { return [] }
        let tag = PromptQuery.Tag(key: ProvenanceTag.job, value: desired.job)
        // Some registries change the case of names, and the job's own prompts must never be taken for orphans.
        let named = Set(desired.prompts.map { $0.fullName.lowercased() })
        var orphans: Set<String> = []
        for schema in Set(desired.prompts.map { QualifiedName($0.fullName).schema }) {
            let query = PromptQuery(catalog: schema?.catalog, schema: schema?.name, tag: tag)
            let found = try await registry.names(matching: query)
            orphans.formUnion(found.filter { !named.contains($0.lowercased()) })
        }
        guard !orphans.isEmpty else { return [] }
        return try await registry.observe(orphans.sorted()).values.sorted { $0.name < $1.name }
    }

    /// What a plan reports of orphans.
    ///
    /// - Parameters:
    ///   - orphans: The prompts that are no longer in the job.
    ///   - desired: The job.
    /// - Returns: Each with those of the job's aliases that it still has.
    package static func report(_ orphans: [ObservedPrompt], of desired: DesiredState) -> [OrphanedPrompt] {
        let aliases = Set(desired.prompts.flatMap(\.aliases))
        return orphans.map { orphan in
            OrphanedPrompt(name: orphan.name, aliases: orphan.aliases.filter { aliases.contains($0.key) })
        }
    }

    /// Plans to remove the job's aliases from orphans; no version is deleted.
    ///
    /// - Parameters:
    ///   - orphans: The prompts that are no longer in the job.
    ///   - desired: The job.
    /// - Returns: A planned prompt for each that still has one of the job's aliases.
    package static func prune(_ orphans: [ObservedPrompt], of desired: DesiredState) -> [PlannedPrompt] {
        zip(orphans, report(orphans, of: desired)).compactMap { observed, orphan in
            guard !orphan.aliases.isEmpty else { return nil }
            return PlannedPrompt(
                PromptSubject(fullName: observed.name), of: observed,
                aliases: orphan.aliases.sorted { $0.key < $1.key }.map { alias, version in
                    PlannedAlias(alias: alias, action: .remove, previousVersion: version)
                })
        }
    }
}
