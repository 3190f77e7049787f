import Diagnostics
import Prompts
import Support
import Templates
import YAML

extension Diagnostic.Code {
    static let unusualRole = Self(rawValue: "unusual-role")
}

/// A value of a message in which some texts are still to be replaced by what is registered.
indirect enum MessageValue {
    /// A value that is registered as it is.
    case value(JSONValue)
    /// One of the file's texts, by its index.
    case text(Int)
    /// A list.
    case list([MessageValue])
    /// A mapping.
    case object([(key: String, value: MessageValue)])

    /// The value with the texts to register.
    func json(_ texts: [String]) -> JSONValue {
        switch self {
        case .value(let value): value
        case .text(let index): texts.indices.contains(index) ? .string(texts[index]) : .null
        case .list(let items): .array(items.map { $0.json(texts) })
        case .object(let members): .object(members.map { .init($0.key, $0.value.json(texts)) })
        }
    }
}

/// Reads messages as MLflow takes them: `mlflow.types.chat.ChatMessage` checks them when a prompt is registered, and
/// again when it is loaded.
struct MessageReader {
    /// The texts in which variables are looked for, with their places.
    private(set) var texts: [TemplateText] = []
    /// The other texts, which are registered as they are; MLflow sees the variables in them.
    private(set) var others: [TemplateText] = []
    /// The problems found.
    private(set) var diagnostics: [Diagnostic] = []
    private var hasNotedFormat = false
    /// Where a text is in the file.
    let place: (String, YAMLNode) -> TemplateText

    private static let roles = ["system", "user", "assistant", "tool", "developer", "function"]
    private static let keys = ["role", "content", "tool_calls", "tool_call_id", "refusal", "name"]

    /// What a message without a content says something by.
    private static let contentless = ["tool_calls", "tool_call_id", "refusal", "function_call", "audio"]

    /// Messages whose texts have places in a file.
    init(place: @escaping (String, YAMLNode) -> TemplateText) { self.place = place }

    /// Reads a message; nil when it cannot be used.
    mutating func read(_ message: YAMLNode) -> MessageValue? {
        let before = diagnostics.count
        let message = corrected(message)
        guard let entries = message.entries else {
            report("a message must be a mapping with a role and a content, not \(message.kindName)", message)
            return nil
        }
        var members: [(key: String, value: MessageValue)] = []
        if let role = message["role"] {
            check(role: role)
            members.append(("role", .value(role.plain)))
        } else {
            report("the message has no role", message)
        }
        let extras = entries.filter { $0.key != "role" && $0.key != "content" }
        if let content = message["content"] {
            let value = read(content: content, mayBeEmpty: !extras.isEmpty)
            members.append(("content", value))
        } else if !extras.contains(where: { Self.contentless.contains($0.key) }) {
            report(
                "the message has no content", message,
                help: message["text"]?.text == nil ? nil : "call its 'text' 'content'")
        }
        for entry in extras {
            check(entry)
            noteTexts(of: entry.value)
            members.append((entry.key, .value(entry.value.plain)))
        }
        warn(of: message, extras)
        return diagnostics[before...].contains { $0.severity == .error } ? nil : .object(members)
    }

    /// A message with the keys that were meant, so that a slip is reported once.
    private mutating func corrected(_ message: YAMLNode) -> YAMLNode {
        guard var entries = message.entries else { return message }
        for (index, entry) in entries.enumerated() where !Self.keys.contains(entry.key) {
            guard var near = nearestName(to: entry.key, in: Self.keys) else { continue }
            // Calls are a list; which one is answered is a text.
            if near == "tool_calls", entry.value.text != nil { near = "tool_call_id" }
            diagnostics.append(
                entry.keyError(
                    .unknownKey, "unknown key '\(entry.key)' in a message", help: "did you mean '\(near)'?"))
            let isNeeded = near == "role" || near == "content"
            if isNeeded, !entries.contains(where: { $0.key == near }) { entries[index].key = near }
        }
        return YAMLNode(value: .mapping(entries), location: message.location, length: message.length)
    }

    private mutating func check(role: YAMLNode) {
        guard let name = role.text, !name.isEmpty else { return report("role must be text", role) }
        diagnostics += [Self.warning(ofRole: name, at: role.location, length: role.length)].compactMap(\.self)
    }

    /// A warning of a role that resembles one that models know; nil for others.
    static func warning(ofRole name: String, at place: SourceLocation, length: Int) -> Diagnostic? {
        guard !roles.contains(name), let near = nearestName(to: name, in: roles) else { return nil }
        return .warning(
            .unusualRole, "few models know the role '\(name)'", at: place, length: length,
            help: "did you mean '\(near)'?")
    }

    /// Says what MLflow cannot fill in, once each.
    private mutating func warn(of message: YAMLNode, _ extras: [YAMLEntry]) {
        guard !hasNotedFormat else { return }
        let before = diagnostics.count
        defer { hasNotedFormat = diagnostics.count > before }
        let help = "load_prompt() gives the messages as they are"
        if let content = message["content"], content.items != nil || content.value == .null {
            diagnostics.append(
                .warning(
                    .notFormattable, "MLflow's format() fills in only messages whose content is text",
                    at: content.location, length: content.length, help: help))
        } else if let extra = extras.first {
            diagnostics.append(
                extra.keyWarning(
                    .notFormattable, "MLflow's format() leaves out the '\(extra.key)' of messages", help: help
                ))
        }
    }

    private mutating func report(_ message: String, _ node: YAMLNode, help: String? = nil) {
        diagnostics.append(node.error(.badChat, message, help: help))
    }

    /// A text that variables are looked for in.
    private mutating func text(_ text: String, of node: YAMLNode, isContent: Bool) -> MessageValue {
        var found = place(text, node)
        found.decidesSyntax = isContent
        texts.append(found)
        return .text(texts.count - 1)
    }

    /// Notes the texts of a value that is registered as it is.
    private mutating func noteTexts(of node: YAMLNode) {
        if let text = node.text { others.append(place(text, node)) }
        for item in node.items ?? [] { noteTexts(of: item) }
        for entry in node.entries ?? [] { noteTexts(of: entry.value) }
    }
}

// MARK: - Content

extension MessageReader {
    private mutating func read(content: YAMLNode, mayBeEmpty: Bool) -> MessageValue {
        switch content.value {
        case .string(let text):
            if text.isEmpty, !mayBeEmpty { report("the content is empty", content) }
            return self.text(text, of: content, isContent: true)
        case .null:
            if !mayBeEmpty { report("the content is empty", content) }
        case .sequence(let items): return .list(items.map { read(part: $0) })
        default: report("content must be text, or a list of parts", content)
        }
        return .value(content.plain)
    }

    /// Reads a part of a content: `ContentPartsList` of MLflow.
    private mutating func read(part: YAMLNode) -> MessageValue {
        let types = ["text", "image_url", "input_audio", "reasoning"]
        guard let entries = part.entries else {
            report("a part must be a mapping with a type, not \(part.kindName)", part)
            return .value(part.plain)
        }
        guard let type = part["type"]?.text, types.contains(type) else {
            report(
                "the type of a part must be one of \(types.joined(separator: ", "))", part["type"] ?? part,
                help: part["type"]?.text.flatMap { didYouMean($0, in: types) })
            return .value(part.plain)
        }
        switch type {
        case "text": need(part, "text", "a part of type 'text'")
        case "image_url":
            if let image = need(mapping: part, "image_url") {
                need(image, "url", "'image_url'")
                need(image, "detail", "'image_url'", oneOf: ["auto", "low", "high"], isOptional: true)
            }
        case "input_audio":
            if let audio = need(mapping: part, "input_audio") {
                need(audio, "data", "'input_audio'")
                need(audio, "format", "'input_audio'", oneOf: ["wav", "mp3"])
            }
        default:
            for item in part["summary"]?.items ?? [] {
                need(item, "type", "a summary", oneOf: ["summary_text"])
                need(item, "text", "a summary")
            }
        }
        return .object(entries.map { ($0.key, value(of: $0)) })
    }

    /// Whether a text within a content may have variables, by its key.
    static func isTemplate(_ key: String) -> Bool { !["type", "detail", "format"].contains(key) }

    /// A value within a part, whose texts may have variables.
    private mutating func value(of entry: YAMLEntry) -> MessageValue {
        if let text = entry.value.text {
            if !Self.isTemplate(entry.key) { return .value(.string(text)) }
            return self.text(text, of: entry.value, isContent: false)
        }
        if let entries = entry.value.entries { return .object(entries.map { ($0.key, value(of: $0)) }) }
        guard let items = entry.value.items else { return .value(entry.value.plain) }
        return .list(
            items.map { item in
                value(
                    of: YAMLEntry(
                        key: entry.key, keyLocation: entry.keyLocation, keyLength: entry.keyLength,
                        value: item))
            })
    }
}

// MARK: - Checks

extension MessageReader {
    /// Checks what MLflow checks of the other keys of a message.
    private mutating func check(_ entry: YAMLEntry) {
        if entry.value.value == .null { return }
        switch entry.key {
        case "tool_call_id", "refusal":
            if entry.value.text == nil { report("\(entry.key) must be text", entry.value) }
        case "tool_calls":
            guard let calls = entry.value.items else {
                return report("tool_calls must be a list, not \(entry.value.kindName)", entry.value)
            }
            for call in calls {
                guard call.entries != nil else {
                    report("a tool call must be a mapping, not \(call.kindName)", call)
                    continue
                }
                need(call, "id", "a tool call")
                if let type = call["type"], type.text == nil { report("type must be text", type) }
                guard let function = need(mapping: call, "function") else { continue }
                need(function, "name", "'function'", isOptional: true)
                need(
                    function, "arguments", "'function'", isOptional: true,
                    help: "the arguments are JSON in a text: put them in quotes")
            }
        default: break
        }
    }

    /// Checks that a mapping has a text.
    private mutating func need(
        _ node: YAMLNode, _ key: String, _ what: String, oneOf words: [String] = [], isOptional: Bool = false,
        help: String? = nil
    ) {
        guard let value = node[key], !(isOptional && value.value == .null) else {
            if !isOptional { report("\(what) needs the key '\(key)'", node) }
            return
        }
        guard let text = value.text else { return report("\(key) must be text", value, help: help) }
        if !words.isEmpty, !words.contains(text) {
            report("\(key) must be one of \(words.joined(separator: ", "))", value)
        }
    }

    private mutating func need(mapping node: YAMLNode, _ key: String) -> YAMLNode? {
        guard let value = node[key] else {
            report("the key '\(key)' is missing", node)
            return nil
        }
        if value.entries == nil {
            report("\(key) must be a mapping, not \(value.kindName)", value)
            return nil
        }
        return value
    }
}
