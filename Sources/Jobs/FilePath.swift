import Support

/// Operations on paths.
enum FilePath {
    /// A path relative to a base, without `.` and, if that leads to the same place, without `..`.
    static func join(_ base: String, _ path: String) -> String {
        let whole = path.hasPrefix("/") || base.isEmpty ? path : base + "/" + path
        let short = whole.normalizedPath
        // After a symbolic link, '..' is the parent of its target.
        guard whole.contains("../"), let place = TextFile.resolved(whole), place != TextFile.resolved(short)
        else {
            return short
        }
        return whole
    }

    /// The folder of a file: everything before the last `/`; empty for a bare name.
    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "" }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Whether a resolved path is a resolved folder or is below it.
    static func contains(_ folder: String, _ path: String) -> Bool {
        path == folder || path.hasPrefix(folder.hasSuffix("/") ? folder : folder + "/")
    }
}
