import Diagnostics
import Support
import Templates
import YAML

extension Diagnostic.Code {
    static let unreadableTemplate = Self(rawValue: "unreadable-template")
    static let outsideFolder = Self(rawValue: "outside-prompts-dir")
    static let sameName = Self(rawValue: "same-name")
    static let badResponseFormat = Self(rawValue: "bad-response-format")
}

/// Reads the files that the prompts of a job name.
struct TemplateLoader {
    /// The longest template that MLflow takes, in characters.
    static let characterLimit = 100_000
    /// The most bytes that so many characters need, with room for line ends that are taken out.
    static let sizeLimit = characterLimit * 4 + 4_096

    /// The largest file that prompts at keys are read from, in bytes.
    private static let documentLimit = 8 << 20

    /// The folder of the templates, as it is shown to the user.
    let folder: String
    /// The folder of the spec.
    let specFolder: String
    /// The job spec, whose settings count where a prompt has none of its own.
    let spec: YAMLNode
    /// The problems found.
    private(set) var diagnostics = DiagnosticList()
    /// The names of the prompts that were left out, as their files are empty.
    private(set) var skipped: [String] = []
    private var withSettings: [String] = []
    private var documents: [PathKey: PromptDocument] = [:]
    /// The folder of the templates, links resolved; nil where there is none.
    let resolvedFolder: String?
    private let resolvedSpecFolder: String?
    private var library: PartLibrary
    private var foundInParts: Set<Diagnostic> = []

    init(folder: String, specFolder: String, spec: YAMLNode) {
        self.spec = spec
        self.folder = folder
        self.specFolder = specFolder
        resolvedFolder = TextFile.resolved(folder)
        library = PartLibrary(folder: folder, resolvedFolder: resolvedFolder)
        resolvedSpecFolder = TextFile.resolved(specFolder.isEmpty ? "." : specFolder)
    }

    /// Reports a missing folder of templates, once for all prompts.
    mutating func checkFolder(namedBy node: YAMLNode) {
        guard resolvedFolder == nil else { return }
        let text = node.text ?? ""
        let above = TextFile.resolved(FilePath.join(specFolder, "../" + text)) == nil ? nil : "../" + text
        let help =
            FilePattern.isPattern(text)
            ? "it is a folder; patterns of its files go into 'prompts'"
            : above.map { "it is relative to the spec: write \($0)" }
                ?? FilePath.nearest(to: folder, where: TextFile.isFolder).map { "did you mean '\($0)'?" }
        diagnostics.add(node.error(.unreadable, "prompts_dir '\(folder)' does not exist", help: help))
    }

    /// The file of a prompt; nil when it cannot be used.
    mutating func read(_ entry: PromptEntry, jobMode: String?) -> TemplateSource? {
        guard let path = contained(entry.file, entry.fileNode, in: resolvedFolder, shownAs: folder) else {
            return nil
        }
        do throws(TextFileError) {
            if let key = entry.node?["key"] {
                // What the spec's shape has told of it is enough.
                if DocumentKey(key) == nil { return nil }
                return taken(TemplateSource(try document(path), at: key))
            }
            let raw = try TextFile.text(of: path, limit: Self.sizeLimit)
            let mode = entry.node?["front_matter"]?.text ?? jobMode
            return TemplateSource(
                raw, path: path, frontMatter: mode.flatMap(FrontMatterMode.init(rawValue:)) ?? .read)
        } catch {
            let what = "the template '\(path)'"
            let inner =
                error.isMissing ? FilePath.inner(entry.file).first { TextFile.exists(in: folder, $0) } : nil
            diagnostics.add(
                error, .unreadableTemplate, what, path: path, namedBy: entry.fileNode,
                help: inner.map { "a file is relative to prompts_dir: write \($0)" })
            return nil
        }
    }

    /// A file that has prompts at keys, which is read once for all of them.
    private mutating func document(_ path: String) throws(TextFileError) -> PromptDocument {
        if let document = documents[PathKey(path)] { return document }
        let document = PromptDocument(try TextFile.text(of: path, limit: Self.documentLimit), path: path)
        documents[PathKey(path)] = document
        return document
    }

    /// A source that has a prompt; nil, after a report, for another one.
    private mutating func taken(_ source: TemplateSource) -> TemplateSource? {
        if source.hasPrompt { return source }
        diagnostics.addSource(source.raw, path: source.path)
        diagnostics.add(contentsOf: source.diagnostics)
        return nil
    }

    /// The template of a prompt; nil when it is left out.
    mutating func load(_ source: TemplateSource, _ entry: PromptEntry, jobSyntax: String?) -> LoadedTemplate?
    {
        let reading = TemplateReading(
            syntax: TemplateSyntax(of: source, settings: entry.node, otherwise: jobSyntax),
            newlines: entry.node?["newlines"]?.text.flatMap(Newlines.init(rawValue:)) ?? .lf,
            byteOrderMark: setting("bom", of: entry)?.text.flatMap(ByteOrderMark.init(rawValue:)) ?? .drop)
        let file = TemplateFile(source, reading, &library)
        let warnings = WarningSettings(entry.node?["warnings"], spec["warnings"])
        let reports = { warnings.report($0) && file.reports($0) }
        if setting("skip_empty", of: entry)?.flag == true, file.isEmpty(source.raw) {
            let note = Diagnostic.note(
                .emptyTemplate, "the file is empty, so '\(entry.name)' is left out",
                at: SourceLocation(file: source.path))
            if reports(note) { diagnostics.add(note) }
            skipped.append(entry.name)
            return nil
        }
        var found = file.diagnostics.filter(warnings.report)
        // Which variables a text has that has errors is not known.
        let isRead = !found.contains { $0.severity == .error }
        if isRead, let node = entry.node?["variables"], let declared = node.items {
            let isOwn = node.location.file == source.path
            let contract = declared.compactMap { node in
                node.text.map {
                    DeclaredVariable(
                        name: $0, location: node.location,
                        isOptional: isOwn && source.optionalVariables.contains($0),
                        hasMembers: isOwn && source.declaresRoots)
                }
            }
            found += file.analysis.check(contract: contract, by: isOwn ? source.declarer : "the job")
        }
        found += source.diagnostics.filter(reports)
        if source.settings != nil { withSettings.append(source.path) }
        if !found.isEmpty { diagnostics.addSource(source.raw, path: source.path) }
        report(found, of: source.path)
        return file.template
    }

    /// Reports findings of a template; those in its parts once, though many templates may have them.
    private mutating func report(_ found: [Diagnostic], of path: String) {
        for finding in found {
            let file = finding.location?.file
            if let file, file != path, let text = library.sources[file] {
                guard foundInParts.insert(finding).inserted else { continue }
                diagnostics.addSource(text, path: file)
            }
            diagnostics.add(finding)
        }
    }

    /// A setting of a prompt, or else of the job.
    private func setting(_ key: String, of entry: PromptEntry) -> YAMLNode? { entry.node?[key] ?? spec[key] }

    /// A prompt's response format as JSON, and the file that holds it; nil when it has none, or none that can be used.
    mutating func responseFormat(of entry: PromptEntry) -> (json: String?, path: String?)? {
        guard let node = entry.node?["response_format"] else { return nil }
        guard let file = node.text else { return (node.jsonObject, nil) }
        guard let path = settingsFile(file, node) else { return nil }
        let what = "the response format '\(path)'"
        do throws(TextFileError) {
            let text = try TextFile.text(of: path, limit: Self.sizeLimit)
            let parsed = parseJSON(Array(text.utf8), file: path)
            if !parsed.diagnostics.isEmpty { diagnostics.addSource(text, path: path) }
            diagnostics.add(contentsOf: parsed.diagnostics)
            guard let root = parsed.root else { return nil }
            if root.entries != nil { return (root.jsonObject, path) }
            diagnostics.add(node.error(.badResponseFormat, "\(what) is not a JSON object"))
        } catch {
            let isWord = error.isMissing && !file.contains(".")
            diagnostics.add(
                error, .badResponseFormat, what, path: path, namedBy: node,
                help: isWord ? "write a JSON Schema, such as {type: object}, or the path of a file" : nil)
        }
        return nil
    }

    /// The path of a file with settings of a prompt; nil where it is not to be used.
    mutating func settingsFile(_ file: String, _ node: YAMLNode) -> String? {
        // A path is relative to the templates, as `file` is, unless the file exists only beside the spec. A template
        // cannot name what is there: whoever may write templates need not know what else the spec's folder holds.
        let besideSpec =
            node.location.file == spec.location.file
            && TextFile.resolved(FilePath.join(folder, file)) == nil
            && TextFile.resolved(FilePath.join(specFolder, file)) != nil
        let (base, resolved) = besideSpec ? (specFolder, resolvedSpecFolder) : (folder, resolvedFolder)
        return contained(file, node, in: resolved, shownAs: base)
    }

    /// Adds the texts of files with settings that findings of a job point into, as a protected alias does. Most files have
    /// none, and to keep all texts for that would take long.
    func addSources(to list: inout DiagnosticList) {
        let files = Set(list.diagnostics.compactMap(\.location?.file)).subtracting(list.sources.keys)
        if files.isEmpty { return }
        for path in withSettings where files.contains(path) {
            if let text = try? TextFile.text(of: path, limit: Self.sizeLimit) {
                list.addSource(text, path: path)
            }
        }
    }

    /// Adds a finding.
    mutating func add(_ finding: Diagnostic) { diagnostics.add(finding) }

    /// Keeps the text of a file, so that findings in it can show their line.
    mutating func add(source text: String, path: String) { diagnostics.addSource(text, path: path) }

    /// Adds that a file cannot be read.
    mutating func add(
        _ error: TextFileError, _ code: Diagnostic.Code, _ what: String, path: String, namedBy node: YAMLNode
    ) {
        diagnostics.add(error, code, what, path: path, namedBy: node)
    }

    /// The path of a file, which must lie in a folder once links are resolved.
    private mutating func contained(
        _ file: String, _ node: YAMLNode, in resolvedFolder: String?, shownAs folder: String
    ) -> String? {
        let path = FilePath.join(folder, file)
        // A missing folder was reported where the spec names it.
        guard let resolvedFolder else { return nil }
        // What does not resolve is reported by the attempt to read it, which names what is like it there; for a template
        // nothing outside is named.
        let leaves = file.hasPrefix("/") || file.normalizedPath.split(separator: "/").first == ".."
        let isInside =
            TextFile.resolved(path).map { FilePath.contains(resolvedFolder, $0) }
            ?? (node.location.file == spec.location.file || !leaves)
        if !isInside {
            diagnostics.add(
                node.error(
                    .outsideFolder, "'\(file)' is outside '\(folder)'",
                    help: pathInTemplates(of: path).map { "paths start in prompts_dir: write '\($0)'" }
                        ?? "a job's files must be in its prompts_dir, also after resolving symbolic links"))
            return nil
        }
        return path
    }

    /// The path of a file of the templates' folder, relative to that; nil for another one.
    private func pathInTemplates(of path: String) -> String? {
        guard let resolvedFolder, let resolved = TextFile.resolved(path),
            FilePath.contains(resolvedFolder, resolved), resolved != resolvedFolder
        else { return nil }
        return String(resolved.dropFirst(resolvedFolder.count + 1))
    }
}
