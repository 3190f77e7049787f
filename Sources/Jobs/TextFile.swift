import Glibc

/// Why a file could not be read as text.
struct TextFileError: Error {
    /// What is wrong, as the end of a sentence that begins with the file's name.
    let reason: String
    /// Where the text goes wrong, when it was read.
    var line = 1
    /// The column of that place, in Unicode scalars from 1.
    var column = 1
    /// What was read, with replacement characters for what is not text; nil when nothing was.
    var text: String?
}

/// Reads files that a user named, whatever they turn out to be.
enum TextFile {
    /// The bytes of a regular file.
    ///
    /// - Parameters:
    ///   - path: The path; it may be relative to the current folder.
    ///   - limit: The most bytes that are read.
    /// - Returns: The bytes.
    /// - Throws: `TextFileError`; a pipe or a device is refused without waiting for it.
    static func bytes(of path: String, limit: Int) throws(TextFileError) -> [UInt8] {
        // Without O_NONBLOCK the open itself would wait for a pipe's writer.
        let file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
        guard file >= 0 else { throw TextFileError(reason: reason(of: errno)) }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw TextFileError(reason: reason(of: errno)) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            let isFolder = status.st_mode & S_IFMT == S_IFDIR
            throw TextFileError(reason: isFolder ? "is a folder" : "is not a regular file")
        }
        guard Int(status.st_size) <= limit else {
            throw TextFileError(reason: "has \(status.st_size) bytes; at most \(limit) are read")
        }
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: limit + 1) { buffer, count in
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
        // Some files, such as those of /proc, are longer than they say.
        if bytes.count > limit { throw TextFileError(reason: "has more than \(limit) bytes") }
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
        guard let text = String(validating: bytes, as: UTF8.self) else {
            let valid = validPrefix(of: bytes)
            throw place(of: valid, in: bytes, reason: "is not UTF-8")
        }
        if let null = bytes.firstIndex(of: 0) {
            throw place(of: null, in: bytes, reason: "holds a NUL character")
        }
        return text
    }

    /// The resolved path of a file or folder, links followed; nil when there is none.
    static func resolved(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
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

    private static func reason(of code: Int32) -> String {
        switch code {
        case ENOENT: "does not exist"
        case EACCES, EPERM: "may not be read"
        case ELOOP: "is a loop of symbolic links"
        case ENOTDIR: "goes through something that is not a folder"
        case ENAMETOOLONG: "has too long a name"
        case ENXIO, ENODEV: "is not a regular file"
        default: "cannot be read: \(String(cString: strerror(code)))"
        }
    }

    private static func place(of offset: Int, in bytes: [UInt8], reason: String) -> TextFileError {
        let before = bytes[..<offset]
        let line = before.count { $0 == UInt8(ascii: "\n") } + 1
        let start = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        let column = bytes[start..<offset].count { $0 & 0xC0 != 0x80 } + 1
        return TextFileError(
            reason: reason, line: line, column: column, text: String(decoding: bytes, as: UTF8.self))
    }

    /// How many bytes from the start on are UTF-8.
    private static func validPrefix(of bytes: [UInt8]) -> Int {
        var low = 0
        for (index, byte) in bytes.enumerated() where byte & 0xC0 != 0x80 {
            if String(validating: bytes[low..<index], as: UTF8.self) == nil { return low }
            low = index
        }
        return low
    }
}
