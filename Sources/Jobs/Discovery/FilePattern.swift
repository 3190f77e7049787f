import Glibc

/// A pattern of a job that files of its folder match, by the rules of `.gitignore`.
///
/// `*` and `?` match within a name, `**` across folders. A pattern with a slash is relative to the folder of the
/// templates; one without matches any file or folder of that name, and prompts. What a folder matches, all in it does.
struct FilePattern: Hashable {
    /// The pattern as it is written.
    let text: String
    private let pattern: String
    private let isPath: Bool

    /// A pattern.
    init(_ text: String) {
        self.text = text
        var pattern = text[...]
        isPath = pattern.dropLast().contains("/")
        while pattern.hasPrefix("./") { pattern = pattern.dropFirst(2) }
        if pattern.hasPrefix("/") { pattern = pattern.dropFirst() }
        if pattern.hasSuffix("/") { pattern = pattern.dropLast() }
        self.pattern = String(pattern)
    }

    /// Whether a key of `prompts` is a pattern.
    static func isPattern(_ key: String) -> Bool { key.utf8.contains { "*?[".utf8.contains($0) } }

    /// Whether a file matches, or a folder that it is in.
    ///
    /// - Parameters:
    ///   - path: The file, relative to the folder of the templates.
    ///   - stem: The file without its ending; nil for a folder.
    ///   - name: The prompt that it defines; nil for a folder.
    /// - Returns: Whether it does.
    func matches(path: String, stem: String? = nil, name: String? = nil) -> Bool {
        if !isPath, let name, matches(name) { return true }
        let parts = path.split(separator: "/")
        guard isPath else {
            return parts.contains { matches(String($0)) }
                || (stem?.split(separator: "/").last).map { matches(String($0)) } ?? false
        }
        return parts.indices.contains { matches(parts[...$0].joined(separator: "/")) }
            || stem.map(matches) ?? false
    }

    private func matches(_ text: String) -> Bool {
        guard pattern.contains("**") else { return fnmatch(pattern, text, FNM_PATHNAME) == 0 }
        if fnmatch(pattern, text, 0) == 0 { return true }
        // '**/x' is also the 'x' that is in no folder.
        return pattern.hasPrefix("**/") && fnmatch(String(pattern.dropFirst(3)), text, FNM_PATHNAME) == 0
    }
}
