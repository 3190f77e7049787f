import CLinux
import Glibc
import Prompts

extension FileSystem {
    /// Makes a folder in the registry's own folder; false when something of that name exists.
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

    /// Makes a folder in the registry's own folder, unless it exists, and opens it.
    func makeAndOpenFolder(_ path: String) throws(RegistryError) -> Folder {
        try makeFolder(path)
        guard let folder = try folder(path) else { throw RegistryError(.open, path, errno: ENOENT) }
        return folder
    }

    /// Makes a folder in an open one, unless it exists, and opens it.
    func makeAndOpenFolder(_ name: String, in parent: borrowing Folder) throws(RegistryError) -> Folder {
        try makeFolder(name, in: parent)
        guard let folder = try folder(name, in: parent) else {
            throw RegistryError(.open, "\(parent.path)/\(name)", errno: ENOENT)
        }
        return folder
    }

    /// Makes the registry's own folder and the missing ones above it.
    func makeFolders(_ path: String) throws(RegistryError) {
        if try kind(of: path, follows: true) != nil { return }
        if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
            try makeFolders(String(path[..<slash]))
        }
        try makeFolder(path)
    }

    /// Makes the folders above a path in a folder that is being drafted, so that nobody has put a link into it.
    func makeFolders(above path: String, inDraft folder: borrowing Folder) throws(RegistryError) {
        for slash in path.utf8.indices where path.utf8[slash] == UInt8(ascii: "/") {
            try makeFolder(String(path[..<slash]), in: folder)
        }
    }

    /// Opens the folder of a path in an open folder, and makes what is missing of it.
    func makeAndOpenFolders(_ path: String, in folder: borrowing Folder) throws(RegistryError) -> Folder {
        if let opened = try self.folder(path, in: folder) { return opened }
        let parts = path.utf8.split(separator: UInt8(ascii: "/")).map { String(Substring($0)) }
        var opened = try makeAndOpenFolder(parts.first ?? path, in: folder)
        for part in parts.dropFirst() { opened = try makeAndOpenFolder(part, in: opened) }
        return opened
    }

    /// Opens a file in a folder for appending, and makes it when it does not exist.
    func openToAppend(_ name: String, in folder: borrowing Folder) throws(RegistryError) -> Int32 {
        let path = "\(folder.path)/\(name)"
        let flags = O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK
        let opened = try open(.create, name, from: folder.descriptor, path: path, flags: flags, mode: 0o666)
        guard let opened else { throw RegistryError(.create, path, errno: ENOENT) }
        return opened
    }

    /// Writes a file that does not exist yet in an open folder.
    func write(_ text: String, to name: String, in folder: borrowing Folder) throws(RegistryError) {
        let (parent, parentPath) = (folder.descriptor, folder.path)
        var path: String { "\(parentPath)/\(name)" }
        let flags = O_WRONLY | O_CREAT | O_EXCL
        let opened = try open(.create, name, from: parent, path: path, flags: flags, mode: 0o666)
        guard let descriptor = opened else { throw RegistryError(.create, path, errno: ENOENT) }
        do {
            try append(text, to: descriptor, path)
        } catch {
            close(descriptor)
            throw error
        }
        // A network filesystem may report only here that there is no space left.
        if close(descriptor) != 0, errno != EINTR { throw RegistryError(.write, path, errno: errno) }
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

    /// Renames a file from one folder over the one of a name in another, if any.
    func replace(
        _ name: String, in folder: borrowing Folder, with staged: String, from stage: borrowing Folder
    ) throws(RegistryError) {
        let (target, source) = (folder.descriptor, stage.descriptor)
        try call(.rename, "\(folder.path)/\(name)") { renameat(source, staged, target, name) }
    }

    /// Renames a folder from one folder to a name in another; false when that is taken.
    func place(
        _ staged: String, from stage: borrowing Folder, at name: String, in folder: borrowing Folder
    ) throws(RegistryError) -> Bool {
        let (target, source, path) = (folder.descriptor, stage.descriptor, "\(folder.path)/\(name)")
        let taken = [EEXIST, ENOTEMPTY]
        let isPlaced = result(of: .rename, path) { renameat2(source, staged, target, name, rename_noreplace) }
        switch isPlaced {
        case .success: return true
        // Not every filesystem has the flag. A plain rename does not replace a folder with content either.
        case .failure(let failure) where failure.errno == EINVAL || failure.errno == ENOSYS:
            return try call(.rename, path, expecting: taken) { renameat(source, staged, target, name) } != nil
        case .failure(let failure) where taken.contains(failure.errno): return false
        case .failure(let failure): throw RegistryError(.rename, path, errno: failure.errno)
        }
    }

    /// Removes a file or link; false when there is none.
    @discardableResult
    func removeFile(_ name: String, in folder: borrowing Folder) throws(RegistryError) -> Bool {
        let parent = folder.descriptor
        return try call(.remove, "\(folder.path)/\(name)", expecting: [ENOENT, ENOTDIR]) {
            unlinkat(parent, name, 0)
        } != nil
    }

    /// Removes something in the registry's own folder with all its content; links are removed, not followed.
    func removeTree(_ path: String) throws(RegistryError) {
        try removeTree(path, from: AT_FDCWD, path: path)
    }

    /// Removes something in an open folder with all its content; links are removed, not followed.
    func removeTree(_ name: String, in parent: borrowing Folder) throws(RegistryError) {
        try removeTree(name, from: parent.descriptor, path: "\(parent.path)/\(name)")
    }

    private func removeTree(_ name: String, from parent: Int32, path: String) throws(RegistryError) {
        switch result(of: .remove, path, { unlinkat(parent, name, 0) }) {
        case .success: return
        case .failure(let failure) where failure.errno == ENOENT: return
        case .failure(let failure) where failure.errno == EISDIR: break
        case .failure(let failure): throw RegistryError(.remove, path, errno: failure.errno)
        }
        if let folder = try folder(name, from: parent, path: path) {
            for entry in try entries(of: folder) { try removeTree(entry.name, in: folder) }
        }
        _ = try call(.remove, path, expecting: [ENOENT]) { unlinkat(parent, name, AT_REMOVEDIR) }
    }

    /// Writes out all that the filesystem of an open file holds in memory.
    func synchronize(_ descriptor: Int32, _ path: String) throws(RegistryError) {
        try call(.synchronize, path) { syncfs(descriptor) }
    }
}
