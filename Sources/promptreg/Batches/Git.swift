import Support

/// Runs git such that nothing of a repository's own, such as its configuration, starts another program.
///
/// What git is asked here reads objects and names only: nothing that refreshes the index, converts a file or shows a
/// difference, since each of these runs what the repository names.
struct Git: Sendable {
    /// Why git did not answer.
    struct Refusal: Error {
        /// What the user is told; nil for what is not unusual, such as no repository.
        let reason: String?
        /// How git ended, if it ran and ended by itself.
        var exitCode: Int32?
    }

    /// How long git may take where a run has the time; it is never worth more, nor more than half of the time that there is.
    private static let longestTime = Duration.seconds(10)
    /// How long the paths of one command may be together, in bytes.
    private static let pathsLimit = 256 << 10

    /// What git gets of this process's environment: what tells it where its settings are, and how far to look for a
    /// repository. Tokens are not for it, and what a git hook says of its repository, such as `GIT_DIR`, is relative
    /// to another folder.
    private static let passedVariables: Set = [
        "PATH", "HOME", "XDG_CONFIG_HOME", "GIT_CEILING_DIRECTORIES", "GIT_CONFIG_GLOBAL",
        "GIT_CONFIG_SYSTEM",
        "GIT_CONFIG_NOSYSTEM", "GIT_DISCOVERY_ACROSS_FILESYSTEM",
    ]

    /// What git gets besides: nothing is written, fetched or asked for, and a path is no pattern.
    private static let ownVariables = [
        "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": "none",
        "GIT_TERMINAL_PROMPT": "0", "GIT_LITERAL_PATHSPECS": "1",
    ]

    /// For the programs that a repository can name in spite of the commands that are used.
    private static let options = [
        "--no-pager", "--no-optional-locks", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null",
        "-c", "safe.bareRepository=explicit",
    ]

    private let variables: [String: String]
    private let hasRepositoryVariable: Bool
    private let timeLimit: Duration
    private let deadline: ContinuousClock.Instant

    /// git; the time for it begins now.
    ///
    /// - Parameters:
    ///   - environment: The environment variables, of which git gets a few.
    ///   - timeLimit: How long the run may take, and git with it.
    init(environment: [String: String], timeLimit: Duration) {
        variables = environment.filter { Self.passedVariables.contains($0.key) }
            .merging(Self.ownVariables) { _, own in own }
        hasRepositoryVariable = !environment["GIT_DIR", default: ""].isEmpty
        self.timeLimit = min(timeLimit / 2, Self.longestTime)
        deadline = .now + max(min(self.timeLimit, timeLimit - ReadingTime.end()), .zero)
    }

    /// Runs a command of git.
    ///
    /// - Parameters:
    ///   - arguments: The command and its arguments.
    ///   - folder: The folder whose repository is meant.
    /// - Returns: What it printed.
    /// - Throws: `Refusal`, also when it ended with another code than 0.
    func run(_ arguments: [String], in folder: String) async throws(Refusal) -> String {
        let git = ChildProcess(
            "git", Self.options + ["-C", folder] + arguments, environment: variables, deadline: deadline)
        let output: ChildProcess.Output
        defer { ReadingTime.countOn() }
        do throws(ChildProcessError) {
            output = try await git.run()
        } catch {
            throw Refusal(reason: reason(of: error))
        }
        if output.exitCode == 0 { return output.standardOutput }
        let lines = output.standardError.split { $0.isNewline || $0 == "\t" }
        let complaint = lines.isEmpty ? "it ended with \(output.exitCode)" : lines.joined(separator: " ")
        // 128 is git's exit code outside a repository as well as for one that it does not trust.
        guard complaint.contains("not a git repository") else {
            throw Refusal(reason: "git says: \(complaint)", exitCode: output.exitCode)
        }
        let notHeeded = "the job is in no repository, and GIT_DIR is not used to find one"
        throw Refusal(reason: hasRepositoryVariable ? notHeeded : nil, exitCode: output.exitCode)
    }

    /// Runs a command of git that prints one line.
    ///
    /// - Parameters:
    ///   - arguments: The command and its arguments.
    ///   - folder: The folder whose repository is meant.
    /// - Returns: The line.
    /// - Throws: `Refusal`.
    func line(_ arguments: [String], in folder: String) async throws(Refusal) -> String {
        let output = try await run(arguments, in: folder)
        return output.hasSuffix("\n") ? String(output.dropLast()) : output
    }

    /// Runs a command of git for paths: as many of them as their length needs.
    ///
    /// - Parameters:
    ///   - arguments: The command, and the arguments before the paths.
    ///   - paths: The paths; none needs no command.
    ///   - folder: The folder whose repository is meant.
    /// - Returns: What the commands printed, one after the other.
    /// - Throws: `Refusal`.
    func run(
        _ arguments: [String], paths: [String], in folder: String
    ) async throws(Refusal) -> String {
        var output = ""
        var rest = paths[...]
        while !rest.isEmpty {
            var size = 0
            let fitting = rest.prefix { path in
                size += path.utf8.count + 1
                return size <= Self.pathsLimit
            }
            let some = fitting.isEmpty ? rest.prefix(1) : fitting
            output += try await run(arguments + ["--"] + some, in: folder)
            rest = rest.dropFirst(some.count)
        }
        return output
    }

    private func reason(of error: ChildProcessError) -> String? {
        switch error {
        case .notFound, .cancelled: nil
        case .notStarted(let failure): "git cannot be started: \(failure)"
        case .timedOut: "git took longer than \(timeLimit.milliseconds / 1_000) s"
        case .tooMuchOutput(let limit): "git printed more than \(limit >> 20) MiB"
        }
    }
}
