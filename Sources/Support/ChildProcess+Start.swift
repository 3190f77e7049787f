import CLinux
import Glibc
import Synchronization

extension ChildProcess {
    /// Starts the program in a process group of its own, with nothing of this process but its two pipes.
    ///
    /// - Parameters:
    ///   - path: The program's file.
    ///   - output: Takes its standard output.
    ///   - errors: Takes its standard error.
    /// - Returns: The process.
    /// - Throws: `ChildProcessError`.
    func start(_ path: String, _ output: Pipe, _ errors: Pipe) throws(ChildProcessError) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output.writeEnd, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, errors.writeEnd, STDERR_FILENO)
        posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1)
        if let folder { posix_spawn_file_actions_addchdir_np(&actions, folder) }
        // What is ignored or blocked here, such as SIGPIPE, would be so in the program too.
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
        var process: pid_t = 0
        let failure = withCStrings([program] + arguments) { arguments in
            withCStrings(environment.map { "\($0)=\($1)" }) { environment in
                posix_spawn(&process, path, &actions, &attributes, arguments, environment)
            }
        }
        guard failure == 0 else { throw .notStarted(reason: String(cString: strerror(failure))) }
        return process
    }
}

private func withCStrings<Value>(
    _ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Value
) -> Value {
    let copies = texts.map { strdup($0) }
    defer { copies.forEach { free($0) } }
    return body(copies + [nil])
}

/// A pipe that no other program inherits.
final class Pipe: Sendable {
    let readEnd: Int32
    private let openWriteEnd: Mutex<Int32>

    init() throws(ChildProcessError) {
        var ends: [Int32] = [-1, -1]
        guard pipe2(&ends, O_CLOEXEC) == 0 else {
            throw .notStarted(reason: String(cString: strerror(errno)))
        }
        readEnd = ends[0]
        openWriteEnd = Mutex(ends[1])
    }

    deinit {
        closeWriteEnd()
        close(readEnd)
    }

    /// Whether the write end is closed and nothing is left to read.
    var isAtEnd: Bool {
        var state = pollfd(fd: readEnd, events: 0, revents: 0)
        return poll(&state, 1, 0) > 0
    }

    /// The write end; -1 once it is closed.
    var writeEnd: Int32 { openWriteEnd.withLock(\.self) }

    func closeWriteEnd() {
        openWriteEnd.withLock { end in
            if end >= 0 { close(end) }
            end = -1
        }
    }
}
