/// Identifies a registration: this content of this prompt, by this job, on top of this version.
///
/// Two versions of the same content and job are the same registration made twice where the later one was made upon a
/// version before the other: by runs at once, or by one run whose write was repeated after a lost answer. The one with
/// the lower number stays.
package struct VersionKey: Hashable, Sendable {
    /// The version's tag that holds the key. Like every tag that begins with `promptreg_` it never counts as a
    /// difference.
    package static let tag = "promptreg_key"

    /// The newest version at the time; 0 where there was none.
    package let base: Int
    /// A digest of the rest.
    private let digest: Substring

    /// The tag's value.
    package var text: String { "\(base)-\(digest)" }

    /// The key of a version that is about to be registered.
    ///
    /// - Parameters:
    ///   - content: The version's content.
    ///   - prompt: The prompt's full name.
    ///   - job: The job's name; nil without a job.
    ///   - base: The newest version before it; 0 where there is none.
    package init(_ content: PromptContent, of prompt: String, job: String?, base: Int) {
        digest =
            ShortDigest.of([
                job, prompt, content.kind.rawValue, content.template, content.modelConfig,
                content.responseFormat,
            ])[...]
        self.base = base
    }

    /// The key that a version has; nil for one that something else registered.
    package init?(of version: PromptVersion) {
        guard let text = version.tags[Self.tag], let dash = text.firstIndex(of: "-"),
            let base = Int(text[..<dash]), base >= 0
        else { return nil }
        self.base = base
        digest = text[text.index(after: dash)...]
    }

    /// Whether a version with another key is the same registration: the one that was made upon it had not seen it.
    ///
    /// - Parameters:
    ///   - other: The key of the other version.
    ///   - number: The other version.
    /// - Returns: Whether it is.
    package func repeats(_ other: VersionKey, of number: Int) -> Bool {
        digest == other.digest && number > base
    }
}

extension PromptVersion {
    /// Whether an earlier version is the same registration, of which this one is a repetition.
    ///
    /// Other clients may copy a version with its tags, long after it was registered or after newer ones were made upon it.
    ///
    /// - Parameters:
    ///   - other: A version with a lower number.
    ///   - versions: The versions of the prompt.
    /// - Returns: Whether this version is to be deleted.
    package func isRepetition(of other: PromptVersion, among versions: [PromptVersion]) -> Bool {
        func shares(_ tag: String) -> Bool { tags[tag] != nil && tags[tag] == other.tags[tag] }
        func repeatsKey() -> Bool {
            guard let key = VersionKey(of: other) else { return false }
            return VersionKey(of: self)?.repeats(key, of: other.number) ?? false
        }
        guard other.number < number, shares(RunMark.tag) || repeatsKey(),
            content.differences(from: other.content).isEmpty
        else { return false }
        if let createdAt, let before = other.createdAt, createdAt - before > Self.longestRun { return false }
        return !versions.contains { version in
            (other.number + 1..<number).contains(version.number)
                && VersionKey(of: version).map { $0.base >= other.number } == true
        }
    }

    /// How long after a version its repetition may be made, in milliseconds: an hour.
    private static let longestRun = 3_600_000
}

extension ObservedPrompt {
    /// Whether the newest version may be a repetition, or have some below it, so that all versions have to be read.
    package var mayHaveRepetitions: Bool {
        guard let newest else { return false }
        // More versions than this one may have been registered on top of the version that it was made upon.
        if let key = VersionKey(of: newest) { return newest.number - 1 > key.base }
        // Something else registered it, perhaps on top of what a run of this program left.
        return newest.number > 1 && newest.tags[ProvenanceTag.job] == nil && newest.tags[RunMark.tag] == nil
            && tags[ProvenanceTag.job] != nil
    }
}

extension PromptRegistry {
    /// Finds the repetitions among a prompt's versions, and leaves them out of what was observed.
    ///
    /// - Parameters:
    ///   - prompt: The prompt as it was observed.
    ///   - aliases: The aliases that will move. A repetition that any other alias points to is a version like others.
    /// - Returns: The prompt with the newest version that is no repetition, and the numbers of the repetitions.
    /// - Throws: `RegistryError` when its versions cannot be read.
    package func withoutRepetitions(
        _ prompt: ObservedPrompt, moving aliases: [String]
    ) async throws(RegistryError) -> (prompt: ObservedPrompt, repetitions: [Int]) {
        guard prompt.mayHaveRepetitions else { return (prompt, []) }
        let versions: [PromptVersion]
        do throws(RegistryError) { versions = try await self.versions(of: prompt.name) } catch {
            // An old version that is damaged matters only to who asks for it.
            if error.code == .corrupt { return (prompt, []) }
            throw error.about(prompt.name)
        }
        let kept = Set(prompt.aliases.filter { !aliases.contains($0.key) }.values)
        let repetitions = versions.filter { version in
            !kept.contains(version.number)
                && versions.contains { version.isRepetition(of: $0, among: versions) }
        }.map(\.number)
        var prompt = prompt
        prompt.newest = versions.first { !repetitions.contains($0.number) }
        return (prompt, repetitions.sorted())
    }
}
