import Support

extension PartLibrary {
    private static let endings = [".md", ".txt", ".prompt", ".j2", ".jinja2", ".jinja", ".mustache", ".html"]

    /// The file of a name: beside the file that includes it, then in the folder of the templates; there as it is written,
    /// with an underscore before it, and with an ending.
    mutating func find(_ name: String, from path: String) -> Found {
        let base = FilePath.folder(of: path)
        let ending =
            TemplateSource.isChat(path) ? "" : path.lastIndex(of: ".").map { String(path[$0...]) } ?? ""
        let key = Name(folder: PathKey(base), name: PathKey(name), ending: PathKey(ending))
        if let known = found[key] { return known }
        var isOutside = false
        for base in base == folder ? [base] : [base, folder] {
            for candidate in Self.candidates(name, ending: ending) {
                // To resolve a path takes long, and there are many candidates.
                guard TextFile.exists(in: base, candidate) else { continue }
                let path = FilePath.join(base, candidate)
                guard let resolved = TextFile.resolved(path) else { continue }
                guard let resolvedFolder, FilePath.contains(resolvedFolder, resolved) else {
                    isOutside = true
                    continue
                }
                if TextFile.isFolder(path) { continue }
                // Such as a file of secrets.
                let isHidden = resolved.dropFirst(resolvedFolder.count).split(separator: "/")
                    .contains { $0.hasPrefix(".") }
                let file: Found = isHidden ? .hidden : .file(path: path, resolved: resolved)
                found[key] = file
                return file
            }
        }
        // A path out of the folder is told so, whether or not there is a file.
        let isOut = isOutside || name.hasPrefix("/") || leavesFolder(name, from: base)
        found[key] = isOut ? .outside : Found.none
        return isOut ? .outside : .none
    }

    /// Whether a name is that of a file.
    mutating func isFile(_ name: String, from path: String) -> Bool {
        if case .file = find(name, from: path) { true } else { false }
    }

    private func leavesFolder(_ name: String, from base: String) -> Bool {
        guard name.contains("..") else { return false }
        return [base, folder].allSatisfy { base in
            let (path, folder) = (FilePath.join(base, name), folder.normalizedPath)
            if folder.isEmpty || folder == "." { return path.hasPrefix("..") }
            return !FilePath.contains(folder, path)
        }
    }

    private static func candidates(_ name: String, ending: String) -> [String] {
        let slash = name.lastIndex(of: "/")
        let parent = slash.map { String(name[...$0]) } ?? ""
        let file = slash.map { String(name[name.index(after: $0)...]) } ?? name
        var names = [file]
        for ending in ([ending] + endings).filter({ !$0.isEmpty }) where !names.contains(file + ending) {
            names.append(file + ending)
        }
        return names.flatMap { $0.hasPrefix("_") ? [parent + $0] : [parent + $0, parent + "_" + $0] }
    }

    /// What was looked for under a name.
    static func forms(of name: String) -> String {
        let file = FilePath.name(of: name)
        let hidden = file.hasPrefix("_") ? "" : " and '_\(file)'"
        return "looked for '\(file)'\(hidden), also with \(endings.joined(separator: ", ")) at the end"
    }

    /// The names of the files that a part may be in.
    func names(near path: String, without name: String) -> [String] {
        let base = FilePath.folder(of: path)
        let names = (base == folder ? [base] : [base, folder]).flatMap { folder in
            (try? TextFile.names(in: folder.isEmpty ? "." : folder)) ?? []
        }
        let stems = names.prefix(2_000).map { file in
            var stem = Substring(file)
            if let ending = Self.endings.first(where: stem.hasSuffix) { stem = stem.dropLast(ending.count) }
            return String(stem.hasPrefix("_") ? stem.dropFirst() : stem)
        }
        return (names.prefix(2_000) + stems).filter { $0 != name }
    }
}
