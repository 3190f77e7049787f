import Prompts

/// Removes the versions of a prompt that are one registration made twice, so that the first of them stays.
struct Repetitions: Sendable {
    /// Where the prompt is.
    let registry: any PromptRegistry
    /// The prompt's full name.
    let name: String

    /// Finds out which version stays of one that this run made, and deletes this run's others.
    ///
    /// - Parameters:
    ///   - number: The version that this run made, or the one that it took in its place.
    ///   - attempts: What this run's attempts at it left; empty where the version is one of them.
    /// - Returns: The version that stays, which another run may have made at the same time, and those that were deleted.
    /// - Throws: `RegistryError` when that cannot be settled.
    func settle(
        _ number: Int, attempts: [PromptVersion]
    ) async throws(RegistryError) -> (kept: PromptVersion, removed: [PromptVersion]) {
        let versions = try await versions(including: number)
        guard let made = versions.first(where: { $0.number == number }) else {
            throw missing(number)
        }
        let first = versions.filter { made.isSameRegistration(as: $0, among: versions) }.min {
            $0.number < $1.number
        }
        let kept = first ?? made
        let attempts = attempts.isEmpty ? [made] : attempts
        // Those of another run are that run's to delete, and those of another client nobody's.
        let own = versions.filter { version in
            version.isSameRegistration(as: kept, among: versions)
                && (version.number == number || attempts.contains(where: version.isAttempt))
        }
        try await remove(own.map(\.number))
        return (kept, own)
    }

    /// Registers a version. A number that it cannot have been given is not believed: what was registered is looked up.
    ///
    /// - Parameters:
    ///   - draft: The version, with its key.
    ///   - base: The newest version before it.
    ///   - register: Registers it.
    /// - Returns: The version.
    /// - Throws: `RegistryError`, with `.corrupt` where the registry gives it an impossible number.
    func checked(
        _ draft: VersionDraft, above base: Int,
        _ register: () async throws(RegistryError) -> CreatedVersion
    ) async throws(RegistryError) -> CreatedVersion {
        var problem: RegistryError
        do {
            let created = try await register()
            if created.number > base { return created }
            problem = RegistryError(
                .corrupt,
                "the registry gives the new version of '\(name)' the number \(created.number), though version \(base) exists",
                hint: "check what is between this machine and the registry, such as a cache")
            problem.outcomeIsUnknown = true
        } catch {
            guard error.code == .corrupt, error.outcomeIsUnknown else { throw error }
            problem = error
        }
        guard let versions = try? await registry.versions(of: name),
            let made = versions.filter({
                $0.number > base && $0.tags[VersionKey.tag] == draft.tags[VersionKey.tag]
            }).map(\.number).min()
        else { throw problem }
        return CreatedVersion(number: made, mayBeRepeated: true)
    }

    /// Makes sure that the registry has a version that it says it registered.
    ///
    /// - Parameter number: The version.
    /// - Throws: `RegistryError`, with `.conflict` where it is not there, or cannot be read.
    func confirm(_ number: Int) async throws(RegistryError) {
        let isThere = try await Self.look { () async throws(RegistryError) -> Bool? in
            do throws(RegistryError) {
                _ = try await registry.version(number, of: name)
                return true
            } catch {
                guard error.code == .notFound else { throw error }
                return nil
            }
        }
        if isThere == nil { throw missing(number) }
    }

    private func missing(_ number: Int) -> RegistryError {
        RegistryError(
            .conflict, "version \(number) of '\(name)' was registered, but the registry does not list it",
            hint: "run again")
    }

    /// Deletes versions; one that an alias points to is not deleted.
    ///
    /// - Parameter numbers: The repetitions.
    /// - Throws: `RegistryError`, with `.conflict` for one that an alias points to.
    func remove(_ numbers: [Int]) async throws(RegistryError) {
        guard !numbers.isEmpty else { return }
        let aliases = try await registry.reread(name).aliases
        for number in numbers {
            if let alias = aliases.filter({ $0.value == number }).keys.min() {
                throw RegistryError(
                    .conflict,
                    "version \(number) of '\(name)' was registered twice, but the alias '\(alias)' points to it",
                    hint: "point the alias to the same version with the lower number, then run again")
            }
        }
        for number in numbers { try await registry.deleteVersion(number, of: name) }
    }

    /// The versions, once the registry lists the one that was just made, or the last that it tells.
    private func versions(including number: Int) async throws(RegistryError) -> [PromptVersion] {
        var versions: [PromptVersion] = []
        _ = try await Self.look { () async throws(RegistryError) -> Bool? in
            versions = try await registry.versions(of: name)
            return versions.contains { $0.number == number } ? true : nil
        }
        return versions
    }

    /// Looks for something that was just made until it is seen, for some seconds: an answer without it may be of an
    /// earlier moment.
    static func look<Found>(
        for find: () async throws(RegistryError) -> Found?
    ) async throws(RegistryError) -> Found? {
        for attempt in 0..<6 {
            if let found = try await find() { return found }
            try? await Task.sleep(for: .milliseconds(100 << attempt))
        }
        return try await find()
    }
}
