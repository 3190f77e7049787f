import CLinux
import Glibc

/// Why the system refused to open, write or move something.
package struct SystemFailure: Error, Hashable, Sendable {
    /// The system's number of it.
    package let code: Int32

    /// The last call's.
    package init() { code = errno }

    /// Why, in the system's words.
    package var reason: String {
        // A folder that became a link is no folder to a call that follows none.
        code == ENOTDIR || code == ELOOP ? "a link or a file is on the way" : String(cString: strerror(code))
    }
}

/// An open folder, below which no link is followed: what somebody puts in the place of a folder meanwhile leads nowhere.
package final class ConfinedFolder: Sendable {
    private let descriptor: Int32

    private init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Opens a folder that somebody named, links followed.
    ///
    /// - Parameter path: The folder.
    /// - Returns: The folder.
    /// - Throws: `SystemFailure`.
    package static func following(_ path: String) throws(SystemFailure) -> ConfinedFolder {
        try opened(AT_FDCWD, path, 0)
    }

    /// Opens a folder by its resolved path, on which there is no link.
    ///
    /// - Parameter path: The path, from the root.
    /// - Returns: The folder.
    /// - Throws: `SystemFailure`, also where there is a link by now.
    package static func resolved(_ path: String) throws(SystemFailure) -> ConfinedFolder {
        try following("/").folder(path)
    }

    private static func opened(
        _ parent: Int32, _ name: String, _ flags: Int32
    ) throws(SystemFailure) -> ConfinedFolder {
        let opened = openat(parent, name, open_path_only | O_DIRECTORY | O_CLOEXEC | flags)
        guard opened >= 0 else { throw SystemFailure() }
        return ConfinedFolder(opened)
    }

    /// Where the folder is by now.
    package var path: String? {
        guard let path = realpath("/proc/self/fd/\(descriptor)", nil) else { return nil }
        defer { free(path) }
        return String(cString: path)
    }

    /// Opens a folder below this one, step by step.
    ///
    /// - Parameters:
    ///   - path: Its path from here; empty for this one.
    ///   - makes: Whether folders that are missing are made.
    /// - Returns: The folder.
    /// - Throws: `SystemFailure`.
    package func folder(_ path: String, makes: Bool = false) throws(SystemFailure) -> ConfinedFolder {
        var folder = self
        for part in path.split(separator: "/") {
            let name = String(part)
            if makes, mkdirat(folder.descriptor, name, 0o777) != 0, errno != EEXIST { throw SystemFailure() }
            folder = try Self.opened(folder.descriptor, name, O_NOFOLLOW)
        }
        return folder
    }

    /// Makes a folder that only this user may open, with a name that is not taken.
    ///
    /// - Parameter prefix: What the name begins with.
    /// - Returns: The name.
    /// - Throws: `SystemFailure`.
    package func makeTemporaryFolder(_ prefix: String) throws(SystemFailure) -> String {
        while true {
            let name = prefix + String(UInt32.random(in: .min ... .max), radix: 36)
            if mkdirat(descriptor, name, 0o700) == 0 { return name }
            if errno != EEXIST { throw SystemFailure() }
        }
    }

    /// Opens a file in the folder; a link in its place is not followed.
    ///
    /// - Parameters:
    ///   - name: The file.
    ///   - flags: Those of `open`.
    ///   - mode: The permissions of a new file.
    /// - Returns: The descriptor.
    /// - Throws: `SystemFailure`.
    package func open(_ name: String, _ flags: Int32, mode: UInt32 = 0) throws(SystemFailure) -> Int32 {
        let opened = openat(descriptor, name, flags | O_NOFOLLOW | O_CLOEXEC, mode)
        guard opened >= 0 else { throw SystemFailure() }
        return opened
    }

    /// Whether there is something of a name, a link that leads nowhere included.
    package func has(_ name: String) -> Bool {
        var status = stat()
        return fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0
    }

    /// Moves something from this folder to another one, over what is there.
    ///
    /// - Parameters:
    ///   - name: Its name.
    ///   - folder: The other folder.
    ///   - other: Its name there.
    /// - Throws: `SystemFailure`.
    package func move(_ name: String, to folder: ConfinedFolder, as other: String) throws(SystemFailure) {
        guard renameat(descriptor, name, folder.descriptor, other) == 0 else { throw SystemFailure() }
    }

    /// Removes a file or a link, if there is one.
    package func remove(_ name: String) { unlinkat(descriptor, name, 0) }

    /// Removes something with all that is in it; links are removed, not followed.
    package func removeTree(_ name: String) {
        if unlinkat(descriptor, name, 0) == 0 || errno != EISDIR { return }
        let opened = openat(descriptor, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        if opened >= 0, let stream = fdopendir(opened) {
            defer { closedir(stream) }
            var names: [String] = []
            while let entry = readdir(stream) {
                let name = withUnsafeBytes(of: &entry.pointee.d_name) { buffer in
                    String(decoding: buffer.prefix { $0 != 0 }, as: UTF8.self)
                }
                if name != ".", name != ".." { names.append(name) }
            }
            if let folder = try? Self.opened(opened, ".", O_NOFOLLOW) { names.forEach(folder.removeTree) }
        }
        unlinkat(descriptor, name, AT_REMOVEDIR)
    }
}
