import Diagnostics
import Prompts
import Support
import YAML

/// A prompt before its template is read.
struct PromptEntry {
    /// The name within the job.
    let name: String
    /// The template's file, relative to the folder of the templates.
    let file: String
    /// Where the spec names the prompt.
    let location: SourceLocation
    /// The value that names the file; for a prompt that was found by its file, the one that names the folder.
    let fileNode: YAMLNode
    /// The prompt's settings; nil for one that was found by its file and says nothing of itself.
    private(set) var node: YAMLNode?

    /// Adds what a pattern or the prompt's own file says, where the job's entry does not.
    mutating func add(_ settings: YAMLNode?) {
        if let settings { node = node?.filled(from: settings) ?? settings }
    }
}

/// The prompts of a job: those that it names, and those that the files of its folder define.
struct PromptEntries {
    /// The prompts: those that the spec names in its order, then the others by name.
    private(set) var entries: [PromptEntry] = []
    /// What is wrong.
    private(set) var diagnostics = DiagnosticList()
    /// Whether files of the folder are prompts that the spec does not name.
    private(set) var areDiscovered = false
    private var discovery: TemplateDiscovery
    /// The value that names the folder.
    private let folderNode: YAMLNode

    /// The prompts of a spec.
    ///
    /// - Parameters:
    ///   - spec: The spec.
    ///   - folder: The folder of the templates, as it is shown to the user.
    init(_ spec: YAMLNode, folder: String) {
        folderNode = spec["prompts_dir"] ?? spec
        discovery = TemplateDiscovery(in: folder, spec)
        guard let prompts = spec.entries?.first(where: { $0.key == "prompts" }) else {
            discover()
            addDiscovered([])
            if entries.isEmpty, !diagnostics.hasErrors, TextFile.resolved(folder) != nil {
                diagnostics.add(
                    folderNode.error(
                        .noPrompts, "prompts_dir '\(folder)' has no template files",
                        help: "they end in \(TemplateDiscovery.endings.sorted().joined(separator: ", "))"))
            }
            return
        }
        let named = prompts.value.entries ?? []
        let patterns = named.filter { FilePattern.isPattern($0.key) }
        for entry in named where !FilePattern.isPattern(entry.key) {
            guard let fileNode = entry.value["file"], let file = fileNode.text else { continue }
            entries.append(
                PromptEntry(
                    name: entry.key, file: file, location: entry.keyLocation, fileNode: fileNode,
                    node: entry.value))
        }
        if !patterns.isEmpty {
            discover()
            addDiscovered(patterns)
        }
        if patterns.isEmpty, let exclude = spec["exclude"], exclude.items?.isEmpty == false {
            diagnostics.add(
                .warning(
                    .unusedPattern, "'exclude' leaves nothing out, as 'prompts' names each file",
                    at: exclude.location, length: exclude.length))
        }
        let isEmpty = named.count == patterns.count && entries.isEmpty && !diagnostics.hasErrors
        if isEmpty, prompts.value.entries != nil || prompts.value.value == .null {
            diagnostics.add(
                prompts.keyError(
                    .noPrompts, "the job has no prompts",
                    help: "leave 'prompts' out to take every template file of prompts_dir"))
        }
    }

    /// Names the files that were passed over, once.
    ///
    /// - Parameter used: The paths of the files that prompts use, as they are shown to the user.
    /// - Returns: The note; nil where nothing was passed over.
    func note(without used: Set<String>) -> Diagnostic? {
        let rest = discovery.passedOver.sorted().filter {
            !used.contains(FilePath.join(discovery.folder, $0))
        }
        guard !rest.isEmpty else { return nil }
        let files = rest.count == 1 ? "1 file is" : "\(rest.count) files are"
        return .note(
            .passedOver, "\(files) passed over: \(rest.listed(10))", at: folderNode.location,
            length: folderNode.length,
            help: "name them in 'prompts', or in 'exclude'"
        )
    }

    private mutating func discover() {
        areDiscovered = true
        do throws(TextFileError) {
            try discovery.search(namedBy: folderNode)
            diagnostics.add(contentsOf: discovery.diagnostics)
        } catch {
            // A missing folder is reported where the spec names it.
            guard TextFile.resolved(discovery.folder) != nil else { return }
            let what = "prompts_dir '\(discovery.folder)'"
            diagnostics.add(error, .unreadable, what, path: discovery.folder, namedBy: folderNode)
        }
    }

    /// Adds the files that were found and are not named; with patterns, those that match one.
    private mutating func addDiscovered(_ patterns: [YAMLEntry]) {
        let compiled = patterns.map { (entry: $0, pattern: FilePattern($0.key)) }
        var unused = Set(patterns.map(\.key))
        let indices = Dictionary(
            entries.indices.map { (FilePath.join("", entries[$0].file), [$0]) }, uniquingKeysWith: +)
        let names = Set(entries.map(\.name))
        var found: [PromptEntry] = []
        for file in discovery.files {
            let subject = PatternSubject(path: file.path, stem: file.stem, name: file.name)
            let matching = compiled.filter { $0.pattern.matches(subject) }
            for match in matching { unused.remove(match.pattern.text) }
            let named = indices[file.path] ?? []
            // What a later pattern says wins.
            for match in matching.reversed() {
                for index in named { entries[index].add(match.entry.value) }
            }
            guard named.isEmpty else { continue }
            if names.contains(file.name) || matching.isEmpty && !patterns.isEmpty {
                discovery.passOver(file)
                continue
            }
            var entry = PromptEntry(
                name: file.name, file: file.path,
                location: matching.last?.entry.keyLocation ?? folderNode.location,
                fileNode: folderNode, node: nil)
            for match in matching.reversed() { entry.add(match.entry.value) }
            found.append(entry)
        }
        report(unused, of: patterns)
        entries += withoutClashes(found).sorted { $0.name < $1.name }
    }

    private mutating func report(_ unused: Set<String>, of patterns: [YAMLEntry]) {
        let folders = Set(discovery.files.map { FilePath.folder(of: $0.path) + "/*" }).sorted()
        let names = folders + discovery.files.flatMap { [$0.path, $0.name] }
        var hints = NameHints()
        for entry in patterns where unused.contains(entry.key) {
            diagnostics.add(
                entry.keyWarning(
                    .unusedPattern, "no template file matches '\(entry.key)'",
                    help: discovery.helpForPath(entry.key)
                        ?? hints.didYouMean(entry.key, in: names.prefix(2_000))))
        }
    }

    /// The prompts that one file alone defines, under a name that a prompt can have.
    private mutating func withoutClashes(_ found: [PromptEntry]) -> [PromptEntry] {
        let byName = Dictionary(grouping: found, by: \.name)
        return found.filter { entry in
            let place = SourceLocation(file: FilePath.join(discovery.folder, entry.file))
            if let problem = TextPattern.promptName.problem(entry.name) {
                diagnostics.add(
                    .error(
                        .badName, "'\(entry.file)' cannot name a prompt: \(problem)", at: place,
                        help: "rename it, or list it in 'exclude'"))
                return false
            }
            guard let other = byName[entry.name]?.first(where: { $0.file != entry.file }) else { return true }
            diagnostics.add(
                .error(
                    .sameName, "'\(entry.file)' and '\(other.file)' both define the prompt '\(entry.name)'",
                    at: place, help: "rename one, list it in 'exclude', or set another 'name_separator'"))
            return false
        }
    }
}
