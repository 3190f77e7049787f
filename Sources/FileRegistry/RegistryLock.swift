import Glibc
import Prompts

/// A lock that one run holds on a registry, until it is let go or the process dies.
struct RegistryLock: ~Copyable {
    /// The lock's file, open since before the run's first write.
    let descriptor: Int32
    private let path: String
    /// Why the file is open for reading only; nil where it is not.
    private let denial: RegistryError?

    /// Takes the lock, waiting for as long as another run has it.
    ///
    /// - Parameters:
    ///   - path: The lock's file, which is made when it is missing and never removed: a run that waits for a
    ///     removed file would not exclude one that made it anew.
    ///   - fileSystem: The calls to the system.
    ///   - onWait: Called once when the lock is taken.
    /// - Throws: `RegistryError`, also when the task is cancelled while it waits.
    init(
        acquiring path: String, fileSystem: FileSystem, onWait: @Sendable () -> Void
    ) async throws(RegistryError) {
        var hasWaited = false
        while true {
            let lock = try RegistryLock(opening: path, fileSystem: fileSystem)
            while try !lock.isTaken(fileSystem) {
                if !hasWaited { onWait() }
                hasWaited = true
                do {
                    try await Task.sleep(for: .milliseconds(20))
                } catch {
                    throw RegistryError(
                        .failed, "stopped while waiting for the run that holds '\(path)'",
                        hint: "another promptreg run writes to this registry; run again when it is done")
                }
            }
            if lock.isStillThere {
                self = lock
                return
            }
        }
    }

    private init(opening path: String, fileSystem: FileSystem) throws(RegistryError) {
        self.path = path
        (descriptor, denial) = try fileSystem.lockFile(path)
    }

    deinit { close(descriptor) }

    /// Tries to take the lock.
    private func isTaken(_ fileSystem: FileSystem) throws(RegistryError) -> Bool {
        switch fileSystem.lock(descriptor, path) {
        case 0: return true
        case EWOULDBLOCK, EINTR: return false
        case let failed:
            // NFS locks only files that are open for writing.
            let failure = SystemFailure(attempt: .lock, path: path, errno: failed).error
            throw failed == EBADF ? denial ?? failure : failure
        }
    }

    /// Whether the path still leads to the file that is open: somebody may have removed the registry meanwhile.
    private var isStillThere: Bool {
        var opened = stat()
        var named = stat()
        return fstat(descriptor, &opened) == 0 && stat(path, &named) == 0
            && opened.st_ino == named.st_ino && opened.st_dev == named.st_dev
    }
}

extension FileSystem {
    /// Opens the file of a lock, and makes it when it is missing.
    ///
    /// - Returns: Its descriptor; and, where the file can only be read, why it cannot be written.
    fileprivate func lockFile(
        _ path: String
    ) throws(RegistryError) -> (descriptor: Int32, denial: RegistryError?) {
        let opened = attemptLock(path) { open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666) }
        guard opened.failure != 0 else { return (opened.value, nil) }
        let denial = SystemFailure(attempt: .lock, path: path, errno: opened.failure).error
        // A file that can be read can be locked as well.
        guard denial.code == .permissionDenied else { throw denial }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw denial }
        return (descriptor, denial)
    }

    /// Locks an open file, unless another process has.
    ///
    /// - Returns: 0, or why that failed.
    fileprivate func lock(_ descriptor: Int32, _ path: String) -> Int32 {
        attemptLock(path) { flock(descriptor, LOCK_EX | LOCK_NB) }.failure
    }

    private func attemptLock(_ path: String, _ body: () -> Int32) -> (value: Int32, failure: Int32) {
        if let fault, let failed = fault(.lock, path) { return (-1, failed) }
        let value = body()
        return (value, value < 0 ? errno : 0)
    }
}
