import Execution
import Glibc
import Jobs
import Support

/// What git knows about the files of a job.
struct GitRepository: Sendable {
    private let git: Git
    private let console: Console

    /// A repository; the time for git begins now.
    ///
    /// - Parameters:
    ///   - environment: The environment variables, of which git gets a few.
    ///   - console: Told why no commit is known, when that is unusual.
    ///   - timeLimit: How long the run may take, and git with it.
    init(environment: [String: String], console: Console, timeLimit: Duration) {
        git = Git(environment: environment, timeLimit: timeLimit)
        self.console = console
    }

    /// Asks git for the commit and for the job's files that differ from it.
    ///
    /// - Parameter desired: The job.
    /// - Returns: What git knows; nothing outside a repository or without git.
    func provenance(of desired: DesiredState) async -> Provenance {
        let folder = desired.specFolder.isEmpty ? "." : desired.specFolder
        let placesByFile = Self.places(of: [desired.specPath] + desired.prompts.flatMap(\.files))
        async let top = Result<String, Git.Refusal>(of: { () async throws(Git.Refusal) in
            try await git.line(["rev-parse", "--show-toplevel"], in: folder)
        })
        async let head = Result<String?, Git.Refusal>(of: { () async throws(Git.Refusal) in
            try await commit(in: folder)
        })
        let answers = (await top, await head)
        do throws(Git.Refusal) {
            let (root, commit) = (try answers.0.get(), try answers.1.get())
            return try await provenance(of: placesByFile, in: root, at: commit)
        } catch {
            if let reason = error.reason { console.warning("no commit is recorded: \(reason)") }
            return .none
        }
    }

    private func provenance(
        of placesByFile: [String: [String]], in root: String, at commit: String?
    ) async throws(Git.Refusal) -> Provenance {
        var provenance = Provenance(commit: commit, repositoryPaths: [:], changedPaths: [])
        let prefix = root == "/" ? root : root + "/"
        let inside = placesByFile.mapValues { $0.filter { $0.hasPrefix(prefix) } }
        provenance.repositoryPaths = inside.compactMapValues {
            $0.last.map { String($0.dropFirst(prefix.count)) }
        }
        guard let commit else { return provenance }
        let comparison = try await CommittedFiles(git, root: root, commit: commit)
            .compare(Set(inside.values.joined()).sorted())
        // A file outside of the repository is in no commit of it.
        provenance.changedPaths = Set(
            inside.filter { $1.isEmpty || !comparison.changed.isDisjoint(with: $1) }.keys)
        warn(of: inside.compactMapValues { $0.lazy.compactMap { comparison.filtered[$0] }.first })
        return provenance
    }

    /// Says which files may not be changed, since no filter of git is run.
    private func warn(of attributesByFile: [String: String]) {
        guard let (file, attribute) = attributesByFile.min(by: { $0.key < $1.key }) else { return }
        let others = attributesByFile.count - 1
        console.warning(
            "'\(file)'\(others > 0 ? " and \(others) more" : "") counts as changed, since git's filters are not run: "
                + "it has the git attribute \(attribute)")
    }

    /// Asks git for the commit that is checked out in the current folder.
    ///
    /// - Returns: What git knows; nothing outside a repository, before the first commit, or without git.
    func provenanceOfCurrentFolder() async -> Provenance {
        guard let commit = try? await commit(in: ".") else { return .none }
        return Provenance(commit: commit, repositoryPaths: [:], changedPaths: [])
    }

    /// The commit that is checked out; nil before the first one.
    private func commit(in folder: String) async throws(Git.Refusal) -> String? {
        do throws(Git.Refusal) {
            return try await git.line(["rev-parse", "--verify", "--quiet", "HEAD"], in: folder)
        } catch {
            if error.exitCode == 1 { return nil }
            throw error
        }
    }

    /// Where files lie: the path of each as it is named, and, where a link leads elsewhere, the one that it leads to.
    private static func places(of files: [String]) -> [String: [String]] {
        var folders: [Substring: String] = [:]
        var places: [String: [String]] = [:]
        for file in files {
            let slash = file.lastIndex(of: "/")
            let folder = slash.map { file[...$0] } ?? "./"
            let name = slash.map { file[file.index(after: $0)...] } ?? file[...]
            let resolvedFolder = folders[folder] ?? resolve(String(folder))
            folders[folder] = resolvedFolder
            let (named, resolved) = (resolvedFolder + "/" + name, resolve(file))
            places[file] = named == resolved ? [resolved] : [named, resolved]
        }
        return places
    }

    private static func resolve(_ path: String) -> String {
        guard let resolved = realpath(path, nil) else { return path }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
