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
    static func text(_ value: YAMLValue, writesBlocks: Bool = false) -> String {
        var emitter = YAMLEmitter(writesBlocks: writesBlocks)
        emitter.output.reserveCapacity(256)
        switch value {
        case .sequence(let items) where !items.isEmpty: emitter.sequence(items, indent: 0)
        case .mapping(let pairs) where !pairs.isEmpty: emitter.mapping(pairs, indent: 0)
        default:
            emitter.inline(value)
            emitter.output.append(UInt8(ascii: "\n"))
        }
        return String(decoding: emitter.output, as: UTF8.self)
    }

    // MARK: Structure

    /// The pairs of a mapping; the indentation of the first line is there already.
    private mutating func mapping(_ pairs: [YAMLPair], indent: Int) {
        var isFirst = true
        for pair in pairs {
            if !isFirst { spaces(indent) }
            isFirst = false
            if pair.key.utf8.count > Self.longestSimpleKey {
                output.append(contentsOf: "? ".utf8)
                string(pair.key)
                output.append(UInt8(ascii: "\n"))
                spaces(indent)
            } else {
                string(pair.key)
            }
            output.append(UInt8(ascii: ":"))
            switch pair.value {
            case .mapping(let pairs) where !pairs.isEmpty:
                newline(indent + 2)
                mapping(pairs, indent: indent + 2)
            case .sequence(let items) where !items.isEmpty:
                newline(indent)
                sequence(items, indent: indent)
            case .string(let text) where writesBlocks && ScalarStyle.canBeBlock(text):
                block(text, indent: indent + 2)
            default:
                output.append(UInt8(ascii: " "))
                inline(pair.value)
                output.append(UInt8(ascii: "\n"))
            }
        }
    }

    /// The items of a list; the indentation of the first line is there already.
    private mutating func sequence(_ items: [YAMLValue], indent: Int) {
        var isFirst = true
        for item in items {
            if !isFirst { spaces(indent) }
            isFirst = false
            output.append(contentsOf: "- ".utf8)
            switch item {
            case .mapping(let pairs) where !pairs.isEmpty: mapping(pairs, indent: indent + 2)
            case .sequence(let items) where !items.isEmpty: sequence(items, indent: indent + 2)
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
    private mutating func inline(_ value: YAMLValue) {
        switch value {
        case .null: output.append(contentsOf: "null".utf8)
        case .bool(let bool): output.append(contentsOf: (bool ? "true" : "false").utf8)
        case .int(let int): output.append(contentsOf: String(int).utf8)
        case .float(let float): output.append(contentsOf: Self.float(float).utf8)
        case .string(let text): string(text)
        case .sequence: output.append(contentsOf: "[]".utf8)
        case .mapping: output.append(contentsOf: "{}".utf8)
        }
    }

    /// YAML 1.1 takes a number with an exponent for text unless it has a point.
    private static func float(_ value: Double) -> String {
        if value.isNaN { return ".nan" }
        if value.isInfinite { return value < 0 ? "-.inf" : ".inf" }
        let text = value.shortestText
        guard let exponent = text.firstIndex(of: "e"), !text.contains(".") else { return text }
        return text[..<exponent] + ".0" + text[exponent...]
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
