/// Changes to what can change in place.
package struct MetadataChanges: Hashable, Sendable, Codable {
    /// The prompt's new description; nil leaves it.
    package var description: String?
    /// The prompt's own tags: a new value, or nil to remove the tag.
    package var promptTags: [String: String?]
    /// Which version `versionTags` are of; nil when there are none.
    package var version: Int?
    /// The version's tags: a new value, or nil to remove the tag.
    package var versionTags: [String: String?]

    /// What a plan saw of what it replaces; nil where that does not matter.
    package var previous: Previous?

    /// What is replaced.
    package struct Previous: Hashable, Sendable, Codable {
        /// The prompt's description.
        package var description: String?
        /// The prompt's own tags that are changed.
        package var promptTags: [String: String]
        /// The version's tags that are changed.
        package var versionTags: [String: String]
    }

    /// Notes what is replaced.
    ///
    /// - Parameter prompt: The prompt, whose newest version is the one that changes.
    package mutating func notePrevious(_ prompt: ObservedPrompt) {
        if isEmpty { return }
        let keys = (Set(promptTags.keys), Set(versionTags.keys))
        previous = Previous(
            description: description == nil ? nil : prompt.description,
            promptTags: prompt.tags.filter { keys.0.contains($0.key) },
            versionTags: prompt.newest?.tags.filter { keys.1.contains($0.key) } ?? [:])
    }

    /// Takes off the tags that would be removed though something else has changed them since they were seen.
    ///
    /// - Parameter prompt: The prompt now.
    /// - Returns: The tags, sorted.
    package mutating func keepOthers(of prompt: ObservedPrompt) -> [String] {
        guard let previous else { return [] }
        let isNewest = prompt.newest?.number == version
        let ofVersion = isNewest ? prompt.newest?.tags ?? [:] : previous.versionTags
        func isChanged(_ now: String?, _ before: String?) -> Bool { now != nil && now != before }
        let kept = (
            promptTags.filter { $1 == nil && isChanged(prompt.tags[$0], previous.promptTags[$0]) }.map(\.key),
            versionTags.filter { $1 == nil && isChanged(ofVersion[$0], previous.versionTags[$0]) }.map(\.key)
        )
        for key in kept.0 { promptTags.removeValue(forKey: key) }
        for key in kept.1 { versionTags.removeValue(forKey: key) }
        return Set(kept.0 + kept.1).sorted()
    }

    /// What turns an existing prompt into a draft of it; what only the prompt has stays.
    package init(from prompt: ObservedPrompt, to draft: PromptDraft) {
        let description = draft.description.flatMap { $0.isEmpty ? nil : $0 }
        var draft = draft
        if let wanted = draft.tags[ReservedTag.experimentIDs] {
            draft.tags[ReservedTag.experimentIDs] = ExperimentTag.adding(
                ExperimentTag.experiments(in: wanted), to: prompt.tags[ReservedTag.experimentIDs])
        }
        self.init(
            description: description == prompt.description ? nil : description,
            promptTags: draft.tags.filter { prompt.tags[$0.key] != $0.value }.mapValues(Optional.some))
    }

    /// What of a prompt, or of its newest version, is not as these changes set it.
    ///
    /// - Parameter prompt: The prompt afterwards.
    /// - Returns: What the setting is called; nil where all is so.
    package func missing(in prompt: ObservedPrompt) -> String? {
        if let description, description != prompt.description ?? "" { return "the description" }
        let tags = promptTags.map { ($0, $1, prompt.tags) }
        let newest = prompt.newest.flatMap { $0.number == version ? $0.tags : nil }
        let ofVersion = newest.map { tags in versionTags.map { ($0, $1, tags) } } ?? []
        return (tags + ofVersion).filter { key, value, tags in
            // Others may have added experiments.
            if key == ReservedTag.experimentIDs, let value, let present = tags[key] {
                return ExperimentTag.adding(ExperimentTag.experiments(in: value), to: present) != present
            }
            return tags[key] != value
        }.map(\.0).min().map { "the tag '\($0)'" }
    }

    /// Whether there is nothing to change.
    package var isEmpty: Bool { description == nil && promptTags.isEmpty && versionTags.isEmpty }

    /// A set of changes.
    package init(
        description: String? = nil, promptTags: [String: String?] = [:], version: Int? = nil,
        versionTags: [String: String?] = [:]
    ) {
        self.description = description
        self.promptTags = promptTags
        self.version = version
        self.versionTags = versionTags
    }
}
