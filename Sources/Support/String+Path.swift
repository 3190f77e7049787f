extension String {
    /// The path without `.` and `..` where they can be resolved by the text alone.
    package var normalizedPath: String {
        var parts: [Substring] = []
        for part in split(separator: "/") where part != "." {
            if part == "..", let last = parts.last, last != ".." {
                parts.removeLast()
            } else if part != ".." || !hasPrefix("/") {
                parts.append(part)
            }
        }
        let joined = parts.joined(separator: "/")
        if hasPrefix("/") { return "/" + joined }
        return joined.isEmpty ? "." : joined
    }

    /// The way to this path from the folder of a file, by the text of both alone.
    ///
    /// - Parameter file: The file, named from the same place as this path.
    /// - Returns: A relative path; the name alone where one path is relative and the other is not.
    package func relativePath(toFolderOf file: String) -> String {
        let (parts, folder) = (
            normalizedPath.split(separator: "/"), file.normalizedPath.split(separator: "/")
        )
        let base = folder.dropLast()
        let shared = zip(parts, base).prefix { $0 == $1 }.count
        guard hasPrefix("/") == file.hasPrefix("/"), !base.dropFirst(shared).contains("..") else {
            return parts.last.map(String.init) ?? self
        }
        return (base.dropFirst(shared).map { _ in ".." } + parts.dropFirst(shared)).joined(separator: "/")
    }
}
