import Glibc

/// What a folder holds under a name.
struct FolderEntry {
    /// What it is.
    enum Kind {
        /// A folder.
        case folder
        /// A link to a folder.
        case folderLink
        /// Anything else, which is looked at when it is read.
        case file
    }

    /// The name.
    let name: String
    /// What it is.
    let kind: Kind

    /// The entries of a folder, by name.
    ///
    /// - Parameters:
    ///   - path: The folder.
    ///   - limit: The most entries that are read.
    /// - Returns: The entries, without `.` and `..`; nil where there are more.
    /// - Throws: `TextFileError` when it cannot be listed.
    static func entries(of path: String, limit: Int) throws(TextFileError) -> [FolderEntry]? {
        guard let folder = opendir(path) else { throw TextFileError(reason: TextFile.reason(of: errno)) }
        defer { closedir(folder) }
        var entries: [FolderEntry] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { buffer in
                String(decoding: buffer.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name == "." || name == ".." { continue }
            if entries.count == limit { return nil }
            entries.append(
                FolderEntry(name: name, kind: kind(of: path + "/" + name, Int(entry.pointee.d_type))))
        }
        return entries.sorted { $0.name < $1.name }
    }

    private static func kind(of path: String, _ type: Int) -> Kind {
        if type == DT_DIR { return .folder }
        // Some file systems do not say.
        guard type == DT_LNK || type == DT_UNKNOWN else { return .file }
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return .file }
        guard lstat(path, &status) == 0 else { return .file }
        return status.st_mode & S_IFMT == S_IFDIR ? .folder : .folderLink
    }
}
