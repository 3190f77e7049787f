/// Where a version came from, as far as its tags say.
package struct VersionOrigin: Hashable, Sendable {
    /// The job that registered it.
    package var job: String?
    /// The template's path in its repository.
    package var source: String?
    /// The commit that was checked out.
    package var commit: String?
    /// Whether the template or the spec had changes that were not in that commit.
    package var isDirty: Bool

    /// The first letters of the commit, with a `*` behind it where there were changes that are not in it.
    package var shortCommit: String? { commit.map { $0.prefix(8) + (isDirty ? "*" : "") } }

    /// Who registered it, such as `job 'agent'`.
    package var maker: String { job.map { "job '\($0)'" } ?? "no job" }

    /// Where a version came from.
    package init(of version: PromptVersion) {
        job = version.tags[ProvenanceTag.job]
        source = version.tags[ProvenanceTag.source]
        commit = version.tags[ProvenanceTag.commit]
        isDirty = version.tags[ProvenanceTag.dirty] == "true"
    }
}
