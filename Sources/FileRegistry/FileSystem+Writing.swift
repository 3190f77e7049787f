import CLinux
import Glibc
import Prompts

extension FileSystem {
    /// Makes a folder; false when something of that name exists.
    @discardableResult
    func makeFolder(_ path: String) throws(RegistryError) -> Bool {
        try makeFolder(path, from: AT_FDCWD, path: path)
    }

    /// Makes a folder in an open one; false when something of that name exists.
    @discardableResult
    func makeFolder(_ name: String, in parent: borrowing Folder) throws(RegistryError) -> Bool {
        try makeFolder(name, from: parent.descriptor, path: "\(parent.path)/\(name)")
    }

    private func makeFolder(
        _ name: String, from parent: Int32, path: @autoclosure () -> String
    ) throws(RegistryError) -> Bool {
        switch call(.create, path(), { mkdirat(parent, name, 0o777) }) {
        case .success: return true
        case .failure(let failed) where failed.errno == EEXIST: return false
        case .failure(let failed): throw failure(.create, path(), failed.errno)
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

    /// Makes those folders above a path in an open folder that are missing.
    func makeFolders(above path: String, in folder: borrowing Folder) throws(RegistryError) {
        for slash in path.indices where path[slash] == "/" {
            try makeFolder(String(path[..<slash]), in: folder)
        }
    }

    /// Opens a file for writing at its end, and makes it when it does not exist.
    func openToAppend(_ path: String) throws(RegistryError) -> Int32 {
        try openFile(path, from: AT_FDCWD, flags: O_APPEND, path: path)
    }

    private func openFile(
        _ name: String, from parent: Int32, flags: Int32, path: @autoclosure () -> String
    ) throws(RegistryError) -> Int32 {
        let flags = O_WRONLY | O_CREAT | O_CLOEXEC | flags
        switch call(.create, path(), { openat(parent, name, flags, 0o666) }) {
        case .success(let descriptor): return descriptor
        case .failure(let failed): throw failure(.create, path(), failed.errno)
        }
    }

    /// Writes a file that does not exist yet.
    func write(_ text: String, to path: String) throws(RegistryError) {
        try writeFile(text, to: path, from: AT_FDCWD, path: path)
    }

    /// Writes a file in an open folder that does not exist yet.
    func write(_ text: String, to name: String, in folder: borrowing Folder) throws(RegistryError) {
        try writeFile(text, to: name, from: folder.descriptor, path: "\(folder.path)/\(name)")
    }

    private func writeFile(
        _ text: String, to name: String, from parent: Int32, path: @autoclosure () -> String
    ) throws(RegistryError) {
        let descriptor = try openFile(name, from: parent, flags: O_EXCL, path: path())
        do {
            try write(text, to: descriptor, path())
        } catch {
            close(descriptor)
            throw error
        }
        // A filesystem over a network may say only here that there is no room.
        if close(descriptor) != 0, errno != EINTR { throw failure(.write, path(), errno) }
    }

    /// Writes a text to an open file.
    func write(
        _ text: String, to descriptor: Int32, _ path: @autoclosure () -> String
    ) throws(RegistryError) {
        var text = text
        let failed = text.withUTF8 { bytes -> Int32? in
            var rest = bytes[...]
            while !rest.isEmpty {
                let part = UnsafeBufferPointer(rebasing: rest)
                switch call(.write, path(), { Glibc.write(descriptor, part.baseAddress, part.count) }) {
                case .success(let length): rest = rest.dropFirst(length)
                case .failure(let failed): return failed.errno
                }
            }
            return nil
        }
        if let failed { throw failure(.write, path(), failed) }
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
