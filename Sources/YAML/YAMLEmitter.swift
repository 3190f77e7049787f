package import Support

extension JSONValue {
    /// The value as block-style YAML that ends with a newline.
    ///
    /// Readers of YAML 1.1, such as PyYAML, and of YAML 1.2 read the same value back.
    package var yamlText: String { YAMLEmitter.text(self) }

    /// The same for people to read and edit: texts of several lines are literal blocks where possible.
    package var readableYAMLText: String { YAMLEmitter.text(self, writesBlocks: true) }
}

/// Writes values as YAML that YAML 1.1 and 1.2 readers read alike.
struct YAMLEmitter {
    private var output: [UInt8] = []
    private let writesBlocks: Bool

    private init(writesBlocks: Bool) { self.writesBlocks = writesBlocks }

    /// The longest key that is written before its colon; readers look no further than 1024 characters for it.
    private static let longestSimpleKey = 400

    /// The value as block-style text that ends with a newline.
    ///
    /// - Parameters:
    ///   - value: The value.
    ///   - writesBlocks: Whether mappings' texts of several lines become literal blocks.
    /// - Returns: The text.
    static func text(_ value: JSONValue, writesBlocks: Bool = false) -> String {
        var emitter = YAMLEmitter(writesBlocks: writesBlocks)
        emitter.output.reserveCapacity(256)
        switch value {
        case .array(let items) where !items.isEmpty: emitter.sequence(items, indent: 0)
        case .object(let members) where !members.isEmpty: emitter.mapping(members, indent: 0)
        default:
            emitter.inline(value)
            emitter.output += "\n".utf8
        }
        return String(decoding: emitter.output, as: UTF8.self)
    }

    // MARK: Structure

    /// The members of a mapping; the first line is already indented.
    private mutating func mapping(_ members: [JSONValue.Member], indent: Int) {
        for (index, member) in members.enumerated() {
            if index > 0 { spaces(indent) }
            if member.key.utf8.count > Self.longestSimpleKey {
                output += "? ".utf8
                string(member.key)
                output += "\n".utf8
                spaces(indent)
            } else {
                string(member.key)
            }
            output += ":".utf8
            switch member.value {
            case .object(let members) where !members.isEmpty:
                newline(indent + 2)
                mapping(members, indent: indent + 2)
            case .array(let items) where !items.isEmpty:
                newline(indent)
                sequence(items, indent: indent)
            case .string(let text) where writesBlocks && ScalarStyle.canBeBlock(text):
                block(text, indent: indent + 2)
            default:
                output += " ".utf8
                inline(member.value)
                output += "\n".utf8
            }
        }
    }

    /// The items of a list; the first line is already indented.
    private mutating func sequence(_ items: [JSONValue], indent: Int) {
        for (index, item) in items.enumerated() {
            if index > 0 { spaces(indent) }
            output += "- ".utf8
            switch item {
            case .object(let members) where !members.isEmpty: mapping(members, indent: indent + 2)
            case .array(let items) where !items.isEmpty: sequence(items, indent: indent + 2)
            default:
                inline(item)
                output += "\n".utf8
            }
        }
    }

    private mutating func newline(_ indent: Int) {
        output += "\n".utf8
        spaces(indent)
    }

    private mutating func spaces(_ count: Int) {
        output += repeatElement(UInt8(ascii: " "), count: count)
    }

    // MARK: Scalars

    /// A scalar or an empty collection.
    private mutating func inline(_ value: JSONValue) {
        switch value {
        case .null: output += "null".utf8
        case .bool(let bool): output += (bool ? "true" : "false").utf8
        case .number(let text): output += Self.number(text).utf8
        case .string(let text): string(text)
        case .array: output += "[]".utf8
        case .object: output += "{}".utf8
        }
    }

    /// YAML 1.1 reads a number with an exponent as text unless it has a point, and a sign before the exponent.
    private static func number(_ text: String) -> String {
        guard let mark = text.firstIndex(where: { $0 == "e" || $0 == "E" }) else { return text }
        let exponent = text[mark...].dropFirst()
        let hasSign = exponent.first == "-" || exponent.first == "+"
        return text[..<mark] + (text.contains(".") ? "" : ".0") + text[mark...mark]
            + (hasSign ? "" : "+") + exponent
    }

    private mutating func string(_ text: String) {
        switch ScalarStyle(for: text) {
        case .plain: output += text.utf8
        case .singleQuoted:
            output += "'\(text)'".utf8
        case .doubleQuoted: doubleQuoted(text)
        }
    }

    /// A literal block, after the colon of its key.
    private mutating func block(_ text: String, indent: Int) {
        output += " |".utf8
        var bytes = Array(text.utf8)[...]
        // Readers cannot infer the indentation from a first line that is blank or begins with a blank.
        if let first = bytes.first, [0x20, 0x09, 0x0A].contains(first) { output += "2".utf8 }
        if bytes.last != UInt8(ascii: "\n") {
            output += "-".utf8
        } else {
            bytes.removeLast()
            if bytes.last == UInt8(ascii: "\n") { output += "+".utf8 }
        }
        for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            output += "\n".utf8
            if !line.isEmpty { spaces(indent) }
            output += line
        }
        output += "\n".utf8
    }

    private mutating func doubleQuoted(_ text: String) {
        output += "\"".utf8
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": output += "\\\"".utf8
            case "\\": output += "\\\\".utf8
            case "\n": output += "\\n".utf8
            case "\r": output += "\\r".utf8
            case "\t": output += "\\t".utf8
            case _ where ScalarStyle.isWrittenAsEscape(scalar):
                let digits = String(scalar.value, radix: 16, uppercase: true)
                output += ("\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits).utf8
            default: output += UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
            }
        }
        output += "\"".utf8
    }
}
