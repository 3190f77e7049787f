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

    /// Reads the messages of a chat prompt.
    ///
    /// - Parameters:
    ///   - text: The file's text.
    ///   - path: The file, as it is shown to the user.
    init(_ text: String, path: String) {
        let bytes = Array(text.utf8)
        let parsed = path.hasSuffix(".json") ? parseJSON(bytes, file: path) : parseYAML(bytes, file: path)
        diagnostics = parsed.diagnostics
        if diagnostics.contains(where: { $0.severity == .error }) { return }
        guard let root = parsed.root else {
            let place = SourceLocation(file: path)
            diagnostics.append(
                .error(.badChat, "the chat prompt is empty; it must be a list of messages", at: place))
            return
        }
        guard let items = root.items, !items.isEmpty else {
            report("a chat prompt must be a list of messages", root, help: "each with a role and a content")
            return
        }
        let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
        var reader = MessageReader { text, node in Self.place(text, of: node, in: lines) }
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

    /// A content with its place in the file.
    ///
    /// The lines of a literal block are indented lines of the file. In YAML's other styles lines are joined or
    /// escaped, so only places on the first line are exact.
    private static func place(_ text: String, of node: YAMLNode, in lines: [Substring.UnicodeScalarView])
        -> TemplateText
    {
        let start = node.location
        let line = lines.indices.contains(start.line - 1) ? lines[start.line - 1] : .init()
        switch line.dropFirst(start.column - 1).first {
        case "|" where lines.indices.contains(start.line):
            let indentation = lines[start.line].prefix { $0 == " " }.count
            return TemplateText(
                text, start: SourceLocation(file: start.file, line: start.line + 1, column: indentation + 1),
                indentation: indentation)
        case "\"", "'":
            return TemplateText(
                text, start: SourceLocation(file: start.file, line: start.line, column: start.column + 1))
        default: return TemplateText(text, start: start)
        }
    }
}
