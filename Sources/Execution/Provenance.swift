import Jobs
package import Planning
import Prompts
import Support

/// Where the files of a job come from: what git knows of them, else what the command line or a CI system says.
package struct Provenance: Hashable, Sendable {
    /// The commit that is checked out; nil outside a repository or before the first commit.
    package var commit: String?
    /// The paths of the job's files in the repository, by the paths shown to the user.
    package var repositoryPaths: [String: String]
    /// The files that differ from the commit, by the paths shown to the user.
    package var changedPaths: Set<String>
    /// Whether git compared the files with the commit.
    package var knowsChanges = true
    /// The branch; nil where the command line and the CI system name none.
    package var branch: String?
    /// The address of the repository's page; nil where the command line and the CI system name none.
    package var repository: String?

    /// Whether any of the job's files differs from the commit; nil where that is not known.
    package var isDirty: Bool? { commit == nil || !knowsChanges ? nil : !changedPaths.isEmpty }

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
        tags[ProvenanceTag.source] = source.path.map { registeredPath(of: $0, in: source) }
        if let parts = source.parts?.files {
            tags[ProvenanceTag.parts] = PartsTag.text(parts) { registeredPath(of: $0, in: source) }
        }
        guard let commit else { return tags }
        tags[ProvenanceTag.commit] = commit
        if knowsChanges {
            let changed = !changedPaths.isDisjoint(with: source.files + [source.specPath].compactMap(\.self))
            tags[ProvenanceTag.dirty] = changed ? "true" : "false"
        }
        return tags
    }

    /// The path of a file of a template in its repository; outside of one, its way from the spec, so that nothing is told of this
    /// machine's folders.
    private func registeredPath(of path: String, in source: TemplateSource) -> String {
        if let known = repositoryPaths[path] { return known }
        guard let specPath = source.specPath else {
            return path.split(separator: "/").last.map(String.init) ?? path
        }
        return path.relativePath(toFolderOf: specPath)
    }
}
