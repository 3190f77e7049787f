import Glibc
import Prompts

/// The calls to the system that the registry is made of: here those that look, beside this those that write. What
/// failed is thrown as a `RegistryError` with the path in it; what may well be missing or taken is answered with nil
/// or false.
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
    func call<Value: FixedWidthInteger>(
        _ attempt: Attempt, _ path: @autoclosure () -> String, _ body: () -> Value
    ) -> Result<Value, CallFailure> {
        if let fault, let failure = fault(attempt, path()) { return .failure(CallFailure(errno: failure)) }
        while true {
            let value = body()
            if value >= 0 { return .success(value) }
            if errno != EINTR { return .failure(CallFailure(errno: errno)) }
        }
    }

    struct CallFailure: Error { let errno: Int32 }

    func failure(_ attempt: Attempt, _ path: String, _ errno: Int32) -> RegistryError {
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
        case .success(let descriptor): return Folder(path: path, takingOver: descriptor)
        case .failure(let failed) where failed.errno == ENOENT: return nil
        case .failure(let failed): throw failure(.open, path, failed.errno)
        }
    }

    /// All that an open folder, of which nothing was listed yet, has in it.
    func entries(of folder: borrowing Folder) throws(RegistryError) -> [Folder.Entry] {
        if let fault, let failed = fault(.list, folder.path) { throw failure(.list, folder.path, failed) }
        guard let listing = FolderListing(of: folder) else { throw failure(.list, folder.path, errno) }
        var entries: [Folder.Entry] = []
        while let entry = listing.next() { entries.append(entry) }
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
