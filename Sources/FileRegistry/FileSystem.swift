import CLinux
import Glibc
import PromptRegistry

/// The calls to the system that the registry is made of. What failed is thrown as a `RegistryError` with the
/// path in it; what may well be missing or taken is answered with nil or false.
struct FileSystem: Sendable {
    /// What a call does to the path that it is given.
    enum Attempt: String, Sendable {
        case open
        case list
        case read
        case create
        case write
        case rename
        case remove
        case lock
        case synchronize = "write out"
    }

    /// Tests make calls fail with this: an answer is taken as the call's `errno`.
    typealias Fault = @Sendable (_ attempt: Attempt, _ path: String) -> Int32?

    let fault: Fault?

    init(fault: Fault? = nil) { self.fault = fault }

    /// Does a call, again when a signal interrupts it.
    ///
    /// - Returns: Its result, at least 0, or the failure.
    private func call<Value: FixedWidthInteger>(
        _ attempt: Attempt, _ path: @autoclosure () -> String, _ body: () -> Value
    ) -> Result<Value, CallFailure> {
        if let fault, let failure = fault(attempt, path()) { return .failure(CallFailure(errno: failure)) }
        while true {
            let value = body()
            if value >= 0 { return .success(value) }
            if errno != EINTR { return .failure(CallFailure(errno: errno)) }
        }
    }

    private struct CallFailure: Error { let errno: Int32 }

    private func failure(_ attempt: Attempt, _ path: String, _ errno: Int32) -> RegistryError {
        SystemFailure(attempt: attempt, path: path, errno: errno).error
    }
}

// MARK: - Looking

extension FileSystem {
    /// What a path leads to.
    enum Kind { case folder, other }

    /// What a path leads to, links followed; nil when it leads nowhere.
    func kind(of path: String) throws(RegistryError) -> Kind? {
        var status = stat()
        switch call(.open, path, { stat(path, &status) }) {
        case .success: return status.st_mode & S_IFMT == S_IFDIR ? .folder : .other
        case .failure(let failed) where failed.errno == ENOENT: return nil
        case .failure(let failed): throw failure(.open, path, failed.errno)
        }
    }

    /// Whether there is something of a name in an open folder.
    func exists(_ name: String, in folder: borrowing Folder) throws(RegistryError) -> Bool {
        let (path, descriptor) = (folder.path + "/" + name, folder.descriptor)
        switch call(.open, path, { faccessat(descriptor, name, F_OK, 0) }) {
        case .success: return true
        case .failure(let failed) where failed.errno == ENOENT: return false
        case .failure(let failed): throw failure(.open, path, failed.errno)
        }
    }

    /// The number of the filesystem that an open folder or file is on.
    func device(of descriptor: Int32, _ path: String) throws(RegistryError) -> UInt {
        var status = stat()
        switch call(.open, path, { fstat(descriptor, &status) }) {
        case .success: return UInt(status.st_dev)
        case .failure(let failed): throw failure(.open, path, failed.errno)
        }
    }

    /// Opens a folder; nil when there is none.
    func folder(_ path: String) throws(RegistryError) -> Folder? {
        try folder(path, from: AT_FDCWD, path: path)
    }

    /// Opens a folder in an open one; nil when there is none.
    func folder(_ name: String, in parent: borrowing Folder) throws(RegistryError) -> Folder? {
        try folder(name, from: parent.descriptor, path: parent.path + "/" + name)
    }

    private func folder(_ name: String, from parent: Int32, path: String) throws(RegistryError) -> Folder? {
        let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC
        switch call(.open, path, { openat(parent, name, flags) }) {
        case .success(let descriptor):
            guard let folder = Folder(path: path, takingOver: descriptor) else {
                throw failure(.open, path, errno)
            }
            return folder
        case .failure(let failed) where failed.errno == ENOENT: return nil
        case .failure(let failed): throw failure(.open, path, failed.errno)
        }
    }

    /// All that an open folder, of which nothing was listed yet, has in it.
    func entries(of folder: borrowing Folder) throws(RegistryError) -> [Folder.Entry] {
        if let fault, let failed = fault(.list, folder.path) { throw failure(.list, folder.path, failed) }
        var entries: [Folder.Entry] = []
        while let entry = folder.nextEntry() { entries.append(entry) }
        if errno != 0 { throw failure(.list, folder.path, errno) }
        return entries
    }

    /// What was found where a file was to be read.
    enum Found { case file, folder, nothing }

    /// Reads a whole file in an open folder into a buffer, whose content is lost.
    func read(
        _ name: String, in folder: borrowing Folder, into buffer: inout FileBuffer
    ) throws(RegistryError) -> Found {
        let parent = folder.descriptor
        let descriptor: Int32
        buffer.count = 0
        // Not to wait for the other end of a pipe that somebody left here.
        switch call(
            .open, "\(folder.path)/\(name)", { openat(parent, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK) })
        {
        case .success(let opened): descriptor = opened
        case .failure(let failed) where failed.errno == ENOENT: return .nothing
        case .failure(let failed): throw failure(.open, "\(folder.path)/\(name)", failed.errno)
        }
        defer { close(descriptor) }
        while true {
            switch call(.read, "\(folder.path)/\(name)", { buffer.read(descriptor) }) {
            case .success(0): return .file
            case .success(let length):
                buffer.count += length
                // A link may lead to a device that never ends.
                if buffer.count > FileBuffer.limit { throw Corruption.tooLarge("\(folder.path)/\(name)") }
            case .failure(let failed) where failed.errno == EISDIR: return .folder
            case .failure(let failed): throw failure(.read, "\(folder.path)/\(name)", failed.errno)
            }
        }
    }
}

// MARK: - Writing

extension FileSystem {
    /// Makes a folder; false when something of that name exists.
    @discardableResult
    func makeFolder(_ path: String) throws(RegistryError) -> Bool {
        switch call(.create, path, { mkdir(path, 0o777) }) {
        case .success: return true
        case .failure(let failed) where failed.errno == EEXIST: return false
        case .failure(let failed): throw failure(.create, path, failed.errno)
        }
    }

    /// Makes a folder, and those above it that are missing.
    func makeFolders(_ path: String) throws(RegistryError) {
        if try kind(of: path) != nil { return }
        try makeFolders(above: path)
        try makeFolder(path)
    }

    /// Makes those folders above a path that are missing.
    func makeFolders(above path: String) throws(RegistryError) {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return }
        try makeFolders(String(path[..<slash]))
    }

    /// Opens a file for writing at its end, and makes it when it does not exist.
    func openFile(_ path: String, mustBeNew: Bool) throws(RegistryError) -> Int32 {
        let flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | (mustBeNew ? O_EXCL : 0)
        switch call(.create, path, { open(path, flags, 0o666) }) {
        case .success(let descriptor): return descriptor
        case .failure(let failed): throw failure(.create, path, failed.errno)
        }
    }

    /// Writes a file that does not exist yet.
    func write(_ text: String, to path: String) throws(RegistryError) {
        let descriptor = try openFile(path, mustBeNew: true)
        do {
            try write(text, to: descriptor, path)
        } catch {
            close(descriptor)
            throw error
        }
        // A filesystem over a network may say only here that there is no room.
        if close(descriptor) != 0, errno != EINTR { throw failure(.write, path, errno) }
    }

    /// Writes a text to an open file.
    func write(_ text: String, to descriptor: Int32, _ path: String) throws(RegistryError) {
        var text = text
        let failed = text.withUTF8 { bytes -> Int32? in
            var rest = bytes[...]
            while !rest.isEmpty {
                let part = UnsafeBufferPointer(rebasing: rest)
                switch call(.write, path, { Glibc.write(descriptor, part.baseAddress, part.count) }) {
                case .success(let length): rest = rest.dropFirst(length)
                case .failure(let failed): return failed.errno
                }
            }
            return nil
        }
        if let failed { throw failure(.write, path, failed) }
    }

    /// Renames a file over the one at `path`, if any.
    func replace(_ path: String, with staged: String) throws(RegistryError) {
        if case .failure(let failed) = call(.rename, path, { rename(staged, path) }) {
            throw failure(.rename, path, failed.errno)
        }
    }

    /// Renames a folder to `path`; false when that is taken.
    func place(_ staged: String, at path: String) throws(RegistryError) -> Bool {
        var result = call(.rename, path) {
            renameat2(AT_FDCWD, staged, AT_FDCWD, path, rename_noreplace)
        }
        // Not every filesystem has the flag. A plain rename replaces no folder that has something in it, either.
        if case .failure(let failed) = result, failed.errno == EINVAL || failed.errno == ENOSYS {
            result = call(.rename, path) { rename(staged, path) }
        }
        switch result {
        case .success: return true
        case .failure(let failed) where failed.errno == EEXIST || failed.errno == ENOTEMPTY: return false
        case .failure(let failed): throw failure(.rename, path, failed.errno)
        }
    }

    /// Removes a file or link; false when there is none.
    @discardableResult
    func removeFile(_ path: String) throws(RegistryError) -> Bool {
        switch call(.remove, path, { unlink(path) }) {
        case .success: return true
        case .failure(let failed) where failed.errno == ENOENT || failed.errno == ENOTDIR: return false
        case .failure(let failed): throw failure(.remove, path, failed.errno)
        }
    }

    /// Removes a file, or a folder with all that is in it; links are removed, not followed.
    func removeTree(_ path: String) throws(RegistryError) {
        switch call(.remove, path, { unlink(path) }) {
        case .success: return
        case .failure(let failed) where failed.errno == ENOENT: return
        case .failure(let failed) where failed.errno == EISDIR: break
        case .failure(let failed): throw failure(.remove, path, failed.errno)
        }
        if let folder = try folder(path) {
            for entry in try entries(of: folder) { try removeTree(path + "/" + entry.name) }
        }
        if case .failure(let failed) = call(.remove, path, { rmdir(path) }), failed.errno != ENOENT {
            throw failure(.remove, path, failed.errno)
        }
    }

    /// Writes out all that the filesystem of an open file has in memory.
    func synchronize(_ descriptor: Int32, _ path: String) throws(RegistryError) {
        if case .failure(let failed) = call(.synchronize, path, { syncfs(descriptor) }) {
            throw failure(.synchronize, path, failed.errno)
        }
    }
}
