package import Planning
import Prompts

/// What git knows about the files of a job.
package struct Provenance: Hashable, Sendable {
    /// The commit that is checked out; nil outside a repository or before the first commit.
    package var commit: String?
    /// The paths of the job's files in the repository, by the paths shown to the user.
    package var repositoryPaths: [String: String]
    /// The files that differ from the commit, by the paths shown to the user.
    package var changedPaths: Set<String>

    /// Whether any of the job's files differs from the commit; nil outside a repository.
    package var isDirty: Bool? { commit == nil ? nil : !changedPaths.isEmpty }

    /// The provenance of files outside a repository.
    package static let none = Provenance(commit: nil, repositoryPaths: [:], changedPaths: [])

    /// A state of the files.
    package init(commit: String?, repositoryPaths: [String: String], changedPaths: Set<String>) {
        self.commit = commit
        self.repositoryPaths = repositoryPaths
        self.changedPaths = changedPaths
    }

    /// The path of a file in its repository; outside of one, the path shown to the user.
    package func path(of shown: String) -> String { repositoryPaths[shown] ?? shown }

    /// The provenance tags of a version.
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
