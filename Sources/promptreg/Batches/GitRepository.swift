import Execution
import Glibc
import Jobs
import Support

/// What git knows about the files of a job.
struct GitRepository: Sendable {
    /// How long git may take where a run has the time; it is never worth more.
    private static let longestTime = Duration.seconds(10)
    /// A repository of a million changed files stays below this.
    private static let outputLimit = 256 << 20

    private let environment: [String: String]
    private let console: Console
    private let timeLimit: Duration
    private let deadline: ContinuousClock.Instant

    /// A repository; the time for git begins now.
    ///
    /// - Parameters:
    ///   - environment: The environment variables, of which git gets a few.
    ///   - console: Told why no commit is known, when that is unusual.
    ///   - timeLimit: How long the run may take, and git with it.
    init(environment: [String: String], console: Console, timeLimit: Duration) {
        self.environment = environment
        self.console = console
        self.timeLimit = min(timeLimit, Self.longestTime)
        deadline = .now + self.timeLimit
    }

    /// Asks git for the commit and for the job's files that differ from it.
    ///
    /// - Parameter desired: The job.
    /// - Returns: What git knows; nothing outside a repository or without git.
    func provenance(of desired: DesiredState) async -> Provenance {
        let folder = desired.specFolder.isEmpty ? "." : desired.specFolder
        let files = [desired.specPath] + desired.prompts.flatMap(\.files)
        let placesByFile = Self.places(of: files)
        async let top = git(["rev-parse", "--show-toplevel"], in: folder)
        async let status = status(of: Self.folders(of: placesByFile.values.joined()), in: folder)
        let answers = (await top, await status)
        let (root, state): (String, String)
        do throws(Refusal) {
            (root, state) = (try answers.0.get(), try answers.1.get())
        } catch {
            if let reason = error.reason { console.warning("no commit is recorded: \(reason)") }
            return .none
        }
        let prefix = root.withoutFinalNewline + "/"
        var provenance = Provenance.none
        let (commit, changed) = Self.parse(state)
        provenance.commit = commit
        for (shown, paths) in placesByFile {
            let inside = paths.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
            provenance.repositoryPaths[shown] = inside.last
            // A file outside of the repository is in no commit of it.
            let isChanged = inside.isEmpty || inside.contains { changed.covers($0) }
            if isChanged { provenance.changedPaths.insert(shown) }
        }
        return provenance
    }

    /// Asks git for the commit that is checked out in the current folder.
    ///
    /// - Returns: What git knows; nothing outside a repository, before the first commit, or without git.
    func provenanceOfCurrentFolder() async -> Provenance {
        let answer = await git(["rev-parse", "--verify", "--quiet", "HEAD"], in: ".")
        guard let commit = try? answer.get().withoutFinalNewline else { return .none }
        return Provenance(commit: commit, repositoryPaths: [:], changedPaths: [])
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

    /// The folders of files, without those that lie in others; none when there are too many for a command line.
    private static func folders(of paths: some Sequence<String>) -> [String] {
        var folders: [String] = []
        for folder in Set(paths.map { $0[..<($0.lastIndex(of: "/") ?? $0.startIndex)] }).map(String.init)
            .sorted()
        {
            if let last = folders.last, folder.hasPrefix(last + "/") { continue }
            folders.append(folder)
        }
        return folders.count <= 200 ? folders : []
    }

    /// The state of folders; of the whole repository where some of them lie outside of it.
    private func status(of folders: [String], in folder: String) async -> Answer {
        let command = [
            "status", "--porcelain=v2", "--branch", "-z", "--untracked-files=all", "--ignored=matching", "--",
        ]
        let answer = await git(command + folders, in: folder)
        guard case .failure(let refusal) = answer, refusal.reason != nil, !folders.isEmpty else {
            return answer
        }
        return await git(command, in: folder)
    }

    /// Reads git's porcelain format, version 2, with NULs between the records.
    private static func parse(_ output: String) -> (commit: String?, changed: ChangedPaths) {
        var commit: String?
        var changed = ChangedPaths()
        var records = output.split(separator: "\0").makeIterator()
        while let record = records.next() {
            switch record.first {
            case "#":
                let oid = record.dropFirst("# branch.oid ".count)
                if record.hasPrefix("# branch.oid "), oid != "(initial)" { commit = String(oid) }
            case "1": changed.insert(path(of: record, fields: 8))
            case "2":
                changed.insert(path(of: record, fields: 9))
                if let old = records.next() { changed.insert(String(old)) }
            case "u": changed.insert(path(of: record, fields: 10))
            case "?", "!": changed.insert(path(of: record, fields: 1))
            default: break
            }
        }
        return (commit, changed)
    }

    /// Paths that differ from the commit. A folder stands for all in it: one that is ignored, or a submodule.
    private struct ChangedPaths {
        private var paths: Set<String> = []

        mutating func insert(_ path: String) {
            paths.insert(path.hasSuffix("/") ? String(path.dropLast()) : path)
        }

        /// Whether a path, or a folder that it lies in, is among them.
        func covers(_ path: String) -> Bool {
            var path = path[...]
            while !paths.contains(String(path)) {
                guard let slash = path.lastIndex(of: "/") else { return false }
                path = path[..<slash]
            }
            return true
        }
    }

    /// The path of a record, which follows a number of fields with one blank after each.
    private static func path(of record: Substring, fields: Int) -> String {
        String(record.split(separator: " ", maxSplits: fields, omittingEmptySubsequences: false).last ?? "")
    }

    private static func resolve(_ path: String) -> String {
        guard let resolved = realpath(path, nil) else { return path }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    // MARK: Running git

    /// What git gets of this process's environment: what tells it where its settings are. Tokens are not for it and
    /// for what it starts, and what a git hook says about its repository is relative to another folder.
    private static let passedVariables: Set = [
        "PATH", "HOME", "XDG_CONFIG_HOME", "TMPDIR", "USER", "LOGNAME", "GIT_CEILING_DIRECTORIES",
        "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM",
    ]

    /// A plan writes nothing, not even git's cache of file times, and no setting of a repository starts a program.
    private static let options = [
        "--no-pager", "--no-optional-locks", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null",
        "-c", "safe.bareRepository=explicit",
    ]

    /// What git printed, or why it did not.
    private typealias Answer = Result<String, Refusal>

    private struct Refusal: Error {
        /// What the user is told; nil for what is not unusual, such as no repository.
        let reason: String?
    }

    private func git(_ arguments: [String], in folder: String) async -> Answer {
        var variables = environment.filter { Self.passedVariables.contains($0.key) }
        variables["LC_ALL"] = "C"
        variables["GIT_OPTIONAL_LOCKS"] = "0"
        let git = ChildProcess(
            "git", Self.options + ["-C", folder] + arguments, environment: variables, deadline: deadline,
            outputLimit: Self.outputLimit)
        let reason: String?
        do throws(ChildProcessError) {
            let output = try await git.run()
            if output.exitCode == 0 { return .success(output.standardOutput) }
            let lines = output.standardError.split { $0.isNewline || $0 == "\t" }
            let complaint = lines.isEmpty ? "it ended with \(output.exitCode)" : lines.joined(separator: " ")
            // 128 is git's exit code outside a repository as well as for one that it does not trust.
            reason = complaint.contains("not a git repository") ? nil : "git says: \(complaint)"
        } catch {
            switch error {
            case .notFound, .cancelled: reason = nil
            case .notStarted(let failure): reason = "git cannot be started: \(failure)"
            case .timedOut: reason = "git took longer than \(timeLimit.milliseconds / 1_000) s"
            case .tooMuchOutput(let limit): reason = "git printed more than \(limit >> 20) MiB"
            }
        }
        return .failure(Refusal(reason: reason))
    }
}

extension String {
    fileprivate var withoutFinalNewline: String { hasSuffix("\n") ? String(dropLast()) : self }
}
