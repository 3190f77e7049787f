/// What happens to a prompt.
package enum PromptAction: String, Hashable, Sendable, Codable, CaseIterable {
    /// The registry does not know it: it gets its first version.
    case create
    /// It gets a new version.
    case update
    /// Only tags or its description change, in place.
    case retag
    /// Nothing.
    case unchanged
}

/// What happens to an alias.
package enum AliasAction: String, Hashable, Sendable, Codable, CaseIterable {
    /// It does not exist yet.
    case set
    /// It points elsewhere.
    case move
    /// It is where it should be.
    case unchanged
    /// It is taken away.
    case remove
}

/// Where an alias goes to.
package enum AliasGoal: Hashable, Sendable, Codable {
    /// The newest version, once those that are to be made are there.
    case newest
    /// A version that there is already.
    case version(Int)
    /// One of the versions made before the newest: an index of `PlannedPrompt.earlierVersions`.
    case made(Int)
}
