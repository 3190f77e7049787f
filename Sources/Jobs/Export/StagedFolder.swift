import FoundationEssentials
import Glibc

/// Why files could not be written to a folder.
package struct StagingError: Error, Hashable, Sendable {
    /// The existing files or folders that are in the way, relative to the folder.
    package var obstacles: [String] = []
    /// Whether the obstacles are files, which may be replaced.
    package var isReplaceable = false
    /// What happened, as a sentence without its full stop.
    package var message: String
}

/// Files that are written to a temporary folder and moved into place together: all of them, or none.
package struct StagedFolder: Sendable {
    /// The folder that the files will be in, links resolved.
    package let target: String
    /// The temporary folder, links resolved.
    package let path: String

    private static let name = ".promptreg-import-XXXXXX"

    /// Creates a temporary folder in a folder, which is created if need be.
    ///
    /// - Parameter folder: The folder, as the user wrote it.
    /// - Throws: `StagingError`.
    package init(for folder: String) throws(StagingError) {
        try Self.makeFolder(folder)
        guard let target = TextFile.resolved(folder) else {
            throw StagingError(message: "cannot use the folder '\(folder)': \(Self.systemReason)")
        }
        var template = Array("\(target)/\(Self.name)".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw StagingError(message: "cannot create files in '\(folder)': \(Self.systemReason)")
        }
        self.target = target
        path = template.withUnsafeBufferPointer {
            String(decoding: $0.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }

    /// Removes the temporary folder.
    package func discard() { try? FileManager.default.removeItem(atPath: path) }

    /// Checks that files can be moved into place.
    ///
    /// - Parameters:
    ///   - paths: The files, relative to the folder.
    ///   - replacing: Whether existing files may be replaced.
    /// - Throws: `StagingError`.
    package func check(_ paths: [String], replacing: Bool) throws(StagingError) {
        for folder in Set(paths.map(FilePath.folder(of:))).sorted() {
            guard let link = FilePath.linkOut(to: folder + "/", in: target) else { continue }
            throw StagingError(message: "'\(link)' is a link out of '\(target)'")
        }
        var status = stat()
        let present = paths.filter { lstat("\(target)/\($0)", &status) == 0 }
        let folders = present.filter {
            lstat("\(target)/\($0)", &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
        }
        if !folders.isEmpty {
            throw StagingError(obstacles: folders, message: "folders have the names of files to write")
        }
        if !present.isEmpty, !replacing {
            throw StagingError(
                obstacles: present, isReplaceable: true, message: "files already exist")
        }
    }

    /// Writes a file to the temporary folder.
    ///
    /// - Parameters:
    ///   - text: Its text.
    ///   - relative: Its path, relative to the folder.
    /// - Throws: `StagingError`.
    package func write(_ text: String, to relative: String) throws(StagingError) {
        let file = "\(path)/\(relative)"
        try Self.makeFolder(FilePath.folder(of: file))
        let descriptor = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else {
            throw StagingError(message: "cannot write '\(relative)': \(Self.systemReason)")
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
                message: "cannot write '\(relative)': \(String(cString: strerror(failure)))")
        }
    }

    /// Removes a file from the temporary folder.
    ///
    /// - Parameter relative: Its path, relative to the folder.
    package func remove(_ relative: String) { unlink("\(path)/\(relative)") }

    /// Moves the files into place. If one cannot be moved, the others are moved back.
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
                    throw StagingError(message: "cannot replace '\(relative)': \(Self.systemReason)")
                }
                guard move("\(path)/\(relative)", place) else {
                    throw StagingError(message: "cannot write '\(relative)': \(Self.systemReason)")
                }
            }
        } catch {
            for step in undo.reversed() { rename(step.from, step.to) }
            throw error
        }
    }

    /// Creates a folder and its parents.
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
            message: "cannot create the folder '\(path)': \(String(cString: strerror(failure)))")
    }

    /// Why the last system call failed.
    private static var systemReason: String { String(cString: strerror(errno)) }
}
