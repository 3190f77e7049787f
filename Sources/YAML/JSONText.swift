import Diagnostics

/// JSON as it is written: objects keep their order and numbers their digits, which `JSONValue` gives up.
package indirect enum JSONText: Hashable, Sendable {
    /// A number, `true`, `false` or `null`, as it is written.
    case literal(String)
    /// A text, without its quotes and escapes.
    case string(String)
    /// A list.
    case array([JSONText])
    /// An object.
    case object([Member])

    /// A key of an object with its value.
    package struct Member: Hashable, Sendable {
        /// The key.
        package var key: String
        /// The value.
        package var value: JSONText

        /// A key with its value.
        package init(_ key: String, _ value: JSONText) {
            self.key = key
            self.value = value
        }
    }

    /// No value.
    package static let null = JSONText.literal("null")

    /// A whole number; nil is `null`.
    package init(_ number: Int?) { self = number.map { .literal(String($0)) } ?? .null }

    /// A text; nil is `null`.
    package init(_ text: String?) { self = text.map(JSONText.string) ?? .null }

    /// A flag.
    package init(_ flag: Bool) { self = .literal(flag ? "true" : "false") }

    /// A list of texts.
    package init(_ texts: [String]) { self = .array(texts.map(JSONText.string)) }

    /// JSON that a registry holds as a text; a text that is no JSON stays a text, and nil is `null`.
    package init(stored text: String?) {
        guard let text else {
            self = .null
            return
        }
        self = JSONText(parsing: text) ?? .string(text)
    }

    /// Reads JSON.
    ///
    /// - Parameter text: The text; nil is the result where it is no JSON, or too deep to be anybody's.
    package init?(parsing text: String) {
        let parsed = parseJSON(Array(text.utf8), file: "", limits: YAMLLimits(maxDepth: 512))
        // A byte order mark belongs to a file, and there is none here.
        guard let root = parsed.root, parsed.diagnostics.isEmpty, text.unicodeScalars.first != "\u{FEFF}"
        else { return nil }
        let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
        self.init(root, in: lines)
    }

    /// A value that was read, with its numbers as the text has them.
    private init(_ node: YAMLNode, in lines: [Substring.UnicodeScalarView]) {
        switch node.value {
        case .null: self = .null
        case .bool(let flag): self.init(flag)
        case .int, .float:
            let line = lines[node.location.line - 1]
            self = .literal(String(line.dropFirst(node.location.column - 1).prefix(node.length)))
        case .string(let text): self = .string(text)
        case .sequence(let items): self = .array(items.map { JSONText($0, in: lines) })
        case .mapping(let entries):
            self = .object(entries.map { Member($0.key, JSONText($0.value, in: lines)) })
        }
    }

    /// The lines of the value, with an element of a list and a key of an object on each.
    ///
    /// - Parameter sortingKeys: Whether the order of keys is of no interest.
    /// - Returns: The lines. They hold nothing that would steer a terminal.
    package func lines(sortingKeys: Bool = false) -> [String] {
        var writer = Writer(sortsKeys: sortingKeys)
        writer.write(self, indent: "")
        return writer.lines
    }

    /// The value over several lines, ended by a newline.
    package var document: String { lines().joined(separator: "\n") + "\n" }
}

/// Lays JSON out over lines.
private struct Writer {
    let sortsKeys: Bool
    var lines: [String] = [""]

    init(sortsKeys: Bool) { self.sortsKeys = sortsKeys }

    mutating func write(_ value: JSONText, indent: String) {
        switch value {
        case .literal(let text): lines[lines.count - 1] += text
        case .string(let text): lines[lines.count - 1] += Self.quoted(text)
        case .array(let items):
            write(items.map { (nil, $0) }, between: ("[", "]"), indent: indent)
        case .object(let members):
            // Sorted by their bytes, as Swift's own order takes two spellings of é for the same.
            let sorted =
                sortsKeys ? members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) } : members
            write(sorted.map { ($0.key, $0.value) }, between: ("{", "}"), indent: indent)
        }
    }

    private mutating func write(
        _ members: [(key: String?, value: JSONText)], between brackets: (String, String), indent: String
    ) {
        lines[lines.count - 1] += brackets.0
        for (index, member) in members.enumerated() {
            lines.append(indent + "  ")
            if let key = member.key { lines[lines.count - 1] += Self.quoted(key) + ": " }
            write(member.value, indent: indent + "  ")
            if index < members.count - 1 { lines[lines.count - 1] += "," }
        }
        if !members.isEmpty { lines.append(indent) }
        lines[lines.count - 1] += brackets.1
    }

    /// A text as JSON has it, with all that would steer a terminal as `\uXXXX`.
    private static func quoted(_ text: String) -> String {
        var result = String.UnicodeScalarView("\"".unicodeScalars)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result.append(contentsOf: "\\\"".unicodeScalars)
            case "\\": result.append(contentsOf: "\\\\".unicodeScalars)
            case "\n": result.append(contentsOf: "\\n".unicodeScalars)
            case "\r": result.append(contentsOf: "\\r".unicodeScalars)
            case "\t": result.append(contentsOf: "\\t".unicodeScalars)
            case "\0"..<" ", "\u{7F}"..."\u{9F}", "\u{200E}", "\u{200F}", "\u{2028}"..."\u{202E}",
                "\u{2066}"..."\u{2069}":
                let digits = String(scalar.value, radix: 16)
                let escape = "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                result.append(contentsOf: escape.unicodeScalars)
            default: result.append(scalar)
            }
        }
        result.append("\"")
        return String(result)
    }
}
