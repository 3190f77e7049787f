package import Support

extension JSONValue {
    /// The value as block-style YAML that ends with a newline.
    ///
    /// Readers of YAML 1.1, such as PyYAML, and of YAML 1.2 read the same value back.
    package var yamlText: String { YAMLEmitter.text(self) }

    /// The same for people to read and edit: what has several lines is a literal block, as far as that can be.
    package var readableYAMLText: String { YAMLEmitter.text(self, writesBlocks: true) }
}

/// Writes values as YAML that YAML 1.1 and 1.2 readers read alike.
struct YAMLEmitter {
    private var output: [UInt8] = []
    /// Whether the texts of mappings that have several lines become literal blocks, for people to read and edit.
    private let writesBlocks: Bool

    private init(writesBlocks: Bool) { self.writesBlocks = writesBlocks }

    /// The longest key that is written before its colon; readers look no further than 1024 characters for it.
    private static let longestSimpleKey = 400

    /// The value as block-style text that ends with a newline.
    ///
    /// - Parameters:
    ///   - value: The value.
    ///   - writesBlocks: Whether the texts of mappings that have several lines become literal blocks.
    /// - Returns: The text.
    static func text(_ value: JSONValue, writesBlocks: Bool = false) -> String {
        var emitter = YAMLEmitter(writesBlocks: writesBlocks)
        emitter.output.reserveCapacity(256)
        switch value {
        case .array(let items) where !items.isEmpty: emitter.sequence(items, indent: 0)
        case .object(let members) where !members.isEmpty: emitter.mapping(members, indent: 0)
        default:
            emitter.inline(value)
            emitter.output.append(UInt8(ascii: "\n"))
        }
        return String(decoding: emitter.output, as: UTF8.self)
    }

    // MARK: Structure

    /// The pairs of a mapping; the indentation of the first line is there already.
    private mutating func mapping(_ members: [JSONValue.Member], indent: Int) {
        var isFirst = true
        for member in members {
            if !isFirst { spaces(indent) }
            isFirst = false
            if member.key.utf8.count > Self.longestSimpleKey {
                output.append(contentsOf: "? ".utf8)
                string(member.key)
                output.append(UInt8(ascii: "\n"))
                spaces(indent)
            } else {
                string(member.key)
            }
            output.append(UInt8(ascii: ":"))
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
                output.append(UInt8(ascii: " "))
                inline(member.value)
                output.append(UInt8(ascii: "\n"))
            }
        }
    }

    /// The items of a list; the indentation of the first line is there already.
    private mutating func sequence(_ items: [JSONValue], indent: Int) {
        var isFirst = true
        for item in items {
            if !isFirst { spaces(indent) }
            isFirst = false
            output.append(contentsOf: "- ".utf8)
            switch item {
            case .object(let members) where !members.isEmpty: mapping(members, indent: indent + 2)
            case .array(let items) where !items.isEmpty: sequence(items, indent: indent + 2)
            default:
                inline(item)
                output.append(UInt8(ascii: "\n"))
            }
        }
    }

    private mutating func newline(_ indent: Int) {
        output.append(UInt8(ascii: "\n"))
        spaces(indent)
    }

    private mutating func spaces(_ count: Int) {
        output.append(contentsOf: repeatElement(UInt8(ascii: " "), count: count))
    }

    // MARK: Scalars

    /// A scalar or an empty collection.
    private mutating func inline(_ value: JSONValue) {
        switch value {
        case .null: output.append(contentsOf: "null".utf8)
        case .bool(let bool): output.append(contentsOf: (bool ? "true" : "false").utf8)
        case .number(let text): output.append(contentsOf: Self.number(text).utf8)
        case .string(let text): string(text)
        case .array: output.append(contentsOf: "[]".utf8)
        case .object: output.append(contentsOf: "{}".utf8)
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
        case .plain: output.append(contentsOf: text.utf8)
        case .singleQuoted:
            output.append(UInt8(ascii: "'"))
            output.append(contentsOf: text.utf8)
            output.append(UInt8(ascii: "'"))
        case .doubleQuoted: doubleQuoted(text)
        }
    }

    /// A literal block, behind the colon of its key.
    private mutating func block(_ text: String, indent: Int) {
        output.append(contentsOf: " |".utf8)
        var bytes = Array(text.utf8)[...]
        // The indentation cannot be told by a first line that is blank or begins with blanks.
        if bytes.first.map({ [0x20, 0x09, 0x0A].contains($0) }) ?? false {
            output.append(UInt8(ascii: "2"))
        }
        if bytes.last != UInt8(ascii: "\n") {
            output.append(UInt8(ascii: "-"))
        } else {
            bytes.removeLast()
            if bytes.last == UInt8(ascii: "\n") { output.append(UInt8(ascii: "+")) }
        }
        for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            output.append(UInt8(ascii: "\n"))
            if !line.isEmpty { spaces(indent) }
            output.append(contentsOf: line)
        }
        output.append(UInt8(ascii: "\n"))
    }

    private mutating func doubleQuoted(_ text: String) {
        output.append(UInt8(ascii: "\""))
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": output.append(contentsOf: "\\\"".utf8)
            case "\\": output.append(contentsOf: "\\\\".utf8)
            case "\n": output.append(contentsOf: "\\n".utf8)
            case "\r": output.append(contentsOf: "\\r".utf8)
            case "\t": output.append(contentsOf: "\\t".utf8)
            case _ where ScalarStyle.needsEscape(scalar):
                let digits = String(scalar.value, radix: 16, uppercase: true)
                output.append(contentsOf: "\\u".utf8)
                output.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: 4 - digits.utf8.count))
                output.append(contentsOf: digits.utf8)
            default: output.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            }
        }
        output.append(UInt8(ascii: "\""))
    }
}
