import FoundationEssentials
import Glibc

/// Why a file could not be written.
struct FileWriteError: Error {
    /// The path.
    let path: String
    /// Why.
    let reason: String
    /// Whether a file is there that could be replaced.
    var isReplaceable = false
}

/// Writes files whole or not at all, and makes the folders that they need.
enum WholeFile {
    /// How long a pipe may have no reader, or one that does not read.
    private static let patience = Duration.seconds(1)

    /// Makes sure that a file can be written, without writing it.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - replaceable: What may be there already.
    /// - Throws: `FileWriteError`.
    static func checkWritable(
        _ path: String, replacing replaceable: ReplaceableFile
    ) throws(FileWriteError) {
        let url = URL(filePath: path)
        let folder = url.deletingLastPathComponent()
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch let error as CocoaError where error.code == .fileWriteFileExists {
            throw FileWriteError(path: path, reason: "its folder is a file")
        } catch {
            throw FileWriteError(path: path, reason: error.reason)
        }
        let kind = try kind(of: path)
        switch kind {
        case S_IFDIR: throw FileWriteError(path: path, reason: "it is a folder")
        case S_IFBLK: throw FileWriteError(path: path, reason: "it is a disk")
        case S_IFSOCK: throw FileWriteError(path: path, reason: "it is a socket")
        default: break
        }
        if let obstacle = replaceable.obstacle(at: path) {
            throw FileWriteError(path: path, reason: obstacle, isReplaceable: kind == S_IFREG)
        }
        let isWritable = access(isSpecial(kind) ? path : folder.path, W_OK) == 0
        guard isWritable else { throw FileWriteError(path: path, reason: "it may not be written to") }
    }

    /// Makes sure that no file would replace another.
    ///
    /// - Parameter paths: The files that are to be written.
    /// - Throws: `CommandFailure`.
    static func checkDistinct(_ paths: [String]) throws(CommandFailure) {
        var files: Set<URL> = []
        for path in paths where !files.insert(URL(filePath: path).resolvingSymlinksInPath()).inserted {
            throw CommandFailure(
                .usage, "'\(path)' is to be written twice", hint: "name another file for one of them")
        }
    }

    /// Makes sure that the file of a flag can be written.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - flag: The flag that names it.
    ///   - replaceable: What may be there already.
    ///   - remedy: What to do about a file that is there.
    /// - Throws: `CommandFailure`.
    static func checkWritable(
        _ path: String, for flag: String, replacing replaceable: ReplaceableFile,
        remedy: String = "name another file"
    ) throws(CommandFailure) {
        do throws(FileWriteError) {
            try checkWritable(path, replacing: replaceable)
        } catch {
            throw CommandFailure(
                .usage, "\(flag) '\(path)' cannot be written: \(error.reason)",
                hint: error.isReplaceable ? remedy : nil)
        }
    }

    /// Writes a file in one step; a link is followed, and a pipe or a device is written to as it is.
    ///
    /// - Parameters:
    ///   - data: The content.
    ///   - path: The file.
    ///   - replaceable: What may be there already.
    /// - Throws: `FileWriteError`.
    static func write(
        _ data: Data, to path: String, replacing replaceable: ReplaceableFile
    ) throws(FileWriteError) {
        ReadingTime.end()
        try checkWritable(path, replacing: replaceable)
        if isSpecial(try kind(of: path)) {
            return try write(String(decoding: data, as: UTF8.self), to: path, O_WRONLY)
        }
        do {
            try data.write(to: URL(filePath: path).resolvingSymlinksInPath(), options: .atomic)
        } catch {
            throw FileWriteError(path: path, reason: error.reason)
        }
    }

    /// Appends to a file, which is made where there is none; a pipe or a device is written to as it is.
    ///
    /// - Throws: `FileWriteError`.
    static func append(_ text: String, to path: String) throws(FileWriteError) {
        try write(text, to: path, O_WRONLY | O_APPEND | O_CREAT)
    }

    /// Writes to a file as it is. What reads from a pipe is not waited for long.
    private static func write(_ text: String, to path: String, _ flags: Int32) throws(FileWriteError) {
        func error(_ code: Int32) -> FileWriteError {
            FileWriteError(path: path, reason: String(cString: strerror(code)))
        }
        ReadingTime.end()
        let deadline = ContinuousClock.now + patience
        // Without O_NONBLOCK the open itself would wait for a pipe's reader.
        var file = open(path, flags | O_NONBLOCK | O_CLOEXEC | O_NOCTTY, 0o644)
        while file < 0, errno == ENXIO, try kind(of: path) == S_IFIFO {
            if ContinuousClock.now >= deadline {
                throw FileWriteError(path: path, reason: "it is a pipe that nothing reads from")
            }
            usleep(5_000)
            file = open(path, flags | O_NONBLOCK | O_CLOEXEC | O_NOCTTY, 0o644)
        }
        guard file >= 0 else { throw error(errno) }
        defer { close(file) }
        if let reason = text.writeAll(to: file, patience: patience) {
            throw FileWriteError(path: path, reason: reason)
        }
    }

    /// What kind of file a path leads to; nil for none.
    private static func kind(of path: String) throws(FileWriteError) -> mode_t? {
        var status = stat()
        if stat(path, &status) == 0 { return status.st_mode & S_IFMT }
        if errno == ENOENT { return nil }
        throw FileWriteError(path: path, reason: String(cString: strerror(errno)))
    }

    private static func isSpecial(_ kind: mode_t?) -> Bool { kind != nil && kind != S_IFREG }
}

extension Error {
    /// Why a file operation failed, in the system's words.
    var reason: String {
        if let error = self as? FileWriteError { return error.reason }
        guard let error = self as? CocoaError else { return "\(self)" }
        let posix = error.userInfo["NSUnderlyingError"] as? POSIXError
        return posix.map { String(cString: strerror($0.code.rawValue)) } ?? "\(error)"
    }
}
