import CLinux
import Glibc
import Prompts

/// The system calls of the registry: those that read are here, those that write in `FileSystem+Writing.swift`.
///
/// A failure is thrown as a `RegistryError` that names the path; what may be missing or taken is answered by nil or
/// false.
struct FileSystem: Sendable {
    /// What a call does, as in "cannot *write* it".
    enum Attempt: String, Sendable {
        case open, list, read, create, write, rename, remove, lock
        case synchronize = "write out"
    }

    /// Makes calls fail in tests: what it returns is taken for the call's `errno`.
    typealias Fault = @Sendable (_ attempt: Attempt, _ path: String) -> Int32?

    let fault: Fault?
    /// Whether folders are opened one at a time, as where the system cannot refuse to follow links by itself.
    let walksFolders: Bool

    init(fault: Fault? = nil, walksFolders: Bool = FileSystem.walksFolders) {
        self.fault = fault
        self.walksFolders = walksFolders
    }

    struct CallFailure: Error { let errno: Int32 }

    /// Makes a call, again when a signal interrupts it.
    func result<Value: FixedWidthInteger>(
        of attempt: Attempt, _ path: @autoclosure () -> String, _ body: () -> Value
    ) -> Result<Value, CallFailure> {
        if let fault, let failure = fault(attempt, path()) { return .failure(CallFailure(errno: failure)) }
        while true {
            let value = body()
            if value >= 0 { return .success(value) }
            if errno != EINTR { return .failure(CallFailure(errno: errno)) }
        }
    }

    /// Makes a call; nil when it fails with an expected `errno`.
    func call<Value: FixedWidthInteger>(
        _ attempt: Attempt, _ path: @autoclosure () -> String, expecting expected: [Int32],
        _ body: () -> Value
    ) throws(RegistryError) -> Value? {
        switch result(of: attempt, path(), body) {
        case .success(let value): return value
        case .failure(let failure) where expected.contains(failure.errno): return nil
        case .failure(let failure): throw RegistryError(attempt, path(), errno: failure.errno)
        }
    }

    /// Makes a call that has to succeed.
    @discardableResult
    func call<Value: FixedWidthInteger>(
        _ attempt: Attempt, _ path: @autoclosure () -> String, _ body: () -> Value
    ) throws(RegistryError) -> Value {
        switch result(of: attempt, path(), body) {
        case .success(let value): return value
        case .failure(let failure): throw RegistryError(attempt, path(), errno: failure.errno)
        }
    }
}

// MARK: - Reading

extension FileSystem {
    /// What a path leads to.
    enum Kind { case folder, link, other }

    /// What a path leads to, links on the way to it followed, and where asked one at its end; nil when it leads nowhere.
    func kind(of path: String, follows: Bool) throws(RegistryError) -> Kind? {
        var status = stat()
        let isThere = try call(.open, path, expecting: [ENOENT]) {
            fstatat(AT_FDCWD, path, &status, follows ? 0 : AT_SYMLINK_NOFOLLOW)
        }
        guard isThere != nil else { return nil }
        return switch status.st_mode & S_IFMT {
        case S_IFDIR: .folder
        case S_IFLNK: .link
        default: .other
        }
    }

    /// Whether something of that name is right in a folder.
    func exists(_ name: String, in folder: borrowing Folder) throws(RegistryError) -> Bool {
        var status = stat()
        let (parent, path) = (folder.descriptor, folder.path)
        let isThere = try call(.open, "\(path)/\(name)", expecting: [ENOENT]) {
            fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW)
        }
        if isThere != nil, status.st_mode & S_IFMT == S_IFLNK { throw RegistryError.link("\(path)/\(name)") }
        return isThere != nil
    }

    /// Whether an open folder, or one of some in it, was changed within the last seconds. Unknown counts as not.
    func changedJustNow(_ folders: [String], in folder: borrowing Folder) -> Bool {
        let (parent, now) = (folder.descriptor, currentMilliseconds() / 1000)
        return folders.contains { name in
            var status = stat()
            let found =
                name.isEmpty ? fstat(parent, &status) : fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW)
            return found == 0 && abs(now - status.st_mtim.tv_sec) <= MLflowWrite.mostSeconds
        }
    }

    /// When something in an open folder was last changed, in seconds since 1970; nil where that is not known.
    func changeTime(of path: String, in folder: borrowing Folder) -> Double? {
        var status = stat()
        guard fstatat(folder.descriptor, path, &status, AT_SYMLINK_NOFOLLOW) == 0 else { return nil }
        return Double(status.st_mtim.tv_sec) + Double(status.st_mtim.tv_nsec) / 1e9
    }

    /// Whether something is below a folder, at a path of several names.
    func exists(below folder: borrowing Folder, _ path: String) throws(RegistryError) -> Bool {
        let (parent, parentPath) = (folder.descriptor, folder.path)
        let opened = try open(
            .open, path, from: parent, path: "\(parentPath)/\(path)", flags: open_path_only,
            expecting: [ENOENT])
        guard let opened else { return false }
        close(opened)
        return true
    }

    /// Opens the registry's own folder, which may be behind links; nil when there is none.
    func root(_ path: String) throws(RegistryError) -> Folder? {
        let opened = try call(.open, path, expecting: [ENOENT]) {
            Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        }
        return opened.map { Folder(path: path, takingOver: $0) }
    }

    /// Opens a folder in the registry's own folder; nil when there is none.
    func folder(_ path: String) throws(RegistryError) -> Folder? {
        try folder(path, from: AT_FDCWD, path: path)
    }

    /// Opens a folder in an open one; nil when there is none.
    func folder(_ name: String, in parent: borrowing Folder) throws(RegistryError) -> Folder? {
        try folder(name, from: parent.descriptor, path: parent.path + "/" + name)
    }

    /// Opens a folder in an open one, or in the registry's own; nil when there is none.
    func folder(_ name: String, from parent: Int32, path: String) throws(RegistryError) -> Folder? {
        let flags = O_RDONLY | O_DIRECTORY
        let opened = try open(.open, name, from: parent, path: path, flags: flags, expecting: [ENOENT])
        guard let opened else { return nil }
        return Folder(path: path, takingOver: opened)
    }

    /// Lists an open folder that was not listed yet.
    func entries(of folder: borrowing Folder) throws(RegistryError) -> [Folder.Entry] {
        // The stream takes over its descriptor, and the folder keeps its own.
        let descriptor = try call(.list, folder.path) { fcntl(folder.descriptor, F_DUPFD_CLOEXEC, 0) }
        guard let stream = fdopendir(descriptor) else {
            let failed = errno
            close(descriptor)
            throw RegistryError(.list, folder.path, errno: failed)
        }
        defer { closedir(stream) }
        var entries: [Folder.Entry] = []
        errno = 0
        while let next = readdir(stream) {
            let entry = Folder.Entry(next)
            if entry.name != ".", entry.name != ".." { entries.append(entry) }
            errno = 0
        }
        if errno != 0 { throw RegistryError(.list, folder.path, errno: errno) }
        return entries
    }

    /// What was found where a file was to be read.
    enum Found { case file, folder, nothing }

    /// Reads a file in an open folder into a buffer, whose content is lost.
    func read(
        _ name: String, in folder: borrowing Folder, into buffer: inout FileBuffer
    ) throws(RegistryError) -> Found {
        let (parent, parentPath) = (folder.descriptor, folder.path)
        var path: String { "\(parentPath)/\(name)" }
        buffer.count = 0
        // Without blocking, as it may be a pipe.
        let flags = O_RDONLY | O_NONBLOCK
        let opened = try open(.open, name, from: parent, path: path, flags: flags, expecting: [ENOENT])
        guard let descriptor = opened else { return .nothing }
        defer { close(descriptor) }
        while true {
            let length = try call(.read, path, expecting: [EISDIR]) { buffer.read(descriptor) }
            guard let length else { return .folder }
            if length == 0 {
                // A pipe that nobody writes to is as empty as a file can be.
                if buffer.count == 0, !Self.isRegular(descriptor) {
                    throw RegistryError.corrupt(path, "is not a file")
                }
                return .file
            }
            buffer.count += length
            // A link may lead to a device that never ends.
            if buffer.count > FileBuffer.limit {
                throw RegistryError.corrupt(path, "is larger than \(FileBuffer.limit >> 20) MiB")
            }
        }
    }
    private static func isRegular(_ descriptor: Int32) -> Bool {
        var status = stat()
        return fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }
}
