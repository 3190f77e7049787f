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
}
