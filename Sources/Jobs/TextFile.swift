import CLinux
import Diagnostics
import Glibc
import Support
import YAML

/// Why a file could not be read as text.
package struct TextFileError: Error {
    /// What is wrong, as the end of a sentence that begins with the file's name.
    package let reason: String
    /// Whether there is no such file.
    var isMissing = false
    /// Where the text goes wrong, when it was read.
    var position = TextPosition(line: 1, column: 1)
    /// What was read, with replacement characters for what is not text; nil when nothing was.
    var text: String?
}

/// Reads files that a user named, which may be missing, huge, devices or binary.
package enum TextFile {
    /// The bytes of a regular file.
    ///
    /// - Parameters:
    ///   - path: The path; it may be relative to the current folder.
    ///   - limit: The most bytes that are read.
    /// - Returns: The bytes.
    /// - Throws: `TextFileError`; a pipe or a device is refused without waiting for it, and so is a file of the kernel's.
    package static func bytes(of path: String, limit: Int) throws(TextFileError) -> [UInt8] {
        if path.utf8.contains(0) { throw TextFileError(reason: "has a NUL character in its name") }
        // Without O_NONBLOCK the open itself would wait for a pipe's writer.
        let file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
        guard file >= 0 else {
            throw TextFileError(reason: reason(of: errno), isMissing: errno == ENOENT)
        }
        defer { close(file) }
        return try bytes(ofOpen: file, limit: limit)
    }

    /// The bytes of an open file, which has to be a regular one.
    static func bytes(ofOpen file: Int32, limit: Int) throws(TextFileError) -> [UInt8] {
        var status = stat()
        guard fstat(file, &status) == 0 else { throw TextFileError(reason: reason(of: errno)) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            let isFolder = status.st_mode & S_IFMT == S_IFDIR
            throw TextFileError(reason: isFolder ? "is a folder" : "is not a regular file")
        }
        // That of a process has its environment, and with it tokens, which no excerpt may show.
        if is_told_by_kernel(file) != 0 {
            throw TextFileError(reason: "is a file of /proc or /sys, which are not read")
        }
        guard Int(status.st_size) <= limit else {
            throw TextFileError(reason: "has \(status.st_size) bytes; the limit is \(limit)")
        }
        // Room for one byte more shows the end; a file may have grown.
        let size = max(0, Int(status.st_size))
        var bytes = try fill(size + 1, from: file)
        if bytes.count > size { bytes += try fill(limit - size, from: file) }
        if bytes.count > limit { throw TextFileError(reason: "has more than \(limit) bytes") }
        return bytes
    }

    /// Reads so many bytes, or those that there are.
    private static func fill(_ room: Int, from file: Int32) throws(TextFileError) -> [UInt8] {
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
            while count < buffer.count {
                let got = read(file, buffer.baseAddress?.advanced(by: count), buffer.count - count)
                if got == 0 { break }
                if got < 0, errno == EINTR { continue }
                guard got > 0 else {
                    failure = errno
                    break
                }
                count += got
            }
        }
        if failure != 0 { throw TextFileError(reason: reason(of: failure)) }
        return bytes
    }

    /// The text of a regular file that holds UTF-8 without NULs.
    ///
    /// - Parameters:
    ///   - path: The path; it may be relative to the current folder.
    ///   - limit: The most bytes that are read.
    /// - Returns: The text.
    /// - Throws: `TextFileError`, with the place of the first byte that is not text.
    static func text(of path: String, limit: Int) throws(TextFileError) -> String {
        let bytes = try bytes(of: path, limit: limit)
        if let encoding = wideEncoding(of: bytes) { throw TextFileError(reason: "is \(encoding), not UTF-8") }
        if let invalid = bytes.firstInvalidByte {
            throw error(at: invalid, in: bytes, reason: "is not UTF-8")
        }
        if let null = bytes.firstIndex(of: 0) {
            throw error(at: null, in: bytes, reason: "contains a NUL character")
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The resolved path of a file or folder, links followed; nil when there is none.
    package static func resolved(_ path: String) -> String? {
        guard !path.utf8.contains(0), let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// Whether there is anything at a path from a folder, links followed.
    static func exists(in folder: String, _ path: String) -> Bool {
        let path = folder.isEmpty || path.hasPrefix("/") ? path : folder + "/" + path
        return !path.utf8.contains(0) && access(path, F_OK) == 0
    }

    /// Whether there is a folder at a path, links followed.
    static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// The names in a folder, sorted.
    ///
    /// - Parameter path: The folder.
    /// - Returns: The names, without `.` and `..`.
    /// - Throws: `TextFileError` when it cannot be listed.
    static func names(in path: String) throws(TextFileError) -> [String] {
        guard let folder = opendir(path) else { throw TextFileError(reason: reason(of: errno)) }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { buffer in
                String(decoding: buffer.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// What an error of the system means for a file, as the end of a sentence.
    static func reason(of code: Int32) -> String {
        switch code {
        case ENOENT: "does not exist"
        case EACCES, EPERM: "cannot be read: permission denied"
        case ELOOP: "is a loop of symbolic links"
        case ENOTDIR: "is below something that is not a folder"
        case ENAMETOOLONG: "has a name that is too long"
        case ENXIO, ENODEV: "is not a regular file"
        default: "cannot be read: \(String(cString: strerror(code)))"
        }
    }

    private static func error(at offset: Int, in bytes: [UInt8], reason: String) -> TextFileError {
        TextFileError(
            reason: reason, position: TextPosition(ofByte: offset, in: bytes),
            text: String(decoding: bytes, as: UTF8.self))
    }
}

extension DiagnosticList {
    /// For how many findings folders are searched for what may have been meant.
    private static let explained = 20

    /// Records that a file cannot be read: in the file where its text goes wrong, else where it is named.
    ///
    /// - Parameters:
    ///   - error: Why it cannot be read.
    ///   - code: The kind of diagnostic.
    ///   - what: The file as the beginning of a sentence.
    ///   - path: The path, as it is shown to the user.
    ///   - node: The value of a spec that names the file.
    ///   - help: What to do; nil: looks for what may have been meant.
    mutating func add(
        _ error: TextFileError, _ code: Diagnostic.Code, _ what: String, path: String,
        namedBy node: YAMLNode? = nil, help: String? = nil
    ) {
        let message = "\(what) \(error.reason)"
        let isExplained = help == nil && error.isMissing && diagnostics.count < Self.explained
        let nearest = isExplained ? FilePath.nearest(to: path) : nil
        let help = help ?? nearest.map { "did you mean '\($0)'?" }
        if let text = error.text {
            addSource(text, path: path)
        } else if let node {
            return add(node.error(code, message, help: help))
        }
        add(.error(code, message, at: SourceLocation(file: path, at: error.position), help: help))
    }
}
