package import Jobs
package import Prompts
import Support

/// Prompts of a registry, each with one of its versions.
package struct PromptListing: Hashable, Sendable {
    /// Which prompts are listed.
    package enum Scope: Hashable, Sendable {
        /// Those that match.
        case query(PromptQuery)
        /// Those of a job, whether or not they are registered.
        case job(DesiredState)
        /// Those of schemas, without those whose full names, in lower case, are known.
        case unmanaged([PromptQuery], known: Set<String>)
    }

    /// A prompt.
    package struct Entry: Hashable, Sendable {
        /// The full name.
        package var name: String
        /// The name within the job; nil without a job.
        package var nameInJob: String?
        /// What the registry has of it; nil if it is not registered.
        package var prompt: ObservedPrompt?
        /// The version to show; nil if there is none.
        package var version: PromptVersion?
    }

    /// Where the registry is.
    package var registry: RegistryLocation
    /// The job whose prompts are listed; nil without a job.
    package var job: String?
    /// The target in use.
    package var target: String?
    /// Whether the registry is another one than the target's.
    package var isElsewhere = false
    /// The alias whose versions are shown; nil shows the newest.
    package var alias: String?
    /// The prompts, in the order of the job or by name.
    package var entries: [Entry]
    /// The aliases that any of them has, also where only those with another one are listed.
    package var knownAliases: Set<String> = []
}

extension PromptListing {
    /// Lists prompts.
    ///
    /// - Parameters:
    ///   - scope: Which prompts.
    ///   - alias: Lists only prompts that have this alias, with the version that it points to.
    ///   - registry: The registry.
    /// - Throws: `RegistryError`.
    package init(
        _ scope: Scope, alias: String? = nil, in registry: any PromptRegistry
    ) async throws(RegistryError) {
        self.registry = registry.location
        self.alias = alias
        switch scope {
        case .query(let query):
            entries = try await registry.names(matching: query).map { Entry(name: $0) }
        case .job(let state):
            job = state.job
            (target, isElsewhere) = (state.target, state.isElsewhere)
            entries = state.prompts.map { Entry(name: $0.fullName, nameInJob: $0.name) }
        case .unmanaged(let queries, let known):
            var names: Set<String> = []
            for query in queries { names.formUnion(try await registry.names(matching: query)) }
            entries = names.filter { !known.contains($0.lowercased()) }.sorted().map { Entry(name: $0) }
        }
        let observed = try await registry.observe(entries.map(\.name))
        for index in entries.indices {
            entries[index].prompt = observed[entries[index].name]
            entries[index].version = entries[index].prompt?.newest
        }
        knownAliases = Set(entries.flatMap { $0.prompt?.aliases.keys.map(\.self) ?? [] })
        guard let alias else { return }
        entries.removeAll { $0.prompt?.aliases[alias] == nil }
        // The newest versions are here already.
        let others = entries.indices.compactMap { index -> (index: Int, name: String, number: Int)? in
            let entry = entries[index]
            guard let number = entry.prompt?.aliases[alias], number != entry.version?.number else {
                return nil
            }
            return (index, entry.name, number)
        }
        let versions = try await concurrentMap(others, limit: 8) { (item) async throws(RegistryError) in
            try await registry.version(item.number, of: item.name)
        }
        for (item, version) in zip(others, versions) { entries[item.index].version = version }
    }
}
