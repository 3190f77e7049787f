import Support

/// A prompt whose version is to be locked.
package struct PromptToLock: Hashable, Sendable {
    /// The name within the job.
    package var name: String
    /// The name in the registry.
    package var fullName: String
    /// The version; nil: that of the alias, or the newest.
    package var version: Int?

    /// A prompt.
    package init(name: String, fullName: String, version: Int? = nil) {
        self.name = name
        self.fullName = fullName
        self.version = version
    }
}

extension PromptRegistry {
    /// Reads the versions of prompts, for a lock file.
    ///
    /// - Parameters:
    ///   - prompts: The prompts.
    ///   - alias: The alias whose versions are meant where none is named; nil: the newest ones.
    /// - Returns: The prompts at their versions, in their order.
    /// - Throws: `RegistryError`; with `.notFound` where a prompt, a version or the alias is missing.
    package func lock(
        _ prompts: [PromptToLock], at alias: String? = nil
    ) async throws(RegistryError) -> [LockedPrompt] {
        let observed = try await observe(prompts.map(\.fullName))
        return try await concurrentMap(prompts, limit: 8) { prompt async throws(RegistryError) in
            guard let found = observed[prompt.fullName] else {
                throw await notFound(prompt: prompt.fullName)
            }
            let version = try await version(of: found, for: prompt, at: alias)
            return LockedPrompt(name: prompt.name, fullName: prompt.fullName, version)
        }
    }

    private func version(
        of found: ObservedPrompt, for prompt: PromptToLock, at alias: String?
    ) async throws(RegistryError) -> PromptVersion {
        var number = prompt.version
        if number == nil, let alias {
            number = found.aliases[alias]
            if number == nil { throw found.notFound(alias: alias).about(prompt.fullName) }
        }
        if let newest = found.newest, newest.number == number ?? newest.number { return newest }
        guard let number else {
            throw RegistryError(.notFound, "the prompt '\(prompt.fullName)' has no version yet")
        }
        return try await self.version(number, of: prompt.fullName)
    }
}
