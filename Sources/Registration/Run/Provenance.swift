/// The tags that say where a version came from. They never count as a difference.
package enum ProvenanceTag {
    /// The job that registered it.
    package static let job = "promptreg_job"
    /// The template's path in its repository.
    package static let source = "promptreg_source"
    /// The commit that was checked out.
    package static let commit = "promptreg_commit"
    /// Whether the template or the spec had changes that were not in that commit.
    package static let dirty = "promptreg_dirty"
    /// The keys of the tags that the job set, so that it can take away one that it names no more.
    package static let managedTags = "promptreg_tags"
}

/// What the version control knows of the files of a job.
package struct Provenance: Hashable, Sendable {
    /// The commit that is checked out; nil outside a repository or before the first commit.
    package var commit: String?
    /// The repository's paths of the job's files, by the path shown to the user.
    package var repositoryPaths: [String: String]
    /// The shown paths of files that differ from the commit.
    package var changedPaths: Set<String>

    /// Whether any of the job's files differs from the commit; nil outside a repository.
    package var isDirty: Bool? { commit == nil ? nil : !changedPaths.isEmpty }

    /// What is known outside a repository: nothing.
    package static let none = Provenance(commit: nil, repositoryPaths: [:], changedPaths: [])

    /// What the version control knows.
    package init(commit: String?, repositoryPaths: [String: String], changedPaths: Set<String>) {
        self.commit = commit
        self.repositoryPaths = repositoryPaths
        self.changedPaths = changedPaths
    }

    /// The path of a file in its repository, or as it is shown outside of one.
    package func path(of shown: String) -> String { repositoryPaths[shown] ?? shown }

    /// The tags of a version that a job makes from a template.
    ///
    /// - Parameters:
    ///   - source: The template.
    ///   - job: The job's name.
    /// - Returns: The tags.
    package func tags(of source: TemplateSource, job: String) -> [String: String] {
        var tags = [ProvenanceTag.job: job]
        if let path = source.path { tags[ProvenanceTag.source] = self.path(of: path) }
        if let commit {
            let changed = !changedPaths.isDisjoint(with: source.files + [source.specPath].compactMap(\.self))
            tags[ProvenanceTag.commit] = commit
            tags[ProvenanceTag.dirty] = changed ? "true" : "false"
        }
        return tags
    }
}
