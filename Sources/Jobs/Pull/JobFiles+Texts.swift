import Diagnostics
import Prompts
import Support
import Templates
import YAML

// The texts of prompts, where they are written: in a file, at a key of one, as a list of messages, or below marks of roles.
extension JobFiles {
    /// Writes the text of a prompt where it stands.
    ///
    /// - Parameters:
    ///   - source: Its file.
    ///   - key: The key in the file; nil for a whole one.
    ///   - own: How the file writes variables.
    ///   - settings: What the job and the file say of the prompt, which may have to say more.
    ///   - desired: The prompt as the job has it.
    ///   - content: What it is to be.
    /// - Throws: `PullProblem`.
    mutating func changeText(
        _ source: TemplateSource, at key: DocumentKey?, _ own: TemplateSyntax,
        _ settings: inout PulledSettings, _ desired: DesiredPrompt, to content: PromptContent
    ) throws(PullProblem) {
        let isChat = desired.template.isChat
        let messages = isChat ? try Self.messages(of: content.template) : []
        let texts = isChat ? messages.compactMap(\.text) : [content.template]
        let others = messages.flatMap(\.others)
        let syntax = own.canWrite(texts) ? own : TemplateSyntax.forRegistered(texts)
        if syntax != own { try settings.set("syntax", to: .string(syntax.rawValue)) }
        // In another syntax, what stayed is written anew, too.
        let old = syntax == own ? desired.content.template : nil
        var isMerged = false
        if source.isChat {
            files[source.path]?.new = try Self.chat(
                source, at: key?.parts ?? [], messages, from: try Self.messages(of: desired.content.template),
                isRewritten: syntax != own, syntax)
        } else if let keyed = source.keyed, let key {
            let text = MergedText(keyed.text, from: old, to: content.template, syntax)
            isMerged = text.isMerged
            files[source.path]?.new = try Self.keyed(text.text, source, key)
        } else {
            let template = content.template
            if template.utf8.contains(0x0D), settings.value("newlines") != .string("keep"),
                template.contains("\r\n")
            {
                try settings.set("newlines", to: .string(Newlines.keep.rawValue))
            }
            let keeps = settings.value("newlines") == .string(Newlines.keep.rawValue)
            let body = String(decoding: source.bytes, as: UTF8.self)
            let registered = Self.read(body, keeps: keeps)
            let text =
                isChat
                ? try Self.marked(
                    registered, source, try Self.texts(of: content.template, in: source.path),
                    from: try old.map { old throws(PullProblem) in try Self.texts(of: old, in: source.path) },
                    syntax)
                : MergedText(registered, from: old, to: template, syntax)
            isMerged = text.isMerged
            let header = source.raw.utf8.prefix(source.raw.utf8.count - body.utf8.count)
            files[source.path]?.new =
                String(decoding: header, as: UTF8.self) + Self.text(text.text, like: body, keeps: keeps)
        }
        if !isMerged, let part = desired.template.parts?.files.first {
            throw PullProblem(
                reason:
                    "the text of '\(part.path)' is a part of its template, so it is not known where the change belongs"
            )
        }
        if !isMerged, !source.isChat, IgnoredWarnings.hasComments(source.keyed?.text ?? source.raw) {
            remarks[desired.name] = "comments in '\(source.path)' that silence warnings go with what changes"
        }
        try settings.setVariables(of: texts, others)
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

    private static func messages(of template: String) throws(PullProblem) -> [PulledMessage] {
        guard case .array(let items)? = try? JSONValue(parsing: template) else {
            throw PullProblem(reason: "its template is not a list of messages")
        }
        return items.map(PulledMessage.init)
    }

    /// The texts of messages that marks of roles can hold.
    private static func texts(
        of template: String, in path: String
    ) throws(PullProblem) -> [ChatMessage.Texts] {
        guard let messages = try? ChatMessage.messages(in: template) else {
            throw PullProblem(reason: "its template is not a list of messages")
        }
        let odd = messages.firstIndex { $0.role == nil || $0.content == nil || !$0.others.isEmpty }
        if let odd {
            throw PullProblem(
                reason: "message \(odd + 1) is more than a role and a text, and '\(path)' cannot hold that")
        }
        return messages.map { ($0.role ?? "", $0.content ?? "", nil) }
    }

    /// A file with another text at a key.
    private static func keyed(
        _ text: String, _ source: TemplateSource, _ key: DocumentKey
    ) throws(PullProblem) -> String {
        let document = PromptDocument(source.raw, path: source.path)
        guard let root = document.root,
            let value = key.parts.reduce(Optional(root), { $0?.value(at: $1) })?.text
        else { throw PullProblem(reason: "'\(key.text)' of '\(source.path)' cannot be read") }
        // Reading takes one newline away.
        let hasFinal = value.utf8.last == 0x0A || text.utf8.last == 0x0A
        var editor = YAMLEditor(source.raw, root: root, isJSON: document.isJSON)
        do throws(YAMLEditProblem) {
            try editor.set(key.parts, to: .string(hasFinal ? text + "\n" : text))
            return try editor.checkedText()
        } catch {
            throw PullProblem(reason: error.reason)
        }
    }

    /// A file with messages: those that stayed are left as they are written.
    private static func chat(
        _ source: TemplateSource, at key: [String], _ messages: [PulledMessage],
        from old: [PulledMessage], isRewritten: Bool, _ syntax: TemplateSyntax
    ) throws(PullProblem) -> String {
        let document = PromptDocument(source.raw, path: source.path)
        guard let root = document.root, let value = key.reduce(Optional(root), { $0?.value(at: $1) }),
            let items = (value["messages"] ?? value).items, items.count == old.count
        else { throw PullProblem(reason: "the messages of '\(source.path)' cannot be read") }
        let keys = key + (value.items == nil ? ["messages"] : [])
        let pairs = ListAlignment.pairs(old, messages) {
            $0.key.isIdentical(to: $1.key)
        } isSimilar: {
            $0.value["role"] == $1.value["role"]
        }
        let changed = zip(pairs, messages).map { index, new -> YAMLListItem in
            guard let index else { return .added(new.written(syntax)) }
            var value = items[index].plain
            let (before, after) = (old[index].value, new.written(syntax))
            for member in JSONValue.members(of: before) where after[member.key] == nil {
                value[member.key] = nil
            }
            for member in JSONValue.members(of: after)
            where isRewritten && member.key == "content"
                || before[member.key]?.sortedText.isIdentical(to: new.value[member.key]?.sortedText ?? "")
                    != true
            {
                value[member.key] = member.value
            }
            return value == items[index].plain ? .kept(index) : .changed(index, value)
        }
        do throws(YAMLEditProblem) {
            var editor = YAMLEditor(source.raw, root: root, isJSON: document.isJSON)
            do throws(YAMLEditProblem) {
                try editor.setItems(of: keys, to: changed)
                return try editor.checkedText()
            } catch {
                // Where items cannot be told apart in the text, the list is written anew.
                editor = YAMLEditor(source.raw, root: root, isJSON: document.isJSON)
                try editor.set(keys, to: .array(messages.map { $0.written(syntax) }))
                return try editor.checkedText()
            }
        } catch {
            throw PullProblem(reason: error.reason)
        }
    }

    /// A text that marks the roles of messages: the contents that stayed, and what is between them, are left as they are,
    /// where the roles are the same.
    private static func marked(
        _ text: String, _ source: TemplateSource, _ messages: [ChatMessage.Texts],
        from old: [ChatMessage.Texts]?, _ syntax: TemplateSyntax
    ) throws(PullProblem) -> MergedText {
        let whole = TemplateText(text, start: SourceLocation(file: source.path))
        let isPrompty = source.dialect == .prompty
        let marked =
            (isPrompty
                ? whole.promptyMessages().messages
                : whole.dotpromptMessages(isDotprompt: source.dialect == .dotprompt)) ?? []
        guard marked.map(\.role) == messages.map(\.role), old.map({ $0.count == marked.count }) ?? true else {
            let parts = messages.map { message in
                let role = message.role == "assistant" ? "model" : message.role
                return (isPrompty ? "\(message.role):" : "{{role \"\(role)\"}}") + "\n"
                    + syntax.written(message.content)
            }
            return MergedText(parts.joined(separator: "\n\n"))
        }
        var bytes = Array(text.utf8)
        var result = MergedText("", isMerged: true)
        for (index, message) in marked.enumerated().reversed() {
            let before = old?[index].content
            if before?.isIdentical(to: messages[index].content) == true { continue }
            let own = String(decoding: bytes[message.range], as: UTF8.self)
            let new = MergedText(own, from: before, to: messages[index].content, syntax)
            bytes.replaceSubrange(message.range, with: new.text.utf8)
            if !new.isMerged { result.isMerged = false }
        }
        result.text = String(decoding: bytes, as: UTF8.self)
        return result
    }
}

/// A message as it is registered.
private struct PulledMessage {
    let value: JSONValue
    /// What is the same for messages that are.
    let key: String

    init(_ value: JSONValue) { (self.value, key) = (value, value.sortedText) }

    /// The content, where it is text.
    var text: String? { if case .string(let text)? = value["content"] { text } else { nil } }

    /// The other texts in it.
    var others: [String] {
        JSONValue.members(of: value).filter { $0.key != "content" || text == nil }.flatMap(\.value.texts)
    }

    /// The message as a file has it: the variables of its content are written in a syntax.
    func written(_ syntax: TemplateSyntax) -> JSONValue {
        func written(_ value: JSONValue, at key: String) -> JSONValue {
            switch value {
            case .string(let text) where MessageReader.isTemplate(key): .string(syntax.written(text))
            case .array(let items): .array(items.map { written($0, at: key) })
            case .object(let members): .object(members.map { .init($0.key, written($0.value, at: $0.key)) })
            default: value
            }
        }
        let members = JSONValue.members(of: value)
        let first = ["role", "content"].compactMap { key in members.first { $0.key == key } }
        let rest = members.filter { $0.key != "role" && $0.key != "content" }
        return .object(
            (first + rest).map { $0.key == "content" ? .init($0.key, written($0.value, at: $0.key)) : $0 })
    }
}

extension JSONValue {
    fileprivate var sortedText: String { indented(sortingKeys: true) }

    fileprivate static func members(of value: JSONValue) -> [Member] {
        if case .object(let members) = value { members } else { [] }
    }
}

/// A text of a file that says something else by now.
private struct MergedText {
    /// The text.
    var text: String
    /// Whether what is not registered as it is written stays in it: parts, and comments that silence warnings.
    var isMerged: Bool

    init(_ text: String, isMerged: Bool = false) { (self.text, self.isMerged) = (text, isMerged) }

    /// Changes a text.
    ///
    /// - Parameters:
    ///   - own: The text as it is written.
    ///   - old: What is registered of it; nil where it is written anew.
    ///   - new: What is to be registered.
    ///   - syntax: How it writes variables.
    init(_ own: String, from old: String?, to new: String, _ syntax: TemplateSyntax) {
        let written = syntax.written(new)
        let merged = old.flatMap { LineMerge.merge(own, from: syntax.written($0), to: written) }
        self.init(merged ?? written, isMerged: merged != nil)
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
