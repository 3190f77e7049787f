/// The versions of a prompt, with what their tags say of who made them only where that can be true.
///
/// Other clients may read a version and register it again with all of its tags, changed or not. What a run of this program
/// made has a mark of its own, so that of several versions with the same one only the first is what it says.
package struct KnownVersions: Sendable {
    /// The versions, in the order in which they were listed. Copies have no tags that say who made them.
    package let all: [PromptVersion]
    /// The numbers of those that were registered twice, and that nothing points to, sorted.
    package let repetitions: [Int]

    /// Tells versions apart.
    ///
    /// - Parameters:
    ///   - versions: All versions of the prompt.
    ///   - aliases: The prompt's aliases. What one points to is a version like any other.
    package init(_ versions: [PromptVersion], aliases: [String: Int]) {
        let served = Set(aliases.values)
        let repetitions = Set(
            versions.filter { version in
                !served.contains(version.number)
                    && versions.contains { version.isRepetition(of: $0, among: versions) }
            }.map(\.number))
        let (marks, keys) = (versions.first(with: RunMark.tag), versions.first(with: VersionKey.tag))
        all = versions.map { version in
            let first =
                version.tags[RunMark.tag].map { marks[$0] }
                ?? version.tags[VersionKey.tag].flatMap { keys[$0] }
            guard let first, first != version.number, !repetitions.contains(version.number) else {
                return version
            }
            return version.withoutMaker
        }
        self.repetitions = repetitions.sorted()
    }

    /// The newest version that is no repetition; nil where there is none.
    package var newest: PromptVersion? {
        all.filter { !repetitions.contains($0.number) }.max { $0.number < $1.number }
    }
}

extension [PromptVersion] {
    /// The lowest number of the versions with each value of a tag.
    fileprivate func first(with tag: String) -> [String: Int] {
        Dictionary(
            compactMap { version in version.tags[tag].map { ($0, version.number) } },
            uniquingKeysWith: Swift.min)
    }
}

extension PromptVersion {
    /// The version without the tags that say who made it, which were copied from another one.
    fileprivate var withoutMaker: PromptVersion {
        var version = self
        for tag in [RunMark.tag, VersionKey.tag, ProvenanceTag.job] { version.tags[tag] = nil }
        return version
    }

    /// Whether its tags may be copied from another version, which only the others tell: it does not follow upon the one
    /// that it was registered upon.
    package var mayBeCopied: Bool {
        if let key = VersionKey(of: self) { return number - 1 > key.base }
        return number > 1 && (tags[RunMark.tag] != nil || tags[ProvenanceTag.job] != nil)
    }
}

extension ObservedPrompt {
    /// Whether the newest version may be a repetition or a copy, or have repetitions below it, so that all versions have to be read.
    package var needsAllVersions: Bool {
        guard let newest else { return false }
        // Where something else registered it, that may be on top of what a run of this program left.
        return newest.mayBeCopied
            || (newest.number > 1 && VersionKey(of: newest) == nil && tags[ProvenanceTag.job] != nil)
    }
}

extension PromptRegistry {
    /// Finds out which version of a prompt is the newest that is no repetition, and who made it.
    ///
    /// - Parameter prompt: The prompt as it was observed.
    /// - Returns: The prompt with that version, and the numbers of the repetitions.
    /// - Throws: `RegistryError` when its versions cannot be read.
    package func withoutRepetitions(
        _ prompt: ObservedPrompt
    ) async throws(RegistryError) -> (prompt: ObservedPrompt, repetitions: [Int]) {
        guard prompt.needsAllVersions else { return (prompt, []) }
        let versions: [PromptVersion]
        do throws(RegistryError) { versions = try await self.versions(of: prompt.name) } catch {
            // An old version that is damaged matters only to who asks for it.
            if error.code == .corrupt { return (prompt, []) }
            throw error.about(prompt.name)
        }
        let known = KnownVersions(versions, aliases: prompt.aliases)
        var prompt = prompt
        prompt.newest = known.newest
        return (prompt, known.repetitions)
    }
}
