import Glibc
import Jobs
import Support

/// The files of a commit, to be compared with those of the working tree.
///
/// `git status` would run what the repository names as its filters, and so their content is compared here.
struct CommittedFiles: Sendable {
    /// What differs from a commit.
    struct Comparison: Sendable {
        /// The paths of the files that differ, or that are in no commit.
        var changed: Set<String> = []
        /// Those of them that a filter of git may have made differ, with the attribute that names it.
        var filtered: [String: String] = [:]
    }

    private struct Entry {
        let mode: Substring
        let object: String
    }

    private static let linkMode = "120000"
    private static let submoduleMode = "160000"
    /// The largest file whose line ends are compared, in bytes; the job's files are smaller.
    private static let sizeLimit = 8 << 20

    private let git: Git
    private let root: String
    private let commit: String

    /// What the paths in the working tree begin with.
    private var prefix: String { root == "/" ? root : root + "/" }

    /// The files of a commit.
    ///
    /// - Parameters:
    ///   - git: Asks git.
    ///   - root: The top of the working tree, links resolved.
    ///   - commit: The commit.
    init(_ git: Git, root: String, commit: String) {
        self.git = git
        self.root = root
        self.commit = commit
    }

    /// Compares files with those of the commit.
    ///
    /// - Parameter paths: Their absolute paths, of which the folders have no links in them.
    /// - Returns: What differs. A checkout with CRLF for the commit's LF is no difference.
    /// - Throws: `Git.Refusal`.
    func compare(_ paths: [String]) async throws(Git.Refusal) -> Comparison {
        let entries = try await entries(of: paths)
        let present = paths.filter { entries[$0] != nil }
        let hashes = try await hashes(of: present.filter { Self.kind(of: $0) == S_IFREG })
        // Each that differs in its line ends only takes a git of its own.
        let differing = try await concurrentMap(present, limit: 8) { path async throws(Git.Refusal) in
            guard let entry = entries[path] else { return true }
            return try await !isCommitted(path, entry, hashes[path])
        }
        var comparison = Comparison(changed: Set(zip(present, differing).filter(\.1).map(\.0)))
        comparison.filtered = await filtered(comparison.changed.sorted())
        let missing = paths.filter { entries[$0] == nil }
        comparison.changed.formUnion(missing)
        for (top, files) in Dictionary(grouping: missing, by: top(of:)) {
            guard let top, let submodule = try await submodule(at: top) else { continue }
            let inside = try await submodule.compare(files)
            comparison.changed.subtract(Set(files).subtracting(inside.changed))
            comparison.filtered.merge(inside.filtered) { first, _ in first }
        }
        return comparison
    }

    /// What the commit has at paths; nothing for those that it has not.
    private func entries(of paths: [String]) async throws(Git.Refusal) -> [String: Entry] {
        let inside = paths.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
        let list = try await git.run(["ls-tree", "-z", "--full-tree", commit], paths: inside, in: root)
        var entries: [String: Entry] = [:]
        for line in list.split(separator: "\0") {
            let parts = line.split(separator: "\t", maxSplits: 1)
            let words = parts[0].split(separator: " ")
            guard parts.count == 2, words.count == 3 else { continue }
            entries[prefix + parts[1]] = Entry(mode: words[0], object: String(words[2]))
        }
        return entries
    }

    /// The names that git gives to the content of files, as it is.
    private func hashes(of paths: [String]) async throws(Git.Refusal) -> [String: Substring] {
        let list = try await git.run(["hash-object", "--no-filters"], paths: paths, in: root)
        return Dictionary(zip(paths, list.split(separator: "\n"))) { first, _ in first }
    }

    private func isCommitted(
        _ path: String, _ entry: Entry, _ hash: Substring?
    ) async throws(Git.Refusal) -> Bool {
        if entry.mode == Self.linkMode {
            guard let target = Self.target(of: path) else { return false }
            return try await content(of: entry).utf8.elementsEqual(target.utf8)
        }
        guard let hash else { return false }
        if hash == entry.object { return true }
        let bytes = (try? TextFile.bytes(of: path, limit: Self.sizeLimit)) ?? []
        let (lineFeed, carriageReturn) = (UInt8(ascii: "\n"), UInt8(ascii: "\r"))
        let shortened = bytes.indices.filter {
            bytes[$0] != carriageReturn || $0 + 1 == bytes.count || bytes[$0 + 1] != lineFeed
        }
        guard shortened.count < bytes.count else { return false }
        return try await content(of: entry).utf8.elementsEqual(shortened.lazy.map { bytes[$0] })
    }

    private func content(of entry: Entry) async throws(Git.Refusal) -> String {
        try await git.run(["cat-file", "blob", entry.object], in: root)
    }

    /// The files that git filters, with the attribute of each; none where git does not say.
    private func filtered(_ paths: [String]) async -> [String: String] {
        let attributes = ["filter", "ident", "working-tree-encoding"]
        let found = await Result<String, Git.Refusal>(of: { () async throws(Git.Refusal) in
            try await git.run(["check-attr", "-z"] + attributes, paths: paths, in: root)
        })
        guard case .success(let list) = found else { return [:] }
        let words = list.split(separator: "\0", omittingEmptySubsequences: false).map(String.init)
        var filtered: [String: String] = [:]
        for index in stride(from: 0, to: words.count - 2, by: 3)
        where !["unspecified", "unset"].contains(words[index + 2]) {
            filtered[words[index]] = "\(words[index + 1])=\(words[index + 2])"
        }
        return filtered
    }

    /// The top of the repository in this one that a file lies in; nil when it lies in none.
    private func top(of path: String) -> String? {
        var folder = path
        while let slash = folder.lastIndex(of: "/") {
            folder = String(folder[..<slash])
            guard folder.hasPrefix(prefix) else { return nil }
            if Self.kind(of: folder + "/.git") != nil { return folder }
        }
        return nil
    }

    /// The submodule at a folder; nil unless the commit has it as it is checked out.
    private func submodule(at top: String) async throws(Git.Refusal) -> CommittedFiles? {
        guard let entry = try await entries(of: [top])[top], entry.mode == Self.submoduleMode else {
            return nil
        }
        do throws(Git.Refusal) {
            guard try await git.line(["rev-parse", "--show-toplevel"], in: top) == top,
                try await git.line(["rev-parse", "--verify", "HEAD"], in: top) == entry.object
            else { return nil }
        } catch {
            if error.exitCode == nil { throw error }
            return nil
        }
        return CommittedFiles(git, root: top, commit: entry.object)
    }

    // MARK: Files

    private static func kind(of path: String) -> mode_t? {
        var status = stat()
        return lstat(path, &status) == 0 ? status.st_mode & S_IFMT : nil
    }

    /// What a link says; nil for what is no link.
    private static func target(of path: String) -> String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink(path, &buffer, buffer.count)
        guard count > 0 else { return nil }
        return String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
