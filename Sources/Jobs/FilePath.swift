/// Paths as they are shown and opened.
enum FilePath {
    /// `path`, taken as relative to `base`, without `.` and, where that leads to the same place, without `..`.
    static func join(_ base: String, _ path: String) -> String {
        let whole = path.hasPrefix("/") || base.isEmpty ? path : base + "/" + path
        let short = normalized(whole)
        // Behind a link to a folder, '..' is not the folder before it.
        guard whole.contains("../"), let place = TextFile.resolved(whole), place != TextFile.resolved(short)
        else {
            return short
        }
        return whole
    }

    /// The folder of a file: all before its last `/`; empty for a bare name.
    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "" }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Whether `path` is `folder` or lies below it; both resolved.
    static func contains(_ folder: String, _ path: String) -> Bool {
        path == folder || path.hasPrefix(folder.hasSuffix("/") ? folder : folder + "/")
    }

    private static func normalized(_ path: String) -> String {
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part == "..", let last = parts.last, last != ".." {
                parts.removeLast()
            } else if part != ".." || !path.hasPrefix("/") {
                parts.append(part)
            }
        }
        let joined = parts.joined(separator: "/")
        if path.hasPrefix("/") { return "/" + joined }
        return joined.isEmpty ? "." : joined
    }
}
