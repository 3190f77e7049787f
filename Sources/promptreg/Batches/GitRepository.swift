import Execution
import Glibc
import Jobs
import Support

/// What git knows about the files of a job.
struct GitRepository: Sendable {
    private let git: Git
    private let console: Console
    private let hasOtherSource: Bool

    /// A repository; the time for git begins now.
    ///
    /// - Parameters:
    ///   - environment: The environment variables, of which git gets a few.
    ///   - console: Told why no commit is known, when that is unusual.
    ///   - timeLimit: How long the run may take, and git with it.
    ///   - hasOtherSource: Whether something else names the commit, so that git need not.
    init(
        environment: [String: String], console: Console, timeLimit: Duration, hasOtherSource: Bool = false
    ) {
        self.hasOtherSource = hasOtherSource
        git = Git(environment: environment, timeLimit: timeLimit)
        self.console = console
    }

    /// Asks git for the commit and for the job's files that differ from it.
    ///
    /// - Parameter desired: The job.
    /// - Returns: What git knows; nothing outside a repository or without git.
    func provenance(of desired: DesiredState) async -> Provenance {
        let folder = desired.specFolder.isEmpty ? "." : desired.specFolder
        let placesByFile = Self.places(of: desired.files)
        if let provenance = await provenance(ofUnchanged: placesByFile, in: folder) { return provenance }
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
            if let reason = error.reason, !hasOtherSource {
                console.warning("no commit is recorded: \(reason)")
            }
            return .none
        }
    }

    /// Asks git whether all files are in the commit as they are, which takes two commands at once; nil if not all are.
    private func provenance(ofUnchanged placesByFile: [String: [String]], in folder: String) async
        -> Provenance?
    {
        let places = placesByFile.sorted { $0.key < $1.key }.map(\.value)
        let (paths, base) = (places.compactMap(\.first), Self.resolve(folder))
        // Links, and very many files, are compared one by one.
        guard places.allSatisfy({ $0.count == 1 }), paths.reduce(0, { $0 + $1.utf8.count }) < 64 << 10 else {
            return nil
        }
        let names = paths.map { "HEAD:./" + Self.relative($0, to: base) }
        async let committed = Result<String, Git.Refusal>(of: { () async throws(Git.Refusal) in
            try await git.run(["rev-parse", "--show-toplevel", "HEAD"] + names, in: folder)
        })
        async let present = Result<String, Git.Refusal>(of: { () async throws(Git.Refusal) in
            try await git.run(["hash-object", "--no-filters"], paths: paths, in: folder)
        })
        guard case (.success(let committed), .success(let present)) = (await committed, await present) else {
            return nil
        }
        let lines = committed.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count == paths.count + 3, present == lines.dropFirst(2).joined(separator: "\n") else {
            return nil
        }
        let prefix = lines[0] == "/" ? "/" : lines[0] + "/"
        guard paths.allSatisfy({ $0.hasPrefix(prefix) }) else { return nil }
        return Provenance(
            commit: String(lines[1]),
            repositoryPaths: placesByFile.compactMapValues {
                $0.first.map { String($0.dropFirst(prefix.count)) }
            },
            changedPaths: [])
    }

    /// A path as it is named from a folder; both are absolute, without links.
    private static func relative(_ path: String, to folder: String) -> String {
        let (parts, base) = (path.split(separator: "/"), folder.split(separator: "/"))
        let shared = zip(parts, base).prefix { $0 == $1 }.count
        return (base.dropFirst(shared).map { _ in ".." } + parts.dropFirst(shared)).joined(separator: "/")
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

    /// The commit that git has a name for, such as `HEAD`; nil where it knows none.
    ///
    /// - Parameters:
    ///   - name: The name, which begins with no dash.
    ///   - folder: The folder whose repository is meant.
    /// - Returns: The commit.
    func commit(named name: String, in folder: String) async -> String? {
        try? await git.line(
            ["rev-parse", "--verify", "--quiet", name + "^{commit}"], in: folder.isEmpty ? "." : folder)
    }

    /// Whether a prompt's file in the commit is not in its folder; nil where git does not say.
    func lacksPrompt(in folder: String) async -> Bool? {
        let folder = folder.isEmpty ? "." : folder
        guard let names = try? await git.run(["ls-tree", "-r", "-z", "--name-only", "HEAD"], in: folder)
        else {
            return nil
        }
        return names.split(separator: "\0").contains { name in
            var status = stat()
            return DesiredState.mayBePrompt(String(name)) && lstat("\(folder)/\(name)", &status) != 0
        }
    }

    /// The branch that is checked out; nil for a detached head, or without a repository.
    func branch(in folder: String) async -> String? {
        try? await git.line(
            ["symbolic-ref", "--quiet", "--short", "HEAD"], in: folder.isEmpty ? "." : folder)
    }

    /// The names of the repository's remotes; none without a repository.
    func remotes(in folder: String) async -> [String] {
        let names = try? await git.run(["remote"], in: folder.isEmpty ? "." : folder)
        return names?.split(separator: "\n").map(String.init) ?? []
    }

    /// The branch that others start from: origin's, `main` or `master` where there is one, else the one that is checked out;
    /// nil without a repository.
    func mainBranch(in folder: String) async -> String? {
        let folder = folder.isEmpty ? "." : folder
        let remote = "refs/remotes/origin/"
        let head = try? await git.line(["symbolic-ref", "--quiet", remote + "HEAD"], in: folder)
        if let head, head.hasPrefix(remote) { return String(head.dropFirst(remote.count)) }
        for name in ["main", "master"] {
            let name = "refs/heads/\(name)"
            if (try? await git.line(["rev-parse", "--verify", "--quiet", name], in: folder)) != nil {
                return String(name.dropFirst("refs/heads/".count))
            }
        }
        return await branch(in: folder)
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
