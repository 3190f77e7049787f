import FoundationEssentials
import Glibc

/// Why a file could not be written.
struct FileWriteError: Error {
    /// The path.
    let path: String
    /// Why.
    let reason: String
}

/// Writes files whole or not at all, and makes the folders that they need.
enum WholeFile {
    /// Makes sure that a file can be written, without writing it.
    static func checkWritable(_ path: String) throws(FileWriteError) {
        let url = URL(filePath: path)
        let folder = url.deletingLastPathComponent()
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch let error as CocoaError where error.code == .fileWriteFileExists {
            throw FileWriteError(path: path, reason: "its folder is a file")
        } catch {
            throw FileWriteError(path: path, reason: error.reason)
        }
        var status = stat()
        if stat(path, &status) == 0 {
            if status.st_mode & S_IFMT == S_IFDIR {
                throw FileWriteError(path: path, reason: "it is a folder")
            }
        } else if errno != ENOENT {
            throw FileWriteError(path: path, reason: String(cString: strerror(errno)))
        }
        let isWritable = access(isSpecial(path) ? path : folder.path, W_OK) == 0
        guard isWritable else { throw FileWriteError(path: path, reason: "it may not be written to") }
    }

    /// Makes sure that the file of a flag can be written.
    ///
    /// - Throws: `CommandFailure`.
    static func checkWritable(_ path: String, for flag: String) throws(CommandFailure) {
        do throws(FileWriteError) {
            try checkWritable(path)
        } catch {
            throw CommandFailure(.usage, "\(flag) '\(path)' cannot be written: \(error.reason)")
        }
    }

    /// Writes a file in one step; a link is followed, and a pipe or a device is written to as it is.
    static func write(_ data: Data, to path: String) throws(FileWriteError) {
        try checkWritable(path)
        do {
            let target = URL(filePath: path).resolvingSymlinksInPath()
            try data.write(to: target, options: isSpecial(path) ? [] : .atomic)
        } catch {
            throw FileWriteError(path: path, reason: error.reason)
        }
    }

    /// Whether a path leads to something that is neither a file nor to be one.
    private static func isSpecial(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT != S_IFREG
    }
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
