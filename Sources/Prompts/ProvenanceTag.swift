/// The tags that say where a version came from. They never count as a difference.
package enum ProvenanceTag {
    /// The job that registered it.
    package static let job = "promptreg_job"
    /// The template's path in its repository.
    package static let source = "promptreg_source"
    /// The files whose texts are parts of the template, with digests of them.
    package static let parts = "promptreg_parts"
    /// The commit that was checked out.
    package static let commit = "promptreg_commit"
    /// Whether the template or the spec had changes that were not in that commit.
    package static let dirty = "promptreg_dirty"
    /// Why the run that registered the version, or last changed tags of the prompt, was made against the job's policy.
    package static let policyOverride = "promptreg_policy_override"
    /// The key of a version that something else made, once a job has it in its files.
    package static let accepted = "promptreg_accepted"
    /// The version of another prompt that a version was, before the prompt got its name; of versions.
    package static let movedFrom = "promptreg_moved_from"
    /// The full name that a prompt has by now; of prompts.
    package static let movedTo = "promptreg_moved_to"
    /// The keys of the tags that the job set, so that it can remove those that it no longer names.
    package static let managedTags = "promptreg_tags"
}
