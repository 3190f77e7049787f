package import Jobs

/// What a run was asked for: filled in by the command line, read by the planner, and kept in a saved plan.
package struct RunRequest: Hashable, Sendable, Codable {
    /// The spec's path, as the user wrote it.
    package var specPath = ""
    /// What is passed to the job.
    package var inputs = JobInputs()
    /// The names and patterns of the selected prompts; empty selects all.
    package var select: [String] = []
    /// The registry's address that was passed.
    package var registry: String?
    /// Whether every prompt gets a new version, changed or not.
    package var force = false
    /// The commit message of new versions.
    package var message: String?
    /// Whether versions that something else made are replaced, whatever the job says.
    package var overwritesForeign = false
    /// Whether prompts of other jobs become this job's.
    package var adopts = false
    /// Whether prompts that left the job lose its aliases.
    package var prune = false

    /// A request for nothing but what the job says.
    package init() {}
}
