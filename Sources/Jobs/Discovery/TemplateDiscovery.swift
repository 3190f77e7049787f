import Diagnostics
import Prompts
import Support
import YAML

/// A template file that was found in a folder.
struct DiscoveredFile {
    /// The path, relative to the folder of the templates.
    let path: String
    /// The path without its ending.
    let stem: String
    /// The prompt that the file defines.
    let name: String
}

/// Finds the template files in the folder of a job, and in the folders below it.
struct TemplateDiscovery {
    /// The endings of template files.
    static let endings = [
        ".chat.yaml", ".chat.yml", ".chat.json", ".md", ".txt", ".prompt", ".prompty", ".j2", ".jinja",
        ".jinja2",
    ]
    /// How many folders below each other are looked into where the job does not say.
    static let usualDepth = 16
    /// The most files and folders that are looked at.
    private static let limit = 100_000

    /// The folder of the templates, as it is shown to the user.
    let folder: String
    /// What stands between the names of folders and files in a prompt's name.
    let separator: String
    /// How many folders below each other are looked into.
    let maxDepth: Int
    /// What is left out, with where the job says so.
    private let exclude: [(pattern: FilePattern, isNegated: Bool, node: YAMLNode)]
    /// The places in `exclude` of what has left nothing out so far, and taken nothing back in.
    private var unused: Set<Int>
    /// The template files, by path.
    private(set) var files: [DiscoveredFile] = []
    /// The files and folders that are no prompts, by path.
    private(set) var passedOver: [String] = []
    /// What keeps files from being found.
    private(set) var diagnostics: [Diagnostic] = []
    private var seen = 0
    /// The folders that are not looked into.
    private var unsearched: [String] = []

    /// A discovery as a job describes it.
    init(in folder: String, _ spec: YAMLNode) {
        self.folder = folder
        separator = spec["name_separator"]?.text ?? "_"
        maxDepth = spec["max_depth"]?.wholeNumber.flatMap(Int.init) ?? Self.usualDepth
        exclude = (spec["exclude"]?.items ?? []).compactMap { node in
            node.text.map { text in
                let isNegated = text.hasPrefix("!")
                return (FilePattern(isNegated ? String(text.dropFirst()) : text), isNegated, node)
            }
        }
        unused = Set(exclude.indices)
    }

    /// Finds the files.
    ///
    /// - Parameter node: The value that names the folder.
    /// - Throws: `TextFileError` when the folder itself cannot be listed.
    mutating func search(namedBy node: YAMLNode) throws(TextFileError) {
        var folders = [(path: "", depth: 0)]
        while let (path, depth) = folders.popLast() {
            do throws(TextFileError) {
                let whole = path.isEmpty ? folder : FilePath.join(folder, path)
                guard let entries = try FolderEntry.entries(of: whole, limit: Self.limit - seen) else {
                    diagnostics.append(
                        node.error(
                            .tooManyFiles, "there are more than \(Self.limit) files below '\(folder)'",
                            help: "name a folder that holds the templates alone, or set max_depth or exclude")
                    )
                    return
                }
                seen += entries.count
                var inner: [(path: String, depth: Int)] = []
                for entry in entries {
                    let entryPath = path.isEmpty ? entry.name : path + "/" + entry.name
                    if isFolderToSearch(entry, entryPath, depth) { inner.append((entryPath, depth + 1)) }
                }
                folders += inner.reversed()
            } catch {
                if path.isEmpty { throw error }
                let place = SourceLocation(file: FilePath.join(folder, path))
                diagnostics.append(.error(.unreadable, "the folder '\(path)' \(error.reason)", at: place))
            }
        }
        files.sort { $0.path < $1.path }
        lookForUnused()
        for (pattern, isNegated, node) in unused.sorted().map({ exclude[$0] }) {
            let (message, help) =
                isNegated
                ? (
                    "'!\(pattern.text)' takes nothing back in",
                    "a folder that is left out is not looked into: for 'drafts' write 'drafts/*' before it"
                )
                : ("nothing in '\(folder)' matches '\(pattern.text)'", helpForPath(pattern.text))
            diagnostics.append(
                .warning(.unusedPattern, message, at: node.location, length: node.length, help: help))
        }
    }

    /// What to write in place of a pattern that begins with the folder itself; nil for another one.
    func helpForPath(_ pattern: String) -> String? {
        let name = FilePath.name(of: folder)
        let path = pattern.normalizedPath.split(separator: "/").drop { $0 == ".." }
        guard path.first.map(String.init) == name, path.count > 1 else { return nil }
        return "patterns are relative to prompts_dir: write '\(path.dropFirst().joined(separator: "/"))'"
    }

    /// Looks for what no pattern has matched so far in the folders that are not looked into.
    private mutating func lookForUnused() {
        while !unused.isEmpty, seen < Self.limit, let path = unsearched.popLast() {
            let entries = try? FolderEntry.entries(of: FilePath.join(folder, path), limit: Self.limit - seen)
            guard let entries = entries ?? nil else { continue }
            seen += entries.count
            for entry in entries {
                let inner = path + "/" + entry.name
                noteMatches(PatternSubject(path: inner, isAlone: true))
                if entry.kind == .folder { unsearched.append(inner) }
            }
        }
    }

    /// Counts a template file among what is passed over.
    mutating func passOver(_ file: DiscoveredFile) { passedOver.append(file.path) }

    /// Takes a file for what it is; whether an entry is a folder to look into.
    private mutating func isFolderToSearch(_ entry: FolderEntry, _ path: String, _ depth: Int) -> Bool {
        let isHidden = entry.name.hasPrefix(".")
        switch entry.kind {
        case .folder:
            let isOut = isExcluded(path) || isHidden
            if !isOut, !entry.name.hasPrefix("_"), depth < maxDepth { return true }
            unsearched.append(path)
            if !isOut { passedOver.append(path + "/") }
        case .folderLink:
            // What it leads to is outside, or found without it, or leads back here.
            if !isExcluded(path), !isHidden { passedOver.append(path + "/") }
        case .file:
            let ending = Self.endings.first(where: entry.name.hasSuffix)
            let stem = String(path.dropLast(ending?.count ?? 0))
            let name = stem.split(separator: "/").joined(separator: separator)
            let isOdd = isHidden || entry.name.hasPrefix("_") || Self.isReadme(entry.name)
            if isExcluded(path, stem: stem, name: name) { return false }
            if ending != nil, !isOdd {
                files.append(DiscoveredFile(path: path, stem: stem, name: name))
            } else if !isHidden || ending != nil {
                passedOver.append(path)
            }
        }
        return false
    }

    /// Whether the last pattern that an entry matches leaves it out. Its folders were asked before it.
    private mutating func isExcluded(_ path: String, stem: String? = nil, name: String? = nil) -> Bool {
        if exclude.isEmpty { return false }
        let subject = PatternSubject(path: path, stem: stem, name: name, isAlone: true)
        noteMatches(subject)
        var isOut = false
        for index in exclude.indices
        where exclude[index].isNegated == isOut && exclude[index].pattern.matches(subject) {
            isOut.toggle()
            unused.remove(index)
        }
        return isOut
    }

    /// Notes what matches an entry and would leave it out.
    private mutating func noteMatches(_ subject: PatternSubject) {
        unused = unused.filter { exclude[$0].isNegated || !exclude[$0].pattern.matches(subject) }
    }

    private static func isReadme(_ name: String) -> Bool {
        name.prefix { $0 != "." }.lowercased() == "readme"
    }
}

extension Diagnostic.Code {
    static let tooManyFiles = Self(rawValue: "too-many-files")
    /// Files of a folder that are no prompts.
    static let passedOver = Self(rawValue: "passed-over")
    /// A pattern that no file matches.
    static let unusedPattern = Self(rawValue: "unused-pattern")
}
