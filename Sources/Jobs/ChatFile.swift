import Diagnostics
import Prompts
import Support
import Templates
import YAML

extension Diagnostic.Code {
    static let badChat = Self(rawValue: "bad-chat")
}

/// A chat prompt's file: a YAML list of messages.
struct ChatFile {
    /// The problems of the messages, apart from those of the templates in them.
    private(set) var diagnostics: [Diagnostic]
    /// The texts that variables are looked for in, and their places: contents, and the texts of their parts.
    private(set) var contents: [TemplateText] = []
    /// The texts that are registered as they are.
    private(set) var others: [TemplateText] = []
    /// The message of each content, from 1; nil where it is not the whole content.
    private(set) var messageNumbers: [Int?] = []
    private var messages: [MessageValue] = []

    /// Reads the messages of a file that has to be a chat prompt.
    ///
    /// - Parameter document: The file: a list of messages, or a mapping with one under `messages`.
    init(_ document: PromptDocument) {
        diagnostics = document.diagnostics
        if !diagnostics.isEmpty { return }
        if let root = document.root {
            read(root["messages"] ?? root, document)
        } else {
            let message = "the chat prompt is empty; it must be a list of messages"
            diagnostics.append(.error(.badChat, message, at: SourceLocation(file: document.path)))
        }
    }

    /// Reads messages.
    ///
    /// - Parameters:
    ///   - node: The list.
    ///   - document: The file that it is in.
    init(_ node: YAMLNode, in document: PromptDocument) {
        diagnostics = []
        read(node, document)
    }

    /// The messages that a text marks.
    init(_ marked: [MarkedMessage]) {
        diagnostics = marked.compactMap { message in
            message.mark.flatMap { MessageReader.warning(ofRole: message.role, at: $0, length: 1) }
        }
        contents = marked.map(\.text)
        messageNumbers = marked.indices.map { $0 + 1 }
        messages = marked.enumerated().map { index, message in
            .object([("role", .value(.string(message.role))), ("content", .text(index))])
        }
    }

    private mutating func read(_ node: YAMLNode, _ document: PromptDocument) {
        guard let items = node.items, !items.isEmpty else {
            report("a chat prompt must be a list of messages", node, help: "each with a role and a content")
            return
        }
        var reader = MessageReader { text, node in TemplateText(text, of: node, in: document.lines) }
        for item in items {
            let known = reader.texts.count
            if let message = reader.read(item) { messages.append(message) }
            messageNumbers += reader.texts[known...].map { $0.decidesSyntax ? messages.count : nil }
        }
        (contents, others) = (reader.texts, reader.others)
        diagnostics += reader.diagnostics
    }

    /// The messages as MLflow keeps them: a JSON list.
    ///
    /// - Parameter texts: The texts to register in place of the contents.
    /// - Returns: The JSON text.
    func json(with texts: [String]) -> String {
        JSONValue.array(messages.map { $0.json(texts) }).serialized
    }

    private mutating func report(_ message: String, _ node: YAMLNode, help: String? = nil) {
        diagnostics.append(node.error(.badChat, message, help: help))
    }
}
