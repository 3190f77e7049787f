import Dispatch
import Glibc
import Synchronization

/// A program to run, without a shell and with nothing on its standard input.
package struct ChildProcess: Sendable {
    /// What a program printed, and how it ended.
    package struct Output: Equatable, Sendable {
        /// Its exit code; for one that a signal ended, 128 and the signal's number, as in a shell.
        package let exitCode: Int32
        package let standardOutput: String
        package let standardError: String
    }

    /// The program's absolute path, or its name, which is looked up in the `PATH` of `environment`.
    let program: String
    let arguments: [String]
    let environment: [String: String]
    let folder: String?
    let deadline: ContinuousClock.Instant
    let outputLimit: Int

    /// A program that is not running yet.
    ///
    /// - Parameters:
    ///   - program: Its absolute path, or its name, which is looked up in the `PATH` of `environment`.
    ///   - arguments: The arguments after the program's name.
    ///   - environment: All the environment variables that it gets.
    ///   - folder: Its current folder; nil: that of this process.
    ///   - deadline: When it is ended if it has not ended by itself.
    ///   - outputLimit: How many bytes it may write to its standard output, and to its standard error.
    package init(
        _ program: String, _ arguments: [String], environment: [String: String], folder: String? = nil,
        deadline: ContinuousClock.Instant, outputLimit: Int = 16 << 20
    ) {
        self.program = program
        self.arguments = arguments
        self.environment = environment
        self.folder = folder
        self.deadline = deadline
        self.outputLimit = outputLimit
    }

    /// Runs the program to its end. When the task is cancelled, the program and all that it started are ended.
    ///
    /// - Returns: What it printed, and how it ended.
    /// - Throws: `ChildProcessError`; whatever it is, the program runs no more.
    package func run() async throws(ChildProcessError) -> Output {
        let path = try executablePath()
        let cancellation = try Pipe()
        let result: Result<Output, ChildProcessError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                // Waiting for a program must not hold one of the few threads that tasks share, nor wait for one of them: those
                // of tasks are also those of queues of the usual quality.
                DispatchQueue(label: "promptreg.child-process", qos: .userInitiated).async {
                    continuation.resume(
                        returning: Result { () throws(ChildProcessError) in
                            try run(path, until: cancellation)
                        })
                }
            }
        } onCancel: {
            cancellation.closeWriteEnd()
        }
        return try result.get()
    }

    private func run(_ path: String, until cancellation: Pipe) throws(ChildProcessError) -> Output {
        if cancellation.isAtEnd { throw .cancelled }
        if ContinuousClock.now >= deadline { throw .timedOut }
        let (output, errors) = (try Pipe(), try Pipe())
        // Whoever ends all programs knows of each that runs.
        let started = try Self.running.withLock { running throws(ChildProcessError) -> pid_t? in
            if running.isOver { return nil }
            let process = try start(path, output, errors)
            running.groups.insert(process)
            return process
        }
        guard let process = started else { Self.waitForEnd() }
        output.closeWriteEnd()
        errors.closeWriteEnd()
        var child = RunningChild(process, output, errors)
        do throws(ChildProcessError) {
            try child.wait(until: deadline, cancellation, outputLimit: outputLimit)
        } catch {
            // Until it has ended, a process that ends at once must not leave it behind.
            child.end()
            Self.remove(process)
            child.reap(WNOHANG)
            throw error
        }
        // Until it is reaped, its number is nobody else's.
        Self.remove(process)
        return Output(
            exitCode: child.reap(), standardOutput: child.output.text, standardError: child.errors.text)
    }

    private struct Running {
        /// The programs, which are groups of processes of their own.
        var groups: Set<pid_t> = []
        /// Whether no further one is started.
        var isOver = false
    }

    private static let running = Mutex(Running())

    /// Takes a program off the list. Where all are ended, what has become of it is no result.
    private static func remove(_ process: pid_t) {
        let isOver = running.withLock { running in
            running.groups.remove(process)
            return running.isOver
        }
        if isOver { waitForEnd() }
    }

    /// Waits for this process to end, as it is about to.
    private static func waitForEnd() -> Never { while true { pause() } }

    /// Ends all programs that are running, for good: a process that ends at once must not leave any behind. They are asked
    /// first.
    package static func endAll() {
        let groups = running.withLock { running in
            running.isOver = true
            return running.groups
        }
        for process in groups { kill(-process, SIGTERM) }
        for _ in 0..<25 where !running.withLock(\.groups.isEmpty) { usleep(20_000) }
        for process in running.withLock(\.groups) { kill(-process, SIGKILL) }
    }

    private func executablePath() throws(ChildProcessError) -> String {
        if program.hasPrefix("/") { return program }
        guard let path = Self.executables(named: program, path: environment["PATH"]).first else {
            throw .notFound
        }
        return path
    }

    /// The programs of a name, in the order in which `PATH` finds them. Its folders that are relative to the current one
    /// do not count: what lies there may be anybody's.
    ///
    /// - Parameters:
    ///   - name: The name, without a slash.
    ///   - path: The value of `PATH`; nil: where the system's programs are.
    /// - Returns: Their absolute paths.
    package static func executables(named name: String, path: String?) -> [String] {
        let folders = name.contains("/") ? [] : (path ?? "/usr/bin:/bin").split(separator: ":")
        return folders.filter { $0.hasPrefix("/") }.map { "\($0)/\(name)" }.filter(isExecutable)
    }

    /// Whether there is a program at a path.
    ///
    /// - Parameter path: The path.
    /// - Returns: Whether it is a file that this user may run.
    package static func isExecutable(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && access(path, X_OK) == 0
    }
}

/// Why a program did not run to its end.
package enum ChildProcessError: Error, Hashable, Sendable {
    /// There is no such program.
    case notFound
    /// The system refuses to start it.
    case notStarted(reason: String)
    /// It was still running at the deadline.
    case timedOut
    /// The task that ran it was cancelled.
    case cancelled
    /// It wrote more than this number of bytes.
    case tooMuchOutput(limit: Int)
}
