import Diagnostics
import Prompts
import Support
import Templates
import YAML

/// The files of a job, changed to what a registry has.
package struct JobFiles {
    private let job: DesiredState
    private let folder: String
    private let root: YAMLNode
    private var files: [String: PulledFile] = [:]
    private let prompts: [String: DesiredPrompt]
    /// What changes the spec.
    private var spec: YAMLEditor
    /// What is lost in a file, by the names of the prompts.
    package private(set) var remarks: [String: String] = [:]

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
        folder = FilePath.join(job.specFolder, root["prompts_dir"]?.text ?? ".")
        files[job.specPath] = PulledFile(path: job.specPath, old: text, new: text)
    }

    /// The files that differ by now.
    ///
    /// - Returns: By their paths: the templates, then the spec.
    /// - Throws: `PullProblem` where changes of the spec meet.
    package func changed() throws(PullProblem) -> [PulledFile] {
        var files = files
        do throws(YAMLEditProblem) {
            files[job.specPath]?.new = try spec.text()
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
        files[path] = PulledFile(path: path, old: text, new: text)
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
        let mode = (node?["front_matter"] ?? root["front_matter"])?.text.flatMap(
            FrontMatterMode.init(rawValue:))
        let source = TemplateSource(raw, path: path, frontMatter: mode ?? .read)
        let isWhole = node?["key"] == nil
        let isHeaderRead = isWhole && source.settings != nil
        let header = isHeaderRead ? FrontMatter(of: Array(raw.utf8), path: path)?.root : nil
        // A prompt without an entry may get front matter.
        let isNew = node == nil && source.settings == nil && !source.isChat && mode ?? .read == .read
        var settings = PulledSettings(entry: node?.plain, header: isNew ? [:] : header?.plain)
        let syntax = TemplateSyntax(
            of: source, settings: node?.filled(from: source.settings ?? node ?? root) ?? source.settings,
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
            guard isWhole else {
                throw PullProblem(reason: "its text is at a key of '\(path)', which is left as it is")
            }
            guard source.isChat == desired.template.isChat else {
                throw PullProblem(reason: "'\(path)' marks the roles in its text, which is left as it is")
            }
            try changeText(source, syntax, &settings, desired, to: prompt.content)
        }
        try write(settings, of: prompt.name, node, header: header, path: path)
    }

    private mutating func changeResponseFormat(
        _ settings: inout PulledSettings, _ desired: DesiredPrompt, to format: String?
    ) throws(PullProblem) {
        guard !JSONValue.areEqual(desired.responseFormat, format) else { return }
        guard let format else { return try settings.set("response_format", to: nil) }
        guard let value = try? JSONValue(parsing: format) else {
            throw PullProblem(reason: "its response_format is no JSON")
        }
        guard let path = desired.responseFormatPath else {
            return try settings.set("response_format", to: value)
        }
        guard let resolved = TextFile.resolved(path), let base = TextFile.resolved(folder),
            FilePath.contains(base, resolved)
        else { throw PullProblem(reason: "'\(path)' is outside of prompts_dir") }
        try add(path)
        files[path]?.new = value.document
    }

    // MARK: Texts

    private mutating func changeText(
        _ source: TemplateSource, _ syntax: TemplateSyntax, _ settings: inout PulledSettings,
        _ desired: DesiredPrompt, to content: PromptContent
    ) throws(PullProblem) {
        let body = String(decoding: source.bytes, as: UTF8.self)
        let new: String
        var merged: String?
        let messages = source.isChat ? try Self.messages(of: content.template) : []
        let texts = source.isChat ? messages.map(\.content) : [content.template]
        let own = syntax
        let syntax = own.canWrite(texts) ? own : TemplateSyntax.forRegistered(texts)
        if syntax != own { try settings.set("syntax", to: .string(syntax.rawValue)) }
        if source.isChat {
            // In another syntax, what stayed is written anew, too.
            let old = syntax == own ? try Self.messages(of: desired.content.template) : nil
            new = try Self.chat(source.raw, messages, from: old, syntax)
        } else {
            if content.template.utf8.contains(0x0D), settings.value("newlines") != .string("keep"),
                content.template.contains("\r\n")
            {
                try settings.set("newlines", to: .string(Newlines.keep.rawValue))
            }
            let keeps = settings.value("newlines") == .string(Newlines.keep.rawValue)
            let written = syntax.written(content.template)
            // What is not registered as it is written stays: parts, and comments that silence warnings.
            let old = syntax == own ? syntax.written(desired.content.template) : nil
            merged = old.flatMap { LineMerge.merge(Self.read(body, keeps: keeps), from: $0, to: written) }
            new = Self.text(merged ?? written, like: body, keeps: keeps)
        }
        if merged == nil, let part = desired.template.parts?.files.first {
            throw PullProblem(
                reason:
                    "the text of '\(part.path)' is a part of its template, so it is not known where the change belongs"
            )
        }
        if merged == nil, !source.isChat, IgnoredWarnings.hasComments(body) {
            remarks[desired.name] = "comments in '\(source.path)' that silence warnings go with what changes"
        }
        try changeContract(&settings, texts)
        let header = source.raw.utf8.prefix(source.raw.utf8.count - body.utf8.count)
        let whole = source.isChat ? new : String(decoding: header, as: UTF8.self) + new
        files[source.path]?.new = whole
    }

    /// The text of a file with the line ends that are registered, and without its final newline.
    private static func read(_ body: String, keeps: Bool) -> String {
        let text = keeps ? body : body.replacing("\r\n", with: "\n")
        return String(text.hasSuffix("\n") || text.hasSuffix("\r\n") ? text.dropLast() : text[...])
    }

    /// A text with the line ends and the final newline of another one.
    private static func text(_ text: String, like old: String, keeps: Bool) -> String {
        let hasReturns = old.contains("\r\n")
        var final = old.hasSuffix("\r\n") ? "\r\n" : old.utf8.last == 0x0A ? "\n" : ""
        // Reading takes one newline away.
        if final.isEmpty, text.utf8.last == 0x0A { final = hasReturns ? "\r\n" : "\n" }
        if text.utf8.last == 0x0D { final = "\r\n" }
        let lines = keeps || !hasReturns ? text : text.replacing("\n", with: "\r\n")
        return lines + final
    }

    private static func messages(of template: String) throws(PullProblem) -> [ChatMessage.Texts] {
        let messages: [ChatMessage.Texts]
        do throws(ChatMessage.Problem) {
            messages = try ChatMessage.texts(in: template)
        } catch {
            throw PullProblem(reason: error.reason)
        }
        if let key = messages.lazy.compactMap(\.leftOut).first {
            throw PullProblem(reason: "a message has the key '\(key)'")
        }
        return messages
    }

    /// A chat prompt's file: messages that stayed are left as they are written, where their number is the same.
    private static func chat(
        _ raw: String, _ messages: [ChatMessage.Texts], from old: [ChatMessage.Texts]?,
        _ syntax: TemplateSyntax
    ) throws(PullProblem) -> String {
        let root = parseYAML(Array(raw.utf8), file: "").root
        guard let root, let items = (root["messages"] ?? root).items, messages.count == items.count else {
            if root?.entries != nil {
                throw PullProblem(reason: "it has another number of messages, which stand among other keys")
            }
            let text = ChatMessage.list(messages.map { ($0.role, syntax.written($0.content)) })
                .readableYAMLText
            return raw.contains("\r\n") ? text.replacing("\n", with: "\r\n") : text
        }
        var editor = YAMLEditor(raw, root: root)
        let keys = root.items == nil ? ["messages"] : []
        do throws(YAMLEditProblem) {
            for (index, new) in messages.enumerated() {
                let isSame = old.map { $0[index].content.isIdentical(to: new.content) } ?? false
                if new.role != items[index]["role"]?.text {
                    try editor.set(keys + ["\(index)", "role"], to: .string(new.role))
                }
                if !isSame {
                    try editor.set(keys + ["\(index)", "content"], to: .string(syntax.written(new.content)))
                }
            }
            return try editor.text()
        } catch {
            throw PullProblem(reason: error.reason)
        }
    }

    /// Changes the contract to the variables of the new texts.
    private func changeContract(_ settings: inout PulledSettings, _ texts: [String]) throws(PullProblem) {
        guard case .array(let items)? = settings.value("variables") else { return }
        let used = TemplateSyntax.analyze(registered: texts).variables
        let declared = items.compactMap { if case .string(let name) = $0 { name } else { nil } }
        let names = Set(used.map(\.name))
        let contract =
            declared.filter(names.contains)
            + used.filter { !$0.isOptional && !declared.contains($0.name) }.map(\.name)
        if contract != declared { try settings.set("variables", to: .array(contract.map(JSONValue.string))) }
    }

    // MARK: Settings

    private mutating func write(
        _ settings: PulledSettings, of name: String, _ node: YAMLNode?, header: YAMLNode?, path: String
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
            var editor = YAMLEditor(file.new, root: header)
            try editor.set([], to: changed)
            files[path]?.new = try editor.text()
        } catch {
            throw PullProblem(reason: error.reason)
        }
    }
}

extension TemplateSyntax {
    /// Whether a file of this syntax can hold texts so that just they are registered.
    fileprivate func canWrite(_ texts: [String]) -> Bool {
        let parts = texts.map { TemplateText(written($0), start: SourceLocation(file: "")) }
        let analysis = analyze(parts)
        return analysis.registered.elementsEqual(texts) { $0.isIdentical(to: $1) }
            && !analysis.diagnostics.contains { $0.severity == .error }
    }

    /// The syntax in which MLflow renders texts; its own where Jinja2 refuses them, as a job has to be valid.
    fileprivate static func forRegistered(_ texts: [String]) -> TemplateSyntax {
        let syntax = analyze(registered: texts).syntax
        return syntax.canWrite(texts) ? syntax : .mustache
    }
}
