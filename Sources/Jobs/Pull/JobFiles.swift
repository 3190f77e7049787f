import Diagnostics
import Prompts
import Support
import Templates
import YAML

/// The files of a job, changed to what a registry has.
package struct JobFiles {
    private let job: DesiredState
    /// The folder of the templates, links resolved.
    private let folder: String?
    private let root: YAMLNode
    /// The files that were read, by their paths.
    var files: [String: PulledFile] = [:]
    private let prompts: [String: DesiredPrompt]
    /// What patterns of the spec and its entries say, by the names of the prompts; none without patterns.
    private let withPatterns: [String: YAMLNode]
    /// What changes the spec.
    private var spec: YAMLEditor
    /// What is lost in a file, by the names of the prompts.
    package internal(set) var remarks: [String: String] = [:]

    /// Reads the spec of a job.
    ///
    /// - Parameter job: The job, as it was read.
    /// - Throws: `PullProblem`.
    package init(of job: DesiredState) throws(PullProblem) {
        self.job = job
        let text = try Self.read(job.specPath)
        guard let root = parseYAML(Array(text.utf8), file: job.specPath).root else {
            throw PullProblem(reason: "the spec cannot be read")
        }
        self.root = root
        spec = YAMLEditor(text, root: root)
        prompts = Dictionary(job.prompts.map { ($0.name, $0) }) { first, _ in first }
        folder = job.resolvedFolder
        let isPatterned = root["prompts"]?.entries?.contains { FilePattern.isPattern($0.key) } == true
        let found =
            isPatterned ? job.searchedFolder.map { PromptEntries(root, folder: $0).entries } ?? [] : []
        withPatterns = Dictionary(
            found.compactMap { entry in entry.node.map { (entry.name, $0) } }
        ) { first, _ in first }
        files[job.specPath] = PulledFile(path: job.specPath, old: text, new: text)
    }

    /// The files that differ by now.
    ///
    /// - Returns: By their paths: the templates, then the spec.
    /// - Throws: `PullProblem` where changes of the spec meet.
    package func changed() throws(PullProblem) -> [PulledFile] {
        var files = files
        do throws(YAMLEditProblem) {
            files[job.specPath]?.new = try spec.checkedText()
        } catch {
            throw PullProblem(reason: error.reason)
        }
        return files.values.filter { $0.old != $0.new }.sorted(by: isBefore)
    }

    private func isBefore(_ one: PulledFile, _ other: PulledFile) -> Bool {
        // The spec says how the templates are read.
        if (one.path == job.specPath) != (other.path == job.specPath) { return other.path == job.specPath }
        return one.path < other.path
    }

    private static func read(_ path: String) throws(PullProblem) -> String {
        do throws(TextFileError) {
            return try TextFile.text(of: path, limit: 8 << 20)
        } catch {
            throw PullProblem(reason: "'\(path)' \(error.reason)")
        }
    }

    /// Reads a file, unless it was read already.
    private mutating func add(_ path: String) throws(PullProblem) {
        guard files[path] == nil else { return }
        let text = try Self.read(path)
        let file = PulledFile(path: path, old: text, new: text)
        // Since the job was read, somebody may have put a link in the way.
        guard let folder, FilePath.contains(folder, file.place) else {
            throw PullProblem(reason: "'\(path)' is outside of prompts_dir")
        }
        files[path] = file
    }

    /// Writes what a registry has of a prompt into the files.
    ///
    /// - Parameter prompt: The prompt.
    /// - Throws: `PullProblem`; no file is changed for this prompt then.
    package mutating func take(_ prompt: PulledPrompt) throws(PullProblem) {
        guard let desired = prompts[prompt.name] else { return }
        guard desired.template.isChat == (prompt.content.kind == .chat) else {
            throw PullProblem(
                reason:
                    "it is a \(prompt.content.kind.rawValue) prompt by now, which '\(desired.template.path)' cannot be"
            )
        }
        let before = self
        do throws(PullProblem) {
            try change(desired, to: prompt)
        } catch {
            self = before
            throw error
        }
    }

    private mutating func change(_ desired: DesiredPrompt, to prompt: PulledPrompt) throws(PullProblem) {
        let path = desired.template.path
        try add(path)
        let raw = files[path]?.new ?? ""
        let node = root["prompts"]?[prompt.name]
        let whole = withPatterns[prompt.name] ?? node
        let mode = (whole?["front_matter"] ?? root["front_matter"])?.text.flatMap(
            FrontMatterMode.init(rawValue:))
        let key = node?["key"]
        let source =
            key.map { TemplateSource(PromptDocument(raw, path: path), at: $0) }
            ?? TemplateSource(raw, path: path, frontMatter: mode ?? .read)
        let isHeaderRead = source.settings != nil
        let isDocument = isHeaderRead && source.isChat && key == nil
        var header: YAMLNode?
        if isDocument {
            header = PromptDocument(raw, path: path).root?.withoutMessages
        } else if isHeaderRead {
            header = FrontMatter(of: Array(raw.utf8), path: path)?.root
        }
        // A prompt without an entry may get front matter.
        let isNew = node == nil && source.settings == nil && !source.isChat && mode ?? .read == .read
        var settings = PulledSettings(
            entry: node?.plain, shared: whole?.plain, header: isNew ? [:] : header?.plain,
            of: source, specPath: job.specPath)
        let syntax = TemplateSyntax(
            of: source, settings: whole?.filled(from: source.settings ?? whole ?? root) ?? source.settings,
            otherwise: root["syntax"]?.text)
        if prompt.description != desired.description, prompt.description != nil || desired.description != nil
        {
            try settings.set("description", to: prompt.description.map(JSONValue.string))
        }
        let tags = { (tags: [String: String]) in
            tags.sorted { $0.key < $1.key }.map { JSONValue.Member($0.key, .string($0.value)) }
        }
        try settings.merge("tags", from: tags(desired.tags), to: tags(prompt.tags))
        try settings.merge(
            "model_config", from: JSONValue.members(of: desired.modelConfig),
            to: JSONValue.members(of: prompt.content.modelConfig))
        try changeResponseFormat(&settings, desired, to: prompt.content.responseFormat)
        if prompt.content.differences(from: desired.content).contains(.template) {
            try changeText(
                source, at: key.flatMap(DocumentKey.init), syntax, &settings, desired, to: prompt.content)
        }
        try write(settings, of: prompt.name, node, header: header, path: path, isDocument: isDocument)
    }

    private mutating func changeResponseFormat(
        _ settings: inout PulledSettings, _ desired: DesiredPrompt, to format: String?
    ) throws(PullProblem) {
        guard !JSONValue.areEqual(desired.responseFormat, format) else { return }
        guard let format else { return try settings.setResponseFormat(nil) }
        guard let value = try? JSONValue(parsing: format) else {
            throw PullProblem(reason: "its response_format is no JSON")
        }
        guard let path = desired.responseFormatPath else {
            return try settings.setResponseFormat(value)
        }
        try add(path)
        files[path]?.new = value.document
    }

    // MARK: Settings

    private mutating func write(
        _ settings: PulledSettings, of name: String, _ node: YAMLNode?, header: YAMLNode?, path: String,
        isDocument: Bool
    ) throws(PullProblem) {
        do throws(YAMLEditProblem) {
            if let entry = settings.entry, let node, entry != node.plain {
                try spec.set(["prompts", name], to: entry)
            }
            guard let changed = settings.header, changed != header?.plain ?? [:], let file = files[path]
            else { return }
            guard let header else {
                let text = "---\n\(changed.readableYAMLText)---\n"
                let isDOS = file.new.contains("\r\n")
                files[path]?.new = (isDOS ? text.replacing("\n", with: "\r\n") : text) + file.new
                return
            }
            guard isDocument else {
                var editor = YAMLEditor(file.new, root: header)
                try editor.set([], to: changed)
                files[path]?.new = try editor.text()
                return
            }
            // The messages beside them have changed by now.
            let document = PromptDocument(file.new, path: path)
            // Where it cannot be read any more, the check of the changed job says so.
            guard let root = document.root else { return }
            var editor = YAMLEditor(file.new, root: root, isJSON: document.isJSON)
            let old = header.plain
            var keys = Set((header.entries ?? []).map(\.key))
            if case .object(let members) = changed { keys.formUnion(members.map(\.key)) }
            // All at once, as keys that go may stand side by side.
            var whole = root.plain
            for key in keys.sorted() where old[key] != changed[key] { whole[key] = changed[key] }
            try editor.set([], to: whole)
            files[path]?.new = try editor.checkedText()
        } catch {
            throw PullProblem(reason: error.reason)
        }
    }
}
