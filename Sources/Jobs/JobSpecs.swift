import Support

/// The job specs of folders, and which of them may be meant by a path at which there is none.
package enum JobSpecs {
    private static let endings = [".yaml", ".yml"]
    /// The folder that jobs are usually in.
    package static let usualFolder = "jobs"
    /// How many jobs are named at most.
    private static let listed = 10
    /// How many files are compared with a name.
    private static let compared = 2_000

    /// Whether a path ends as that of a job does.
    package static func isNamed(_ path: String) -> Bool { endings.contains(where: path.hasSuffix) }

    /// The paths of the jobs in a folder, sorted; empty is the current folder.
    package static func paths(in folder: String) -> [String] {
        let names = (try? TextFile.names(in: folder.isEmpty ? "." : folder)) ?? []
        return names.filter { !$0.hasPrefix(".") && isNamed($0) }
            .map { FilePath.join(folder, $0) }
    }

    /// What to do about a path at which there is no file: it is a folder, or is cut, misspelt or in another folder.
    ///
    /// - Parameter path: The path.
    /// - Returns: The files that may be meant, in a sentence; nil where there are none.
    package static func hint(for path: String) -> String? {
        if let hint = hint(ofFolder: path) { return hint }
        if TextFile.exists(in: "", path) { return nil }
        let near = near(path)
        if near.count > 1 { return "did you mean one of \(near.listed(listed))?" }
        return near.first.map { "did you mean '\($0)'?" } ?? list(near: path)
    }

    /// What to do about a folder where a job is wanted; nil where it is no folder, or there is no job in it.
    package static func hint(ofFolder path: String) -> String? {
        guard TextFile.isFolder(path) else { return nil }
        let jobs = [FilePath.join(path, usualFolder), path].lazy.map(paths).first { !$0.isEmpty }
        return jobs.map { "name one of its jobs: \($0.listed(listed))" }
    }

    /// Whether a path at which there is no file stands for a job, and not for a version of a prompt.
    package static func isMeant(by path: String) -> Bool {
        guard path.contains("/"), !path.contains("@"), Int(FilePath.name(of: path)) == nil else {
            return false
        }
        return TextFile.isFolder(FilePath.folder(of: path)) || !near(path).isEmpty
    }

    /// The jobs that a path may stand for: of its name, in its folder or in `jobs/`; else those whose names begin so; else
    /// the one of the nearest name.
    package static func near(_ path: String) -> [String] {
        let folder = FilePath.folder(of: path)
        let stem = stem(of: path)
        let candidates = [folder, FilePath.join(folder, usualFolder)].flatMap(paths).prefix(compared)
        for matches in [{ $0 == stem }, { !stem.isEmpty && $0.hasPrefix(stem) }] as [(String) -> Bool] {
            let found = candidates.filter { matches(Self.stem(of: $0)) }
            if !found.isEmpty { return found }
        }
        if let nearest = nearestName(to: stem, in: candidates.map(Self.stem(of:))) {
            return candidates.filter { Self.stem(of: $0) == nearest }
        }
        guard !folder.isEmpty, !TextFile.isFolder(folder),
            let other = FilePath.nearest(to: folder, where: TextFile.isFolder)
        else { return [] }
        return near(FilePath.join(other, FilePath.name(of: path)))
    }

    /// Names the jobs that are where a path leads, or here.
    private static func list(near path: String) -> String? {
        let folder = FilePath.folder(of: path)
        let isUsual = FilePath.name(of: folder) == usualFolder
        let own = isUsual ? folder : FilePath.join(folder, usualFolder)
        let jobs = [own, usualFolder].lazy.map(paths).first { !$0.isEmpty }
        return jobs.map { "the jobs here are \($0.listed(listed))" }
    }

    /// The name of a file in lower case, without what ends the name of a job.
    private static func stem(of path: String) -> String {
        let name = FilePath.name(of: path).lowercased()
        let ending = (endings + [".json"]).first(where: name.hasSuffix) ?? ""
        return String(name.dropLast(ending.count))
    }
}
