package import Planning
import Prompts

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
