import YAML

/// What a job or a target demands of whoever writes to its registry.
package struct Policy: Hashable, Sendable {
    /// The aliases that only `promote` and `rollback` move.
    package var protectedAliases: [String] = []
    /// Whether the job's files have to be those of the commit.
    package var needsCleanFiles = false
    /// The patterns of the branches that may write; empty for all.
    package var branches: [String] = []
    /// Whether only a CI system may write.
    package var needsCI = false
}

extension Policy {
    /// The policy of a target, in which what the target does not say is the job's.
    init(_ setting: (String) -> YAMLNode?) {
        protectedAliases = setting("protected")?.items?.compactMap(\.text) ?? []
        let demands = setting("require")
        needsCleanFiles = demands?["clean"]?.flag ?? false
        branches = demands?["branch"]?.oneOrMany.compactMap(\.text) ?? []
        needsCI = demands?["ci"]?.flag ?? false
    }
}
