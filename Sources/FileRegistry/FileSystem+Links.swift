import CLinux
import Glibc
import Prompts

// No link in a registry is followed: whoever can put one there, in a repository for example, could have files read and
// written that are elsewhere. Only the registry's own folder, which the user names, may be a link or behind links.

extension FileSystem {
    /// Opens something, and follows no link at its end nor, below an open folder, on the way there.
    ///
    /// - Parameters:
    ///   - attempt: What it is opened for.
    ///   - name: Its path from the folder; from `AT_FDCWD` that of something in the registry's own folder.
    ///   - parent: The folder's descriptor.
    ///   - path: Its path, for messages.
    ///   - flags: The flags of `open`.
    ///   - mode: The permissions of a new file.
    ///   - expected: The failures that are answered by nil.
    /// - Returns: The descriptor.
    /// - Throws: `RegistryError`, which names the link where there is one.
    func open(
        _ attempt: Attempt, _ name: String, from parent: Int32, path: @autoclosure () -> String, flags: Int32,
        mode: mode_t = 0, expecting expected: [Int32] = []
    ) throws(RegistryError) -> Int32? {
        let flags = flags | O_CLOEXEC
        let opened = result(of: attempt, path()) {
            guard parent != AT_FDCWD, name.utf8.contains(UInt8(ascii: "/")) else {
                return openat(parent, name, flags | O_NOFOLLOW, mode)
            }
            return walksFolders
                ? Self.walk(name, from: parent, flags, mode) : open_without_links(parent, name, flags, mode)
        }
        switch opened {
        case .success(let descriptor): return descriptor
        case .failure(let failure) where expected.contains(failure.errno): return nil
        case .failure(let failure):
            if let link = link(onTheWayTo: name, from: parent) {
                throw RegistryError.link(String(path().dropLast(name.count)) + link)
            }
            throw RegistryError(attempt, path(), errno: failure.errno)
        }
    }

    /// Whether the system opens files below a folder only one folder at a time.
    static let walksFolders: Bool = {
        let opened = open_without_links(AT_FDCWD, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
        if opened >= 0 { close(opened) }
        return opened < 0
    }()

    /// Opens one folder after the other, on systems that do not do so by themselves; as `openat`.
    private static func walk(_ name: String, from parent: Int32, _ flags: Int32, _ mode: mode_t) -> Int32 {
        var (folder, rest) = (parent, Substring(name))
        defer { if folder != parent { close(folder) } }
        while let slash = rest.utf8.firstIndex(of: UInt8(ascii: "/")) {
            let next = openat(
                folder, String(rest[..<slash]), open_path_only | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            if next < 0 { return next }
            if folder != parent { close(folder) }
            (folder, rest) = (next, rest[rest.utf8.index(after: slash)...])
        }
        return openat(folder, String(rest), flags | O_NOFOLLOW, mode)
    }

    /// The first link on the way to something, itself included; nil when there is none.
    private func link(onTheWayTo name: String, from parent: Int32) -> String? {
        let slashes =
            parent == AT_FDCWD ? [] : name.utf8.indices.filter { name.utf8[$0] == UInt8(ascii: "/") }
        let ends = slashes + [name.endIndex]
        return ends.lazy.map { String(name[..<$0]) }.first { isLink($0, in: parent) }
    }

    /// Whether something in an open folder is a link.
    func isLink(_ name: String, in parent: Int32) -> Bool {
        var status = stat()
        return fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && status.st_mode & S_IFMT == S_IFLNK
    }

    /// Whether something in an open folder is a link that leads nowhere.
    func isDangling(_ name: String, in folder: borrowing Folder) -> Bool {
        isLink(name, in: folder.descriptor) && faccessat(folder.descriptor, name, F_OK, 0) != 0
    }
}

extension RegistryError {
    /// A link in the registry.
    static func link(_ path: String) -> RegistryError {
        RegistryError(
            .corrupt, "'\(path)' is a symbolic link, and links in a registry are not followed", hint: linkHint
        )
    }

    /// Whether this is about a link in the registry.
    var isAboutLink: Bool { hint == Self.linkHint }

    private static let linkHint =
        "replace it by what it leads to; only the registry's own folder may be a link"
}
