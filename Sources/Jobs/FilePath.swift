import Support

/// Operations on paths.
package enum FilePath {
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
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "" }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The last part of a path; the path where it has none.
    package static func name(of path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }

    /// A path without its first folders: without one, two and so on, as it may have been written relative to another folder.
    static func inner(_ path: String) -> [String] {
        let parts = path.split(separator: "/").prefix(16)
        return parts.indices.dropFirst().map { parts[$0...].joined(separator: "/") }
    }

    /// The most names of a folder that are compared.
    private static let namesCompared = 2_000

    /// The file or folder that somebody who named one that does not exist may have meant: one of a similar name in the
    /// same folder, or one of the same name in a folder of a similar name.
    ///
    /// - Parameters:
    ///   - path: The path.
    ///   - isMeant: Whether a path may be what was meant.
    /// - Returns: The path.
    static func nearest(to path: String, where isMeant: (String) -> Bool = { _ in true }) -> String? {
        let (parent, name) = (folder(of: path), path.split(separator: "/").last.map(String.init) ?? "")
        func nearest(_ name: String, in folder: String) -> String? {
            guard let names = try? TextFile.names(in: folder.isEmpty ? "." : folder) else { return nil }
            // Whoever names a file of data means no template.
            let isData = PromptDocument.isDocument(path)
            let nearest = nearestName(
                to: name,
                in: names.prefix(namesCompared).filter { other in
                    other != name && (!isData || !other.contains(".") || PromptDocument.isDocument(other))
                        && isMeant(folder.isEmpty ? other : join(folder, other))
                })
            return nearest.map { folder.isEmpty ? $0 : join(folder, $0) }
        }
        if let sibling = nearest(name, in: parent) { return sibling }
        guard !parent.isEmpty, TextFile.resolved(parent) == nil, let last = parent.split(separator: "/").last,
            let other = nearest(String(last), in: folder(of: parent))
        else { return nil }
        let candidate = other + "/" + name
        return TextFile.resolved(candidate) == nil || !isMeant(candidate) ? nil : candidate
    }

    /// The first folder on the way to a file that is a link out of the folder that the way begins in.
    ///
    /// - Parameters:
    ///   - path: The file, relative to the folder.
    ///   - folder: The folder, which need not exist.
    /// - Returns: The link, as it is reached from the folder; nil where there is none.
    package static func linkOut(to path: String, in folder: String) -> String? {
        guard let home = TextFile.resolved(folder) else { return nil }
        var place = folder
        for name in Self.folder(of: path).split(separator: "/") {
            place += "/" + name
            guard let resolved = TextFile.resolved(place) else { return nil }
            if !contains(home, resolved) { return place }
        }
        return nil
    }

    /// Whether a resolved path is a resolved folder or is below it; by bytes, as two folders may have names that look
    /// alike.
    static func contains(_ folder: String, _ path: String) -> Bool {
        path.utf8.elementsEqual(folder.utf8)
            || path.utf8.starts(with: folder.hasSuffix("/") ? folder.utf8 : (folder + "/").utf8)
    }
}

/// A path as a key, by its bytes: names that differ only in how an accent is encoded are equal strings, and two files.
struct PathKey: Hashable {
    private let bytes: [UInt8]

    init(_ path: String) { bytes = Array(path.utf8) }
}
