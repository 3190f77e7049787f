import CLinux
import Glibc
import Prompts

extension FileSystem {
    /// Makes a folder; false when something of that name exists.
    @discardableResult
    func makeFolder(_ path: String) throws(RegistryError) -> Bool {
        try call(.create, path, expecting: [EEXIST]) { mkdir(path, 0o777) } != nil
    }

    /// Makes a folder in an open one; false when something of that name exists.
    @discardableResult
    func makeFolder(_ name: String, in parent: borrowing Folder) throws(RegistryError) -> Bool {
        let descriptor = parent.descriptor
        return try call(.create, "\(parent.path)/\(name)", expecting: [EEXIST]) {
            mkdirat(descriptor, name, 0o777)
        } != nil
    }

    /// Makes a folder, unless it exists, and opens it.
    func makeAndOpenFolder(_ path: String) throws(RegistryError) -> Folder {
        try makeFolder(path)
        guard let folder = try folder(path) else { throw RegistryError(.open, path, errno: ENOENT) }
        return folder
    }

    /// Makes a folder and the missing ones above it.
    func makeFolders(_ path: String) throws(RegistryError) {
        if try kind(of: path) != nil { return }
        if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
            try makeFolders(String(path[..<slash]))
        }
        try makeFolder(path)
    }

    /// Makes the missing folders above a path in an open folder.
    func makeFolders(above path: String, in folder: borrowing Folder) throws(RegistryError) {
        for slash in path.indices where path[slash] == "/" {
            try makeFolder(String(path[..<slash]), in: folder)
        }
    }

    /// Opens a file for appending, and makes it when it does not exist.
    func openToAppend(_ path: String) throws(RegistryError) -> Int32 {
        try call(.create, path) { open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_APPEND, 0o666) }
    }

    /// Writes a file that does not exist yet.
    func write(_ text: String, to path: String) throws(RegistryError) {
        try write(text, to: path, from: AT_FDCWD, path: path)
    }

    /// Writes a file that does not exist yet in an open folder.
    func write(_ text: String, to name: String, in folder: borrowing Folder) throws(RegistryError) {
        try write(text, to: name, from: folder.descriptor, path: "\(folder.path)/\(name)")
    }

    private func write(
        _ text: String, to name: String, from parent: Int32, path: @autoclosure () -> String
    ) throws(RegistryError) {
        let flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_EXCL
        let descriptor = try call(.create, path()) { openat(parent, name, flags, 0o666) }
        do {
            try append(text, to: descriptor, path())
        } catch {
            close(descriptor)
            throw error
        }
        // A network filesystem may report only here that there is no space left.
        if close(descriptor) != 0, errno != EINTR { throw RegistryError(.write, path(), errno: errno) }
    }

    /// Writes a text to an open file.
    func append(
        _ text: String, to descriptor: Int32, _ path: @autoclosure () -> String
    ) throws(RegistryError) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let length = try call(.write, path()) {
                rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            }
            rest = rest.dropFirst(length)
        }
    }

    /// Renames a file over the one at `path`, if any.
    func replace(_ path: String, with staged: String) throws(RegistryError) {
        try call(.rename, path) { rename(staged, path) }
    }

    /// Renames a folder to `path`; false when that is taken.
    func place(_ staged: String, at path: String) throws(RegistryError) -> Bool {
        let taken = [EEXIST, ENOTEMPTY]
        let isPlaced = result(of: .rename, path) {
            renameat2(AT_FDCWD, staged, AT_FDCWD, path, rename_noreplace)
        }
        switch isPlaced {
        case .success: return true
        // Not every filesystem has the flag. A plain rename does not replace a folder with content either.
        case .failure(let failure) where failure.errno == EINVAL || failure.errno == ENOSYS:
            return try call(.rename, path, expecting: taken) { rename(staged, path) } != nil
        case .failure(let failure) where taken.contains(failure.errno): return false
        case .failure(let failure): throw RegistryError(.rename, path, errno: failure.errno)
        }
    }

    /// Removes a file or link; false when there is none.
    @discardableResult
    func removeFile(_ path: String) throws(RegistryError) -> Bool {
        try call(.remove, path, expecting: [ENOENT, ENOTDIR]) { unlink(path) } != nil
    }

    /// Removes a file, or a folder with all its content; links are removed, not followed.
    func removeTree(_ path: String) throws(RegistryError) {
        switch result(of: .remove, path, { unlink(path) }) {
        case .success: return
        case .failure(let failure) where failure.errno == ENOENT: return
        case .failure(let failure) where failure.errno == EISDIR: break
        case .failure(let failure): throw RegistryError(.remove, path, errno: failure.errno)
        }
        if let folder = try folder(path) {
            for entry in try entries(of: folder) { try removeTree(path + "/" + entry.name) }
        }
        _ = try call(.remove, path, expecting: [ENOENT]) { rmdir(path) }
    }

    /// Writes out all that the filesystem of an open file holds in memory.
    func synchronize(_ descriptor: Int32, _ path: String) throws(RegistryError) {
        try call(.synchronize, path) { syncfs(descriptor) }
    }
}
