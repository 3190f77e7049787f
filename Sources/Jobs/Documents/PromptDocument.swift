import Diagnostics
import Support
import Templates
import YAML

/// A YAML or JSON file that prompts are read from.
struct PromptDocument {
    /// The path, as it is shown to the user.
    let path: String
    /// The whole text.
    let raw: String
    /// The value; nil where it cannot be read.
    let root: YAMLNode?
    /// What is wrong with the file as YAML or JSON.
    let diagnostics: [Diagnostic]
    /// The lines, for the places of texts in it.
    let lines: [Substring.UnicodeScalarView]

    /// What a merge left in the file; it is no YAML then.
    let conflict: Diagnostic?

    /// The endings of such files.
    static let endings = [".yaml", ".yml", ".json"]

    /// Whether a file is YAML or JSON, by its ending.
    static func isDocument(_ path: String) -> Bool { endings.contains(where: path.hasSuffix) }

    /// Whether it is JSON, by its ending.
    var isJSON: Bool { path.lowercased().hasSuffix(".json") }

    /// Reads a file.
    ///
    /// - Parameters:
    ///   - raw: The whole text.
    ///   - path: The path, as it is shown to the user; its ending tells JSON from YAML.
    ///   - limits: How much it may hold.
    init(_ raw: String, path: String, limits: DocumentLimits = .init()) {
        (self.path, self.raw) = (path, raw)
        conflict = Diagnostic.conflict(in: raw, path: path)
        let parsed = parseDocument(raw, file: path, limits: limits)
        // Every prompt of the file tells them.
        (root, diagnostics) = (parsed.root, Array(parsed.diagnostics.prefix(20)))
        let text =
            raw.unicodeScalars.first == "\u{FEFF}" ? raw.unicodeScalars.dropFirst() : raw.unicodeScalars[...]
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    }

    /// The texts and lists of messages in a value that read like prompts, as keys that lead to them.
    ///
    /// - Parameter limit: The most that are wanted.
    /// - Returns: The keys.
    func promptKeys(limit: Int) -> [DocumentKey] {
        var found: [DocumentKey] = []
        func search(_ node: YAMLNode, _ path: DocumentKey) {
            if found.count >= limit || path.parts.count > 8 { return }
            if !path.parts.isEmpty, node.messages != nil || node.hasMessagesOfLangChain {
                return found.append(path)
            }
            if let text = node.text, text.readsLikeProse, !path.parts.isEmpty {
                found.append(path)
            }
            for entry in node.entries ?? [] { search(entry.value, path.appending(entry.key)) }
            for (index, item) in (node.items ?? []).enumerated() {
                search(item, path.appending(String(index)))
            }
        }
        if let root { search(root, DocumentKey()) }
        return found
    }
}

extension String {
    /// Whether it has words, or what reads like a variable; one in a path or an address makes no prompt of that.
    fileprivate var readsLikeProse: Bool {
        if contains(where: \.isWhitespace) { return true }
        guard !contains("/") else { return false }
        return zip(utf8, utf8.dropFirst()).contains { brace, next in
            brace == UInt8(ascii: "{")
                && (next == UInt8(ascii: "_")
                    || next | 0x20 >= UInt8(ascii: "a") && next | 0x20 <= UInt8(ascii: "z"))
        } && !contains("${")
    }
}

extension TemplateText {
    /// A text of a YAML file, with its place.
    ///
    /// The lines of a literal block are indented lines of the file. In YAML's other styles lines are joined or escaped,
    /// so that places on the first line alone are exact.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - node: Its node.
    ///   - lines: The lines of the file.
    init(_ text: String, of node: YAMLNode, in lines: [Substring.UnicodeScalarView]) {
        let start = node.location
        let line = lines.indices.contains(start.line - 1) ? lines[start.line - 1] : .init()
        switch line.dropFirst(start.column - 1).first {
        case "|" where lines.indices.contains(start.line):
            let indentation = lines[start.line].prefix { $0 == " " }.count
            self.init(
                text, start: SourceLocation(file: start.file, line: start.line + 1, column: indentation + 1),
                indentation: indentation)
        case "\"", "'":
            self.init(
                text, start: SourceLocation(file: start.file, line: start.line, column: start.column + 1))
        default: self.init(text, start: start)
        }
    }
}
