package import Prompts
import Support

/// The versions that came from a commit.
package struct CommitVersions: Hashable, Sendable {
    /// A version of a prompt.
    package struct Entry: Hashable, Sendable {
        /// The prompt's full name.
        package var name: String
        /// The version.
        package var version: PromptVersion
        /// The aliases that point to it now, sorted.
        package var aliases: [String]
    }

    /// Where the registry is.
    package let registry: RegistryLocation
    /// What the commit begins with.
    package let commit: String
    /// The versions, by prompt, the newest first.
    package let entries: [Entry]

    /// Reads the versions of prompts.
    ///
    /// - Parameters:
    ///   - commit: What the commit begins with, in lower case.
    ///   - names: The full names; those that do not exist are left out.
    ///   - registry: The registry.
    /// - Throws: `RegistryError`.
    package init(
        from commit: String, of names: [String], in registry: any PromptRegistry
    ) async throws(RegistryError) {
        self.registry = registry.location
        self.commit = commit
        let observed = try await registry.observe(names)
        entries = try await concurrentMap(names.compactMap { observed[$0] }, limit: 8) {
            (prompt) async throws(RegistryError) in
            try await registry.versions(of: prompt.name).filter { version in
                VersionOrigin(of: version).commit?.lowercased().hasPrefix(commit) ?? false
            }.map { Entry(name: prompt.name, version: $0, aliases: prompt.aliases(at: $0.number)) }
        }.flatMap(\.self)
    }
}
