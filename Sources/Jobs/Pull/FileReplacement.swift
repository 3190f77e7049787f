import Glibc
import Support

/// Replaces files: each of them in one step, and all of them or none, unless the program is killed.
package enum FileReplacement {
    /// Writes the new contents of files, in their order.
    ///
    /// All are written beside their files first. A kill before that is done leaves every file as it was; one later
    /// leaves each file as it was or as it is to be. A link that was put in the way since the files were read is not
    /// followed.
    ///
    /// - Parameter files: The files.
    /// - Throws: `StagingError`; every file is as it was then.
    package static func replace(_ files: [PulledFile]) throws(StagingError) {
        var drafts: [Draft] = []
        defer { for draft in drafts { draft.folder.remove(draft.draft) } }
        for file in files {
            let draft: Draft
            do throws(SystemFailure) {
                draft = Draft(of: file, in: try .resolved(FilePath.folder(of: file.place)))
            } catch {
                throw StagingError(message: "cannot write '\(file.path)': \(error.reason)")
            }
            guard draft.present(limit: file.old?.utf8.count ?? 0) == file.old.map({ Array($0.utf8) }) else {
                throw StagingError(message: "'\(file.path)' changed meanwhile")
            }
            drafts.append(draft)
            try draft.write(file.new, isNew: file.old == nil)
        }
        for (index, draft) in drafts.enumerated() {
            do throws(SystemFailure) {
                try draft.put()
            } catch {
                for (file, done) in zip(files, drafts).prefix(index) {
                    guard let old = file.old else {
                        done.folder.remove(done.name)
                        continue
                    }
                    try done.write(old, isNew: false)
                    try? done.put()
                }
                throw StagingError(message: "cannot replace '\(files[index].path)': \(error.reason)")
            }
        }
    }
}

/// What a file is to hold, written beside it first.
private struct Draft {
    let folder: ConfinedFolder
    /// The name of the file.
    let name: String
    /// The name of the draft; a file of that name is left of a pull that was killed.
    var draft: String { ".\(name).promptreg-pull" }
    private let path: String

    init(of file: PulledFile, in folder: ConfinedFolder) {
        (self.folder, path) = (folder, file.path)
        name = FilePath.name(of: file.place)
    }

    /// What the file holds; nil where there is none that can be read.
    func present(limit: Int) -> [UInt8]? {
        guard let file = try? folder.open(name, O_RDONLY | O_NONBLOCK | O_NOCTTY) else { return nil }
        defer { close(file) }
        return try? TextFile.bytes(ofOpen: file, limit: limit)
    }

    /// Writes the draft with the permissions of the file; those of any new file where there is none.
    func write(_ text: String, isNew: Bool) throws(StagingError) {
        func failure(_ reason: String) -> StagingError {
            StagingError(message: "cannot write '\(path)': \(reason)")
        }
        let lastReason = { String(cString: strerror(errno)) }
        folder.remove(draft)
        var mode: mode_t = 0o666
        var file: Int32 = -1
        do throws(SystemFailure) {
            if !isNew {
                // Whoever may not write to the file may not replace it either.
                let present = try folder.open(name, O_WRONLY | O_NONBLOCK | O_NOCTTY)
                defer { close(present) }
                var status = stat()
                guard fstat(present, &status) == 0 else { throw SystemFailure() }
                mode = status.st_mode & 0o7777
            }
            file = try folder.open(draft, O_WRONLY | O_CREAT | O_EXCL, mode: mode & 0o777)
        } catch {
            throw failure(error.reason)
        }
        defer { close(file) }
        if !isNew { fchmod(file, mode) }
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0, errno != EINTR { throw failure(lastReason()) }
            bytes = bytes.dropFirst(max(count, 0))
        }
        guard fsync(file) == 0 else { throw failure(lastReason()) }
    }

    /// Puts the draft in the place of the file.
    func put() throws(SystemFailure) { try folder.move(draft, to: folder, as: name) }
}
