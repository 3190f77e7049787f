package import Jobs
package import Prompts
import Support

/// Prompts of a registry, each with one of its versions.
package struct PromptListing: Hashable, Sendable {
    /// Which prompts are listed.
    package enum Scope: Hashable, Sendable {
        /// Those that match.
        case query(PromptQuery)
        /// Those of a job, whether the registry knows them or not.
        case job(DesiredState)
    }

    /// A prompt.
    package struct Entry: Hashable, Sendable {
        /// The full name.
        package var name: String
        /// The name within the job; nil when no job is listed.
        package var nameInJob: String?
        /// What the registry has of it; nil when it does not know it.
        package var prompt: ObservedPrompt?
        /// The version that is shown; nil when there is none.
        package var version: PromptVersion?
    }

    /// Where the registry is.
    package var registry: RegistryLocation
    /// The job that is listed; nil when it is none.
    package var job: String?
    /// The target in use.
    package var target: String?
    /// The alias whose versions are shown; nil shows the newest.
    package var alias: String?
    /// The prompts, in the job's order or by their names.
    package var entries: [Entry]
}

extension PromptListing {
    /// How many versions are read at a time.
    private static let concurrency = 8

    /// Reads what is to be listed.
    ///
    /// - Parameters:
    ///   - scope: Which prompts.
    ///   - alias: Lists only the prompts that have this alias, with the version that it points to.
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
            target = state.target
            entries = state.prompts.map { Entry(name: $0.fullName, nameInJob: $0.name) }
        }
        let observed = try await registry.observe(entries.map(\.name))
        for index in entries.indices {
            entries[index].prompt = observed[entries[index].name]
            entries[index].version = entries[index].prompt?.newest
        }
        guard let alias else { return }
        entries.removeAll { $0.prompt?.aliases[alias] == nil }
        try await readVersions(of: alias, in: registry)
    }

    /// Puts the version of an alias in the place of the newest one where that is another.
    private mutating func readVersions(
        of alias: String, in registry: any PromptRegistry
    ) async throws(RegistryError) {
        let wanted = entries.indices.compactMap { index -> (index: Int, name: String, number: Int)? in
            let entry = entries[index]
            guard let number = entry.prompt?.aliases[alias], number != entry.version?.number else {
                return nil
            }
            return (index, entry.name, number)
        }
        let versions = try await concurrentMap(wanted, limit: Self.concurrency) {
            (item) async throws(RegistryError) in try await registry.version(item.number, of: item.name)
        }
        for (item, version) in zip(wanted, versions) { entries[item.index].version = version }
    }
}
