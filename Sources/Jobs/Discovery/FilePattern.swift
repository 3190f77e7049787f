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
    private let isDeep: Bool

    /// A pattern.
    init(_ text: String) {
        self.text = text
        var pattern = text[...]
        isPath = pattern.dropLast().contains("/")
        while pattern.hasPrefix("./") { pattern = pattern.dropFirst(2) }
        if pattern.hasPrefix("/") { pattern = pattern.dropFirst() }
        if pattern.hasSuffix("/") { pattern = pattern.dropLast() }
        self.pattern = String(pattern)
        isDeep = pattern.contains("**")
    }

    /// Whether a key of `prompts` is a pattern.
    static func isPattern(_ key: String) -> Bool { key.utf8.contains { "*?[".utf8.contains($0) } }

    /// Whether a file matches, or a folder that it is in.
    func matches(_ file: PatternSubject) -> Bool {
        if isPath { return file.paths.contains(where: matches) }
        return file.names.contains(where: matches)
    }

    private func matches(_ text: String) -> Bool {
        guard isDeep else { return fnmatch(pattern, text, FNM_PATHNAME) == 0 }
        if fnmatch(pattern, text, 0) == 0 { return true }
        // '**/x' is also the 'x' that is in no folder.
        return pattern.hasPrefix("**/") && fnmatch(String(pattern.dropFirst(3)), text, FNM_PATHNAME) == 0
    }
}

/// What of a file patterns look at, taken apart once for all of them.
struct PatternSubject {
    /// The names of its folders and its own, with and without its ending, and that of its prompt.
    fileprivate let names: [String]
    /// The paths of its folders and its own, with and without its ending.
    fileprivate let paths: [String]

    /// A file or a folder.
    ///
    /// - Parameters:
    ///   - path: The path, relative to the folder of the templates.
    ///   - stem: The file without its ending; nil for a folder.
    ///   - name: The prompt that it defines; nil for a folder.
    ///   - isAlone: Whether its folders do not count.
    init(path: String, stem: String? = nil, name: String? = nil, isAlone: Bool = false) {
        let slash = UInt8(ascii: "/")
        let ends = isAlone ? [] : path.utf8.indices.filter { path.utf8[$0] == slash }
        paths = ends.map { String(path[..<$0]) } + [path, stem].compactMap(\.self)
        let last = stem?.utf8.split(separator: slash).last
        let parts = path.utf8.split(separator: slash).suffix(isAlone ? 1 : .max) + [last].compactMap(\.self)
        names = [name].compactMap(\.self) + parts.map { String(Substring($0)) }
    }
}
