import Glibc

/// Replaces files: each of them in one step, and all of them or none, unless the program is killed.
package enum FileReplacement {
    /// Writes the new contents of files, in their order.
    ///
    /// All are written beside their files first. A kill before that is done leaves every file as it was; one later
    /// leaves each file as it was or as it is to be.
    ///
    /// - Parameter files: The files.
    /// - Throws: `StagingError`; every file is as it was then.
    package static func replace(_ files: [PulledFile]) throws(StagingError) {
        var drafts: [(draft: String, path: String)] = []
        defer { for draft in drafts { unlink(draft.draft) } }
        for file in files {
            let path = TextFile.resolved(file.path) ?? file.path
            let present = try? TextFile.text(of: path, limit: file.old?.utf8.count ?? 0)
            guard present.map({ Array($0.utf8) }) == file.old.map({ Array($0.utf8) }) else {
                throw StagingError(message: "'\(file.path)' changed meanwhile")
            }
            let draft = draftPath(of: path)
            drafts.append((draft, path))
            try write(file.new, to: draft, like: file.old == nil ? nil : path)
        }
        for (index, draft) in drafts.enumerated() where rename(draft.draft, draft.path) != 0 {
            let reason = String(cString: strerror(errno))
            for (file, done) in zip(files, drafts).prefix(index) {
                guard let old = file.old else {
                    unlink(done.path)
                    continue
                }
                try write(old, to: done.draft, like: done.path)
                rename(done.draft, done.path)
            }
            throw StagingError(message: "cannot replace '\(files[index].path)': \(reason)")
        }
    }

    /// Where the new content of a file is written first; a file of that name is left of a pull that was killed.
    private static func draftPath(of path: String) -> String {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        return FilePath.join(FilePath.folder(of: path), ".\(name).promptreg-pull")
    }

    /// Writes a draft with the permissions of another file; those of any new file without one.
    private static func write(_ text: String, to draft: String, like path: String?) throws(StagingError) {
        func failure() -> StagingError {
            StagingError(message: "cannot write '\(path ?? draft)': \(String(cString: strerror(errno)))")
        }
        unlink(draft)
        var status = stat()
        if let path {
            guard stat(path, &status) == 0, access(path, W_OK) == 0 else { throw failure() }
        }
        let file = open(
            draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, path == nil ? 0o666 : status.st_mode & 0o777)
        guard file >= 0 else { throw failure() }
        defer { close(file) }
        if path != nil { fchmod(file, status.st_mode & 0o7777) }
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0, errno != EINTR { throw failure() }
            bytes = bytes.dropFirst(max(count, 0))
        }
        guard fsync(file) == 0 else { throw failure() }
    }
}
