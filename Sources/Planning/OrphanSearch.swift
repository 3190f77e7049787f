package import Jobs
package import Prompts

/// Finds the prompts that a job registered once and names no more. It never writes.
package struct OrphanSearch: Sendable {
    private let registry: any PromptRegistry

    /// A search.
    ///
    /// - Parameter registry: Where the prompts are.
    package init(in registry: any PromptRegistry) { self.registry = registry }

    /// Looks in the schemas of the job for prompts that carry its tag.
    ///
    /// - Parameter desired: The job with all its prompts.
    /// - Returns: Those that the job does not name, by name.
    /// - Throws: `RegistryError` when the registry cannot be read.
    package func find(_ desired: DesiredState) async throws(RegistryError) -> [ObservedPrompt] {
        guard desired.provenance else { return [] }
        let tag = PromptQuery.Tag(key: ProvenanceTag.job, value: desired.job)
        // Not every registry keeps the case of names, and the job's own prompts must never be taken for others.
        let named = Set(desired.prompts.map { $0.fullName.lowercased() })
        var left: Set<String> = []
        for schema in Set(desired.prompts.map { QualifiedName($0.fullName).schema }) {
            let query = PromptQuery(catalog: schema?.catalog, schema: schema?.name, tag: tag)
            let found = try await registry.names(matching: query)
            left.formUnion(found.filter { !named.contains($0.lowercased()) })
        }
        guard !left.isEmpty else { return [] }
        return try await registry.observe(left.sorted()).values.sorted { $0.name < $1.name }
    }

    /// What a plan says of orphans.
    ///
    /// - Parameters:
    ///   - orphans: The prompts that left the job.
    ///   - desired: The job.
    /// - Returns: Each with those of the job's aliases that it still has.
    package static func report(_ orphans: [ObservedPrompt], of desired: DesiredState) -> [OrphanedPrompt] {
        let aliases = Set(desired.prompts.flatMap(\.aliases))
        return orphans.map { orphan in
            OrphanedPrompt(name: orphan.name, aliases: orphan.aliases.filter { aliases.contains($0.key) })
        }
    }

    /// The plan of a run that takes the job's aliases off them; no version is deleted.
    ///
    /// - Parameters:
    ///   - orphans: The prompts that left the job.
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
