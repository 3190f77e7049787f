import FoundationEssentials
import Glibc

/// Why files could not be put into a folder.
package struct StagingError: Error, Hashable, Sendable {
    /// What is in the way, relative to the folder, where that is what keeps the files out; else none.
    package var obstacles: [String] = []
    /// Whether the obstacles are files, which may be replaced.
    package var isReplaceable = false
    /// What happened, as a sentence without its full stop.
    package var message: String
}

/// Files that are made beside their places, and moved there once all of them are right: a folder has all or none.
package struct StagedFolder: Sendable {
    /// The folder that the files are meant for, links resolved.
    package let target: String
    /// Where they are made, links resolved.
    package let path: String

    private static let name = ".promptreg-import-XXXXXX"

    /// Makes a place for files that are meant for a folder, and the folder where there is none.
    ///
    /// - Parameter folder: The folder, as the user wrote it.
    /// - Throws: `StagingError`.
    package init(for folder: String) throws(StagingError) {
        try Self.makeFolder(folder)
        guard let target = TextFile.resolved(folder) else {
            throw StagingError(message: "'\(folder)' is no folder that can be used: \(Self.systemReason)")
        }
        var template = Array("\(target)/\(Self.name)".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw StagingError(message: "no files can be made in '\(folder)': \(Self.systemReason)")
        }
        self.target = target
        path = template.withUnsafeBufferPointer {
            String(decoding: $0.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }

    /// Removes what was made and not moved.
    package func discard() { try? FileManager.default.removeItem(atPath: path) }

    /// Finds what keeps files from their places.
    ///
    /// - Parameters:
    ///   - paths: The files, relative to the folder.
    ///   - replacing: Whether files that are there already may be replaced.
    /// - Throws: `StagingError`.
    package func check(_ paths: [String], replacing: Bool) throws(StagingError) {
        for folder in Set(paths.map(FilePath.folder(of:))).sorted() {
            guard let resolved = TextFile.resolved("\(target)/\(folder)") else { continue }
            guard FilePath.contains(target, resolved) else {
                throw StagingError(message: "'\(target)/\(folder)' leads out of '\(target)'")
            }
        }
        var status = stat()
        let present = paths.filter { lstat("\(target)/\($0)", &status) == 0 }
        let folders = present.filter {
            lstat("\(target)/\($0)", &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
        }
        if !folders.isEmpty {
            throw StagingError(obstacles: folders, message: "folders are where files are to be")
        }
        if !present.isEmpty, !replacing {
            throw StagingError(
                obstacles: present, isReplaceable: true, message: "files are there already")
        }
    }

    /// Makes a file.
    ///
    /// - Parameters:
    ///   - text: What it holds.
    ///   - relative: Its path, relative to the folder.
    /// - Throws: `StagingError`.
    package func write(_ text: String, to relative: String) throws(StagingError) {
        let file = "\(path)/\(relative)"
        try Self.makeFolder(FilePath.folder(of: file))
        let descriptor = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else {
            throw StagingError(message: "'\(relative)' cannot be written: \(Self.systemReason)")
        }
        defer { close(descriptor) }
        var text = text
        let failure: Int32? = text.withUTF8 { bytes in
            var done = 0
            while done < bytes.count {
                let count = Glibc.write(descriptor, bytes.baseAddress?.advanced(by: done), bytes.count - done)
                if count < 0, errno != EINTR { return errno }
                done += max(count, 0)
            }
            return nil
        }
        if let failure {
            throw StagingError(
                message: "'\(relative)' cannot be written: \(String(cString: strerror(failure)))")
        }
    }

    /// Takes a file away again.
    ///
    /// - Parameter relative: Its path, relative to the folder.
    package func remove(_ relative: String) { unlink("\(path)/\(relative)") }

    /// Moves the files to their places. When one cannot be moved, those that were moved go back.
    ///
    /// - Parameter paths: The files in the order in which they are to appear, relative to the folder.
    /// - Throws: `StagingError`; the folder is as it was before.
    package func move(_ paths: [String]) throws(StagingError) {
        let replaced = "\(path)/replaced"
        var undo: [(from: String, to: String)] = []
        func move(_ from: String, _ to: String) -> Bool {
            guard rename(from, to) == 0 else { return false }
            undo.append((to, from))
            return true
        }
        do throws(StagingError) {
            try Self.makeFolder(replaced)
            for (index, relative) in paths.enumerated() {
                let place = "\(target)/\(relative)"
                try Self.makeFolder(FilePath.folder(of: place))
                var status = stat()
                let isThere = lstat(place, &status) == 0
                if isThere, !move(place, "\(replaced)/\(index)") {
                    throw StagingError(message: "'\(relative)' cannot be replaced: \(Self.systemReason)")
                }
                guard move("\(path)/\(relative)", place) else {
                    throw StagingError(message: "'\(relative)' cannot be written: \(Self.systemReason)")
                }
            }
        } catch {
            for step in undo.reversed() { rename(step.from, step.to) }
            throw error
        }
    }

    /// Makes a folder and those above it.
    private static func makeFolder(_ path: String) throws(StagingError) {
        if path.isEmpty || mkdir(path, 0o777) == 0 { return }
        if errno == ENOENT {
            try makeFolder(FilePath.folder(of: path))
            if mkdir(path, 0o777) == 0 { return }
        }
        let failure = errno
        var status = stat()
        if failure == EEXIST, stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { return }
        throw StagingError(
            message: "the folder '\(path)' cannot be made: \(String(cString: strerror(failure)))")
    }

    /// Why the last call of the system failed.
    private static var systemReason: String { String(cString: strerror(errno)) }
}
