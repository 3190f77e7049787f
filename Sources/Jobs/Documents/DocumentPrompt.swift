import Diagnostics
import Support
import Templates
import YAML

extension Diagnostic.Code {
    /// A key that the file does not have.
    static let noSuchKey = Self(rawValue: "no-such-key")
    /// A value of a file that is no prompt.
    static let noPromptValue = Self(rawValue: "not-a-prompt")
    /// A file of several texts that is registered as it stands.
    static let registeredAsIs = Self(rawValue: "registered-as-it-stands")
}

/// The prompt that a YAML or JSON file holds, as a whole or at a key.
struct DocumentPrompt {
    /// The messages of a chat prompt.
    private(set) var chat: ChatFile?
    /// The text of another one; nil where the file is registered as it stands.
    private(set) var text: TemplateText?
    /// What the file says of the prompt besides its messages.
    private(set) var settings: FileSettings?
    /// What is wrong.
    private(set) var diagnostics: [Diagnostic] = []

    private static let chatEndings = [".chat.yaml", ".chat.yml", ".chat.json"]

    /// Whether a file has to be a list of messages, by its ending.
    static func isChat(_ path: String) -> Bool { chatEndings.contains(where: path.hasSuffix) }

    /// The prompt of a whole file: its messages, or else the file as it stands.
    ///
    /// - Parameters:
    ///   - document: The file.
    ///   - mode: What happens to what stands beside the messages.
    init(_ document: PromptDocument, _ mode: FrontMatterMode) {
        if Self.isChat(document.path) {
            chat = ChatFile(document)
        } else if mode != .keep, document.hasSeveral {
            diagnostics.append(
                .warning(
                    .registeredAsIs, "the file has several YAML documents, and is registered as it stands",
                    at: SourceLocation(file: document.path),
                    help: "make a file of each; front_matter: keep means the file as it stands"))
        } else if mode != .keep, let root = document.root, document.diagnostics.isEmpty {
            if let messages = root.messages {
                chat = ChatFile(messages, in: document)
            } else if let warning = Self.warning(of: document) {
                diagnostics.append(warning)
            }
        }
        if chat != nil, mode == .read, let root = document.root, root["messages"]?.items != nil {
            settings = FileSettings(of: root.withoutMessages, as: .document)
        }
    }

    /// The prompt at a key of a file.
    ///
    /// - Parameters:
    ///   - document: The file.
    ///   - node: The key in the job.
    init(_ document: PromptDocument, at node: YAMLNode) {
        // What is wrong elsewhere in the file, such as a merge key, is no matter of the prompt.
        diagnostics = document.diagnostics
        guard let root = document.root, let path = DocumentKey(node) else { return }
        // But a key on the way that is there twice leads to two texts.
        let doubtful = path.parts.map { "duplicate key '\($0)'" }
        for index in diagnostics.indices {
            let isOnTheWay =
                diagnostics[index].code == .yamlDuplicateKey
                && doubtful.contains(where: diagnostics[index].message.hasPrefix)
            if !isOnTheWay { diagnostics[index].severity = .warning }
        }
        guard let value = value(in: root, at: path, of: document, node) else { return }
        if let words = value.text {
            let last = words.utf8.last == UInt8(ascii: "\n") ? 1 : 0
            text = TemplateText(
                String(decoding: words.utf8.dropLast(last), as: UTF8.self), of: value, in: document.lines)
        } else if let messages = value.messages {
            chat = ChatFile(messages, in: document)
        } else {
            let inner = document.promptKeys(under: path, value)
            diagnostics.append(
                node.error(
                    .noPromptValue,
                    "'\(path.text)' of '\(document.path)' must be text or a list of messages, not \(value.kindName)",
                    help: value.hasMessagesOfLangChain
                        ? YAMLNode.messageForm
                        : inner.isEmpty ? nil : "name a text in it: \(inner.map(\.text).listed(3))"))
        }
    }

    /// The value that keys lead to; nil, after a report, where there is none.
    private mutating func value(
        in root: YAMLNode, at path: DocumentKey, of document: PromptDocument, _ node: YAMLNode
    ) -> YAMLNode? {
        var value = root
        for (index, part) in path.parts.enumerated() {
            if let next = value.value(at: part) {
                value = next
                continue
            }
            var before = DocumentKey()
            before.parts = Array(path.parts[..<index])
            let place = node.items.flatMap { $0.indices.contains(index) ? $0[index] : nil } ?? node
            let inside =
                before.parts.isEmpty ? "'\(document.path)'" : "'\(before.text)' of '\(document.path)'"
            let whole = index == 0 ? document.promptKeys(limit: 1_000).first { $0.ends(with: path) } : nil
            diagnostics.append(
                place.error(
                    .noSuchKey, "\(inside) has no key '\(part)'",
                    help: whole.map { "did you mean '\($0.text)'?" }
                        ?? Self.help(value, path.parts[index...], before)))
            return nil
        }
        return value
    }

    private static func help(_ value: YAMLNode, _ rest: ArraySlice<String>, _ before: DocumentKey) -> String?
    {
        guard let entries = value.entries else {
            guard let items = value.items else { return "it is \(value.kindName)" }
            return "it is a list of \(items.count); its items are numbered from 0"
        }
        let keys = entries.map(\.key)
        // A key with dots in it that was not quoted; there may be very many parts.
        let dotted = (2...max(2, min(rest.count, 16))).map { rest.prefix($0).joined(separator: ".") }
        if let key = dotted.first(where: { rest.count > 1 && keys.contains($0) }) {
            return "write \(before.appending(key).text)"
        }
        if let part = rest.first, let near = nearestName(to: part, in: keys.prefix(2_000)) {
            return "did you mean '\(before.appending(near).text)'?"
        }
        return keys.isEmpty ? "it is empty" : "its keys are \(keys.listed(10))"
    }

    private static func warning(of document: PromptDocument) -> Diagnostic? {
        guard document.root?.entries != nil || document.root?.items != nil else { return nil }
        let keys = document.promptKeys(limit: 3)
        guard let first = keys.first else { return nil }
        let format = document.path.hasSuffix(".json") ? "JSON" : "YAML"
        return .warning(
            .registeredAsIs, "the file is \(format) with texts in it, and is registered as it stands",
            at: SourceLocation(file: document.path),
            help:
                "name a text in it, such as key: \(first.text); front_matter: keep means the file as it stands"
        )
    }
}

extension PromptDocument {
    /// Whether it is several YAML documents, of which the first is no mere text.
    fileprivate var hasSeveral: Bool {
        (root?.entries != nil || root?.items != nil) && diagnostics.contains { $0.code == .yamlDocuments }
    }

    /// The texts below a value that read like prompts.
    fileprivate func promptKeys(under path: DocumentKey, _ value: YAMLNode) -> [DocumentKey] {
        promptKeys(limit: 1_000).filter { $0.parts.starts(with: path.parts) }
    }
}

extension YAMLNode {
    /// The messages of a chat prompt: a list of mappings with roles, or one under `messages`; nil where it is neither.
    var messages: YAMLNode? {
        if let inner = self["messages"] { return inner.isListOfMessages ? inner : nil }
        return isListOfMessages ? self : nil
    }

    /// How a message is written that is one here.
    static let messageForm = "write each message as {role: user, content: …}"

    /// What a message of LangChain begins with, or has as its type.
    static let rolesOfLangChain = ["system", "human", "user", "ai", "assistant", "placeholder"]

    /// Whether it is a list of messages as LangChain's `from_messages` takes them, or one under `messages`: pairs of a role
    /// and a text, or mappings that have the role as their `type`; or a chat as LangChain's `dumps` writes it.
    var hasMessagesOfLangChain: Bool {
        let body = self["lc"] == nil ? self : self["kwargs"] ?? self
        guard let items = (body["messages"] ?? body).items, !items.isEmpty else { return false }
        return items.allSatisfy { item in
            if item["role"] != nil { return true }
            if item["lc"] != nil { return item["id"]?.items?.last?.text?.contains("Message") == true }
            let pair = item.items?.count == 2 ? item.items?.first : nil
            let hasContent = item["content"] != nil || item["data"] != nil
            guard let role = (pair ?? (hasContent ? item["type"] : nil))?.text else { return false }
            return Self.rolesOfLangChain.contains(role)
        }
    }

    private var isListOfMessages: Bool {
        guard let items, !items.isEmpty else { return false }
        return items.allSatisfy { $0["role"] != nil }
    }

    /// A mapping without its messages, and without what says that it has some.
    var withoutMessages: YAMLNode {
        let rest = (entries ?? []).filter { entry in
            let isKind =
                ["format", "type", "kind", "_type"].contains(entry.key) && entry.value.text == "chat"
            return entry.key != "messages" && !isKind
        }
        return YAMLNode(value: .mapping(rest), location: location)
    }
}
