import Glibc
import Prompts

/// A lock that one run holds on a registry, until it is released or the process dies.
struct RegistryLock: ~Copyable {
    /// The lock file, open since before the run's first write.
    let descriptor: Int32
    private let path: String
    /// Why the file could only be opened for reading; nil where it could be opened for writing.
    private let denial: RegistryError?

    /// Takes the lock, waiting for as long as another run holds it; throws when the task is cancelled meanwhile.
    ///
    /// The file is never removed: a run that waits for a removed file would not exclude one that made a new file.
    init(
        acquiring path: String, fileSystem: FileSystem, onWait: @Sendable () -> Void
    ) async throws(RegistryError) {
        var hasWaited = false
        while true {
            let lock = try RegistryLock(opening: path, fileSystem: fileSystem)
            while try !lock.isAcquired(fileSystem) {
                if !hasWaited { onWait() }
                hasWaited = true
                do {
                    try await Task.sleep(for: .milliseconds(20))
                } catch {
                    throw RegistryError(
                        .failed, "stopped while waiting for the run that holds '\(path)'",
                        hint: "another promptreg run is writing to this registry; run again when it is done")
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
        do throws(RegistryError) {
            descriptor = try Self.open(path, O_RDWR | O_CREAT, fileSystem)
            denial = nil
        } catch {
            // A file that can only be read can be locked as well.
            guard error.code == .permissionDenied else { throw error }
            guard let opened = try? Self.open(path, O_RDONLY, FileSystem()) else { throw error }
            (descriptor, denial) = (opened, error)
        }
    }

    deinit { close(descriptor) }

    private static func open(
        _ path: String, _ flags: Int32, _ fileSystem: FileSystem
    ) throws(RegistryError) -> Int32 {
        // Without blocking, as it may be a pipe.
        let flags = flags | O_NONBLOCK
        let opened = try fileSystem.open(
            .lock, path, from: AT_FDCWD, path: path, flags: flags, mode: 0o666)
        guard let opened else { throw RegistryError(.lock, path, errno: ENOENT) }
        return opened
    }

    /// Tries to take the lock.
    private func isAcquired(_ fileSystem: FileSystem) throws(RegistryError) -> Bool {
        do throws(RegistryError) {
            let descriptor = descriptor
            return try fileSystem.call(.lock, path, expecting: [EWOULDBLOCK]) {
                flock(descriptor, LOCK_EX | LOCK_NB)
            } != nil
        } catch {
            // NFS locks only files that are open for writing.
            throw denial ?? error
        }
    }

    /// Whether the path still leads to the open file: the registry may have been removed in the meantime.
    private var isStillThere: Bool {
        var opened = stat()
        var named = stat()
        return fstat(descriptor, &opened) == 0 && lstat(path, &named) == 0
            && opened.st_ino == named.st_ino && opened.st_dev == named.st_dev
    }
}
