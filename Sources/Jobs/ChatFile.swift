import Diagnostics
import Prompts
import Support
import Templates
import YAML

extension Diagnostic.Code {
    static let badChat = Self(rawValue: "bad-chat")
}

/// A chat prompt's file: a YAML list of `{role, content}`.
struct ChatFile {
    /// The problems of the messages, apart from those of the templates in them.
    private(set) var diagnostics: [Diagnostic]
    /// The content of each valid message, and its place.
    private(set) var contents: [TemplateText] = []
    private var messageRoles: [String] = []

    private static let roles = ["system", "user", "assistant", "tool", "developer", "function"]

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
        for item in items {
            guard let role = role(of: item), let content = content(of: item), let words = content.text else {
                continue
            }
            messageRoles.append(role)
            contents.append(Self.place(words, of: content, in: lines))
        }
    }

    /// The messages as MLflow keeps them: a JSON list.
    ///
    /// - Parameter texts: The texts to register in place of the contents.
    /// - Returns: The JSON text.
    func json(with texts: [String]) -> String {
        ChatMessage.list(zip(messageRoles, texts)).serialized
    }

    private mutating func role(of message: YAMLNode) -> String? {
        guard let entries = message.entries else {
            report("a message must be a mapping with a role and a content, not \(message.kindName)", message)
            return nil
        }
        for entry in entries where entry.key != "role" && entry.key != "content" {
            diagnostics.append(
                entry.keyError(
                    .unknownKey, "unknown key '\(entry.key)' in a message",
                    help: "a message has a role and a content"))
        }
        guard let node = message["role"] else {
            report("the message has no role", message)
            return nil
        }
        guard let role = node.text, Self.roles.contains(role) else {
            report(
                "role must be one of \(Self.roles.joined(separator: ", "))", node,
                help: node.text.flatMap { didYouMean($0, in: Self.roles) })
            return nil
        }
        return role
    }

    private mutating func content(of message: YAMLNode) -> YAMLNode? {
        guard let node = message["content"] else {
            report("the message has no content", message)
            return nil
        }
        guard let text = node.text, !text.isEmpty else {
            report(node.text == nil ? "content must be text" : "the content is empty", node)
            return nil
        }
        return node
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
