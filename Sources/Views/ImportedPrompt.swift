package import Jobs
package import Prompts
import Support

/// A prompt that is taken over from a registry into a job.
package struct ImportedPrompt: Hashable, Sendable {
    /// A tag that the job does not set.
    package struct LeftOutTag: Hashable, Sendable {
        /// The key.
        package var key: String
        /// Why, as the rest of a sentence that begins with the tag.
        package var reason: String
        /// Whether promptreg set it once, so that the next run of the job takes it away.
        package var isManaged: Bool
    }

    /// What the registry has of the prompt, as if the version were the newest one.
    package let observed: ObservedPrompt
    /// The version that is taken over.
    package let version: PromptVersion
    /// The number of the newest version.
    package let newest: Int?
    /// The aliases that point to other versions.
    package let otherAliases: [String: Int]
    /// The tags that the job does not set, by their keys; those that are MLflow's and promptreg's own are not told.
    package private(set) var leftOutTags: [LeftOutTag] = []
    /// The prompt as it is written down.
    package private(set) var registered: RegisteredPrompt

    /// A prompt with one of its versions.
    ///
    /// - Parameters:
    ///   - prompt: What the registry has of it.
    ///   - version: The version.
    package init(_ prompt: ObservedPrompt, at version: PromptVersion) {
        self.version = version
        newest = prompt.newest?.number
        var observed = prompt
        observed.newest = version
        observed.aliases = prompt.aliases.filter { $0.value == version.number }
        self.observed = observed
        otherAliases = prompt.aliases.filter { $0.value != version.number }
        registered = RegisteredPrompt(fullName: prompt.name, content: version.content)
        registered.description = prompt.description.flatMap { $0.isEmpty ? nil : $0 }
        registered.aliases = observed.aliases.keys.filter { NameRules.problem(withAlias: $0) == nil }.sorted()
        registered.experiments = prompt.experiments
        registered.job = prompt.owner
        sortTags()
    }

    /// Divides the tags into those that a job can set without a change, and all others.
    private mutating func sortTags() {
        let (own, versions) = (observed.tags, version.tags)
        let managed = (versions[ProvenanceTag.managedTags] ?? "").split(separator: ",").map(String.init)
        for key in Set(own.keys).union(versions.keys).sorted() where !ReservedTag.isReserved(key) {
            let reason: String
            switch (own[key], versions[key]) {
            case (let value?, let other?) where value.isIdentical(to: other):
                guard let problem = JobExport.problem(withTag: key, value: value) else {
                    registered.tags[key] = value
                    continue
                }
                reason = problem
            case (.some, .some): reason = "differs between the prompt and its version"
            case (.some, nil): reason = "is on the prompt alone"
            default: reason = "is on the version alone"
            }
            leftOutTags.append(
                LeftOutTag(key: key, reason: reason, isManaged: managed.contains(key)))
        }
    }
}

extension ReservedTag {
    /// Whether a tag is MLflow's or promptreg's own.
    static func isReserved(_ key: String) -> Bool {
        ["mlflow.", "_mlflow_", "promptreg_"].contains(where: key.hasPrefix)
    }
}
