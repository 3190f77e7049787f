package import Jobs
package import Prompts

/// Finds the prompts that a job registered once and no longer names, and plans to prune them.
package struct OrphanSearch: Sendable {
    private let registry: any PromptRegistry

    /// A search in a registry.
    package init(in registry: any PromptRegistry) { self.registry = registry }

    /// Up to how many prompts of a job are looked for apart from its orphans: few are cheaper to ask for by name.
    private static let fewPrompts = 16

    /// Finds prompts in the job's schemas that have the job's tag, but are not in the job.
    ///
    /// - Parameters:
    ///   - desired: The job with all its prompts.
    ///   - keepsContent: Whether the newest version of each is needed.
    /// - Returns: The prompts, by name.
    /// - Throws: `RegistryError` when the registry cannot be read.
    package func find(
        _ desired: DesiredState, keepsContent: Bool = true
    ) async throws(RegistryError) -> [ObservedPrompt] {
        var names: Set<String> = []
        let known = Self.names(of: desired)
        for query in queries(desired, known) {
            names.formUnion(
                try await registry.names(matching: query).filter { !known.contains($0.lowercased()) })
        }
        let sorted = names.sorted()
        var orphans: [ObservedPrompt] = []
        for start in stride(from: 0, to: sorted.count, by: registry.observedAtOnce) {
            let part = Array(sorted[start...].prefix(registry.observedAtOnce))
            orphans += try await registry.observe(part).values.filter { !$0.isMoved }
                .map { $0.keeping(content: keepsContent) }
        }
        return orphans.sorted { $0.name < $1.name }
    }

    /// Reads what has the job's tag from lists, which have the orphans beside the job's own prompts.
    ///
    /// - Parameters:
    ///   - desired: The job with all its prompts.
    ///   - keepsContent: Whether the newest version of each orphan is needed.
    ///   - take: Called with each prompt of the job that is on a list.
    /// - Returns: The orphans by name; nil where the registry has no such lists, or the job is small.
    /// - Throws: `RegistryError` when the registry cannot be read, after some prompts were taken.
    func list(
        _ desired: DesiredState, keepsContent: Bool, _ take: (ObservedPrompt) -> Void
    ) async throws(RegistryError) -> [ObservedPrompt]? {
        guard desired.provenance, desired.prompts.count > Self.fewPrompts else { return nil }
        let own = Set(desired.prompts.map(\.fullName))
        let known = Self.names(of: desired)
        var orphans: [String: ObservedPrompt] = [:]
        for query in queries(desired, []) {
            let isListed = try await registry.observe(matching: query) { page in
                for prompt in page {
                    if own.contains(prompt.name) {
                        take(prompt)
                    } else if !known.contains(prompt.name.lowercased()), !prompt.isMoved {
                        orphans[prompt.name] = prompt.keeping(content: keepsContent)
                    }
                }
            }
            if !isListed { return nil }
        }
        return orphans.values.sorted { $0.name < $1.name }
    }

    /// The names of a job's prompts in lower case. Some registries change the case of names, and the job's own prompts
    /// must never be taken for orphans.
    private static func names(of desired: DesiredState) -> Set<String> {
        let moved = desired.prompts.compactMap(\.movedFrom)
        let names = desired.prompts.map(\.fullName) + moved + desired.skipped
        return Set(names.map { $0.lowercased() })
    }

    /// What finds the prompts with the job's tag, in each of its schemas.
    private func queries(_ desired: DesiredState, _ known: Set<String>) -> [PromptQuery] {
        guard desired.provenance else { return [] }
        let tag = PromptQuery.Tag(key: ProvenanceTag.job, value: desired.job)
        return Set(desired.prompts.map { QualifiedName($0.fullName).schema }).map { schema in
            var query = PromptQuery(catalog: schema?.catalog, schema: schema?.name, tag: tag)
            query.known = known
            return query
        }
    }

    /// What a plan reports of orphans.
    ///
    /// - Parameters:
    ///   - orphans: The prompts that are no longer in the job.
    ///   - desired: The job.
    /// - Returns: Each with the aliases that it still has.
    package static func report(_ orphans: [ObservedPrompt], of desired: DesiredState) -> [OrphanedPrompt] {
        let aliases = Set(desired.prompts.flatMap(\.aliases))
        return orphans.map { orphan in
            OrphanedPrompt(
                fullName: orphan.name, aliases: orphan.aliases.filter { aliases.contains($0.key) },
                otherAliases: orphan.aliases.filter { !aliases.contains($0.key) })
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

extension ObservedPrompt {
    /// Whether it has another name by now, under which its versions are.
    fileprivate var isMoved: Bool { tags[ProvenanceTag.movedTo] != nil }

    /// The prompt with its newest version, or without, which takes less memory.
    fileprivate func keeping(content: Bool) -> ObservedPrompt {
        var prompt = self
        if !content { prompt.newest = nil }
        return prompt
    }
}
