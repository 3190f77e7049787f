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

/// A prompt before its template is read.
struct PromptEntry {
    /// The name within the job.
    let name: String
    /// The template's file, relative to the folder of the templates.
    let file: String
    /// Where the spec names the prompt.
    let location: SourceLocation
    /// Where the spec names the file.
    let filePlace: SpecPlace
    /// The prompt's settings; nil for one that was found by its file.
    let node: YAMLNode?
}

/// A place in a spec, with its length.
struct SpecPlace {
    /// Where it begins.
    let location: SourceLocation
    /// How many Unicode scalars it has.
    let length: Int

    /// The place of a value.
    init(_ node: YAMLNode) { self.init(location: node.location, length: node.length) }

    /// A place.
    init(location: SourceLocation, length: Int = 1) {
        self.location = location
        self.length = length
    }
}

/// Reads the files that the prompts of a job name.
struct TemplateLoader {
    /// The longest template that MLflow takes, in characters.
    static let characterLimit = 100_000
    /// The most bytes that so many characters need, with room for line ends that are taken out.
    static let sizeLimit = characterLimit * 4 + 4_096
    private static let endings = [".chat.yaml", ".md", ".txt", ".prompt", ".j2"]

    /// The folder of the templates, as it is shown to the user.
    let folder: String
    /// The folder of the spec.
    let specFolder: String
    /// What was found.
    private(set) var diagnostics = DiagnosticList()
    private let resolvedFolder: String?
    private let resolvedSpecFolder: String?

    init(folder: String, specFolder: String) {
        self.folder = folder
        self.specFolder = specFolder
        resolvedFolder = TextFile.resolved(folder)
        resolvedSpecFolder = TextFile.resolved(specFolder.isEmpty ? "." : specFolder)
    }

    /// Reports a folder of templates that is not there, once for all prompts.
    mutating func checkFolder(at place: SourceLocation, length: Int) {
        guard resolvedFolder == nil else { return }
        diagnostics.add(
            .error(.unreadable, "prompts_dir '\(folder)' does not exist", at: place, length: length))
    }

    /// The prompts that the folder's files make, each named by its file's stem.
    mutating func discover(at place: SourceLocation) -> [PromptEntry] {
        let names: [String]
        do {
            names = try TextFile.names(in: folder)
        } catch {
            if resolvedFolder != nil {
                diagnostics.add(.error(.unreadable, "prompts_dir '\(folder)' \(error.reason)", at: place))
            }
            return []
        }
        var entries: [String: PromptEntry] = [:]
        for file in names where !file.hasPrefix(".") {
            guard let ending = Self.endings.first(where: file.hasSuffix) else { continue }
            let stem = String(file.dropLast(ending.count))
            let shown = SourceLocation(file: FilePath.join(folder, file))
            if let problem = TextPattern.promptName.problem(stem) {
                diagnostics.add(.error(.badName, "'\(file)' cannot name a prompt: \(problem)", at: shown))
            } else if let other = entries[stem] {
                diagnostics.add(
                    .error(
                        .sameName, "'\(file)' and '\(other.file)' both make the prompt '\(stem)'", at: shown))
            } else {
                entries[stem] = PromptEntry(
                    name: stem, file: file, location: place, filePlace: SpecPlace(location: place), node: nil)
            }
        }
        if entries.isEmpty, !diagnostics.hasErrors {
            diagnostics.add(
                .error(
                    .noPrompts, "prompts_dir '\(folder)' has no template files", at: place,
                    help: "they end in \(Self.endings.sorted().joined(separator: ", "))"))
        }
        return entries.values.sorted { $0.name < $1.name }
    }

    /// The template of a prompt; nil when it cannot be used.
    mutating func load(_ entry: PromptEntry, jobSyntax: String?) -> LoadedTemplate? {
        guard let path = contained(entry.file, entry.filePlace, in: resolvedFolder, shownIn: folder) else {
            return nil
        }
        let raw: String
        do {
            raw = try TextFile.text(of: path, limit: Self.sizeLimit)
        } catch {
            report(
                .unreadableTemplate, "the template '\(path)' \(error.reason)", entry.filePlace, error,
                path: path)
            return nil
        }
        let ownSyntax = entry.node?["syntax"]?.text ?? (path.hasSuffix(".j2") ? "jinja2" : jobSyntax)
        let file = TemplateFile(
            raw, path: path, syntax: ownSyntax.flatMap(TemplateSyntax.init(rawValue:)) ?? .mustache,
            newlines: entry.node?["newlines"]?.text.flatMap(Newlines.init(rawValue:)) ?? .lf)
        var found = file.diagnostics
        if let declared = entry.node?["variables"]?.items {
            let contract = declared.compactMap { node in
                node.text.map { DeclaredVariable(name: $0, location: node.location) }
            }
            found += file.analysis.check(contract: contract)
        }
        if !found.isEmpty { diagnostics.addSource(raw, path: path) }
        diagnostics.add(contentsOf: found)
        return file.template
    }

    /// The answer's shape of a prompt as JSON, and the file that holds it; nil when it has none or the one that it
    /// names cannot be used.
    mutating func responseFormat(of entry: PromptEntry) -> (json: String?, path: String?)? {
        guard let node = entry.node?["response_format"] else { return nil }
        guard let file = node.text else { return (node.jsonObject, nil) }
        // A path is relative to the templates, as `file` is; one that is only there beside the spec is meant so.
        let besideSpec =
            TextFile.resolved(FilePath.join(folder, file)) == nil
            && TextFile.resolved(FilePath.join(specFolder, file)) != nil
        let (base, resolved) = besideSpec ? (specFolder, resolvedSpecFolder) : (folder, resolvedFolder)
        guard let path = contained(file, SpecPlace(node), in: resolved, shownIn: base) else {
            return nil
        }
        do throws(TextFileError) {
            let text = try TextFile.text(of: path, limit: Self.sizeLimit)
            let parsed = parseJSON(Array(text.utf8), file: path)
            if !parsed.diagnostics.isEmpty { diagnostics.addSource(text, path: path) }
            diagnostics.add(contentsOf: parsed.diagnostics)
            guard let root = parsed.root else { return nil }
            if root.entries != nil { return (root.jsonObject, path) }
            diagnostics.add(
                .error(
                    .badResponseFormat, "the response format '\(path)' is not a JSON object",
                    at: node.location, length: node.length))
        } catch {
            report(
                .badResponseFormat, "the response format '\(path)' \(error.reason)", SpecPlace(node), error,
                path: path)
        }
        return nil
    }

    /// The path of a file that has to lie inside a folder once links are resolved.
    private mutating func contained(
        _ file: String, _ place: SpecPlace, in resolvedFolder: String?, shownIn folder: String
    ) -> String? {
        let path = FilePath.join(folder, file)
        // A folder that is not there was reported where the spec names it.
        guard let resolvedFolder else { return nil }
        // What does not resolve is reported by the attempt to read it.
        if let resolved = TextFile.resolved(path), !FilePath.contains(resolvedFolder, resolved) {
            diagnostics.add(
                .error(
                    .outsideFolder, "'\(file)' is outside '\(folder)'", at: place.location,
                    length: place.length,
                    help: "a job's files lie in its prompts_dir, links resolved"))
            return nil
        }
        return path
    }

    /// Reports a file that cannot be read: in the file where the text goes wrong, else in the spec.
    private mutating func report(
        _ code: Diagnostic.Code, _ message: String, _ place: SpecPlace, _ error: TextFileError, path: String
    ) {
        guard let text = error.text else {
            diagnostics.add(.error(code, message, at: place.location, length: place.length))
            return
        }
        diagnostics.addSource(text, path: path)
        diagnostics.add(
            .error(code, message, at: SourceLocation(file: path, line: error.line, column: error.column)))
    }
}
