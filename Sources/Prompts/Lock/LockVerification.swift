import Support

/// Whether a registry still serves what a lock file says.
package struct LockVerification: Hashable, Sendable {
    /// What became of a locked version.
    package enum Status: String, Hashable, Sendable, CaseIterable {
        /// It is served as it was.
        case ok
        /// The prompt or the version is gone.
        case missing
        /// The version has another content.
        case changed
        /// The alias points to another version.
        case moved
    }

    /// What was found of one prompt.
    package struct Entry: Hashable, Sendable {
        /// What the lock file says.
        package var locked: LockedPrompt
        /// What became of it.
        package var status: Status
        /// What is there instead, in words; nil where nothing changed.
        package var reason: String?
    }

    /// Where the registry is.
    package var registry: RegistryLocation
    /// The alias that was compared, too.
    package var alias: String?
    /// The prompts of the lock file.
    package var entries: [Entry]

    /// Whether everything is served as it was.
    package var holds: Bool { entries.allSatisfy { $0.status == .ok } }
}

extension LockVerification {
    /// Compares a lock file with a registry.
    ///
    /// - Parameters:
    ///   - lock: The lock file.
    ///   - alias: An alias that has to point to the locked versions; nil looks at no alias.
    ///   - registry: The registry.
    /// - Throws: `RegistryError` when it cannot be read.
    package init(
        of lock: PromptLock, alias: String? = nil, in registry: any PromptRegistry
    ) async throws(RegistryError) {
        let observed = try await registry.observe(lock.prompts.map(\.fullName))
        let entries = try await concurrentMap(lock.prompts, limit: 8) { locked async throws(RegistryError) in
            try await Self.entry(locked, observed[locked.fullName], alias, registry)
        }
        self.init(registry: registry.location, alias: alias, entries: entries)
    }

    private static func entry(
        _ locked: LockedPrompt, _ found: ObservedPrompt?, _ alias: String?, _ registry: any PromptRegistry
    ) async throws(RegistryError) -> Entry {
        guard let found else {
            return Entry(locked: locked, status: .missing, reason: "the prompt does not exist")
        }
        let version: PromptVersion
        if let newest = found.newest, newest.number == locked.version {
            version = newest
        } else {
            do throws(RegistryError) {
                version = try await registry.version(locked.version, of: locked.fullName)
            } catch {
                guard error.code == .notFound else { throw error }
                let newest = found.newest.map { "the newest is v\($0.number)" } ?? "there is none"
                return Entry(
                    locked: locked, status: .missing, reason: "the version does not exist; \(newest)")
            }
        }
        guard version.content.hash == locked.contentHash else {
            return Entry(
                locked: locked, status: .changed, reason: "the version has another content")
        }
        guard let alias, found.aliases[alias] != locked.version else {
            return Entry(locked: locked, status: .ok)
        }
        let place = found.aliases[alias].map { "points to v\($0)" } ?? "does not exist"
        return Entry(locked: locked, status: .moved, reason: "the alias \(alias) \(place)")
    }
}
