import Diagnostics

/// Reads a JSON text, which YAML's readers do not take whole: they know no surrogate pairs.
///
/// - Parameters:
///   - bytes: The text, UTF-8 with or without a byte order mark, which no column counts.
///   - file: The path as it is shown to the user.
///   - limits: How large it may be.
/// - Returns: The value, and the first thing that is wrong with it and all duplicate keys.
package func parseJSON(_ bytes: [UInt8], file: String, limits: YAMLLimits = .init()) -> ParsedYAML {
    var reader = JSONReader(bytes, file: file, limits: limits)
    let root = reader.document()
    return ParsedYAML(root: root, diagnostics: reader.problems.map { $0.diagnostic(in: file) })
}

extension YAMLValue {
    /// Reads a JSON text; keys stay in their order.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - limits: How large it may be.
    /// - Throws: The first thing that is wrong with it, duplicate keys included.
    package init(parsingJSON text: String, limits: YAMLLimits = .init()) throws(YAMLSyntaxError) {
        var reader = JSONReader(Array(text.utf8), file: "", limits: limits)
        let root = reader.document()
        if let first = reader.problems.min(by: { $0.place < $1.place }) {
            throw YAMLSyntaxError(line: first.place.line, column: first.place.column, message: first.message)
        }
        self = root?.plain ?? .null
    }
}

/// Builds nodes from JSON (RFC 8259).
private struct JSONReader {
    private let bytes: [UInt8]
    private let file: String
    private let limits: YAMLLimits
    private var offset = 0
    private var nodes = 0
    /// An offset whose place is known, so that places in order read the text once.
    private var mark = (offset: 0, place: YAMLPlace(line: 1, column: 1))
    private(set) var problems: [YAMLProblem] = []

    init(_ bytes: [UInt8], file: String, limits: YAMLLimits) {
        self.bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
        self.file = file
        self.limits = limits
    }

    /// The value; nil when it could not be read to its end.
    mutating func document() -> YAMLNode? {
        do throws(YAMLProblem) {
            if bytes.count > limits.maxBytes {
                throw problem("the file has more than \(limits.maxBytes) bytes", code: .yamlLimit)
            }
            if let invalid = YAMLParser.invalidByte(in: bytes) {
                offset = invalid
                throw problem("the text is not UTF-8 here", code: .yamlEncoding, help: "save it as UTF-8")
            }
            let root = try value(depth: 1)
            skipSpaces()
            if offset < bytes.count { throw problem("the text goes on after the value") }
            return root
        } catch {
            problems.append(error)
            return nil
        }
    }

    // MARK: Values

    private mutating func value(depth: Int) throws(YAMLProblem) -> YAMLNode {
        skipSpaces()
        nodes += 1
        if nodes > limits.maxNodes {
            throw problem("the text holds more than \(limits.maxNodes) values", code: .yamlLimit)
        }
        let start = place(at: offset)
        let first = offset
        let location = SourceLocation(file: file, line: start.line, column: start.column)
        switch byte {
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            if depth > limits.maxDepth {
                throw problem(
                    "lists and objects are nested more than \(limits.maxDepth) deep", code: .yamlLimit)
            }
            let value = byte == UInt8(ascii: "{") ? try object(depth: depth) : try list(depth: depth)
            return YAMLNode(value: value, location: location)
        case UInt8(ascii: "\""):
            let text = try string()
            return YAMLNode(value: .string(text), location: location, length: length(from: first))
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            let number = try number()
            return YAMLNode(value: number, location: location, length: length(from: first))
        default:
            let word = try word()
            return YAMLNode(value: word, location: location, length: length(from: first))
        }
    }

    private mutating func object(depth: Int) throws(YAMLProblem) -> YAMLNode.Value {
        var entries: [YAMLEntry] = []
        var keys: Set<[UInt8]> = []
        try elements(until: UInt8(ascii: "}")) { reader throws(YAMLProblem) in
            guard reader.byte == UInt8(ascii: "\"") else {
                throw reader.problem("a key in double quotes is missing here")
            }
            let (start, place) = (reader.offset, reader.place(at: reader.offset))
            let key = try reader.string()
            let length = reader.length(from: start)
            reader.skipSpaces()
            guard reader.take(UInt8(ascii: ":")) else { throw reader.problem("a ':' is missing here") }
            let value = try reader.value(depth: depth + 1)
            guard keys.insert(Array(key.utf8)).inserted else {
                reader.problems.append(
                    YAMLProblem(
                        code: .yamlDuplicateKey, message: "the key '\(key)' is there already", place: place,
                        length: length))
                return
            }
            let location = SourceLocation(file: reader.file, line: place.line, column: place.column)
            entries.append(YAMLEntry(key: key, keyLocation: location, keyLength: length, value: value))
        }
        return .mapping(entries)
    }

    private mutating func list(depth: Int) throws(YAMLProblem) -> YAMLNode.Value {
        var items: [YAMLNode] = []
        try elements(until: UInt8(ascii: "]")) { reader throws(YAMLProblem) in
            items.append(try reader.value(depth: depth + 1))
        }
        return .sequence(items)
    }

    /// Reads what stands between two brackets, with commas between.
    private mutating func elements(
        until end: UInt8, _ element: (inout JSONReader) throws(YAMLProblem) -> Void
    ) throws(YAMLProblem) {
        offset += 1
        skipSpaces()
        if take(end) { return }
        while true {
            try element(&self)
            skipSpaces()
            if take(end) { return }
            guard take(UInt8(ascii: ",")) else {
                throw problem("a ',' or a '\(Unicode.Scalar(end))' is missing here")
            }
            skipSpaces()
            if byte == end { throw problem("JSON has no comma after the last element") }
        }
    }

    // MARK: Scalars

    private mutating func word() throws(YAMLProblem) -> YAMLNode.Value {
        let start = offset
        while byte.isJSONWordByte { offset += 1 }
        switch String(decoding: bytes[start..<offset], as: UTF8.self) {
        case "null": return .null
        case "true": return .bool(true)
        case "false": return .bool(false)
        case let word:
            offset = start
            throw problem(word.isEmpty ? "a value is missing here" : "'\(word)' is no value of JSON")
        }
    }

    private mutating func number() throws(YAMLProblem) -> YAMLNode.Value {
        let start = offset
        _ = take(UInt8(ascii: "-"))
        let leadsWithZero = byte == UInt8(ascii: "0")
        let wholeDigits = takeDigits()
        var isSound = wholeDigits == 1 || (wholeDigits > 1 && !leadsWithZero)
        var isWhole = true
        if take(UInt8(ascii: ".")) {
            isWhole = false
            isSound = takeDigits() > 0 && isSound
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            isWhole = false
            if !take(UInt8(ascii: "-")) { _ = take(UInt8(ascii: "+")) }
            isSound = takeDigits() > 0 && isSound
        }
        let text = String(decoding: bytes[start..<offset], as: UTF8.self)
        if isWhole, isSound, let int = Int(text) { return .int(int) }
        guard isSound, let float = Double(text), float.isFinite else {
            offset = start
            throw problem(
                isSound ? "the number '\(text)' is too large" : "'\(text)' is no number of JSON")
        }
        return .float(float)
    }

    private mutating func takeDigits() -> Int {
        let start = offset
        while (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { offset += 1 }
        return offset - start
    }

    private mutating func string() throws(YAMLProblem) -> String {
        offset += 1
        var text: [UInt8] = []
        while true {
            let start = offset
            while offset < bytes.count, byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
                offset += 1
            }
            text += bytes[start..<offset]
            if take(UInt8(ascii: "\"")) { return String(decoding: text, as: UTF8.self) }
            guard byte == UInt8(ascii: "\\") else {
                throw problem(
                    offset < bytes.count
                        ? "a control character in a text has to be written as an escape"
                        : "the text is not closed")
            }
            text += Array(String(try escape()).utf8)
        }
    }

    /// The character of the escape here.
    private mutating func escape() throws(YAMLProblem) -> Unicode.Scalar {
        let start = offset
        offset += 2
        switch bytes.indices.contains(offset - 1) ? bytes[offset - 1] : 0 {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"):
            guard let unit = takeHexDigits() else { break }
            if let scalar = Unicode.Scalar(unit) { return scalar }
            guard take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")), let low = takeHexDigits(),
                UTF16.isLeadSurrogate(unit), UTF16.isTrailSurrogate(low)
            else {
                offset = start
                throw problem("half of a surrogate pair is no character")
            }
            return UTF16.decode(UTF16.EncodedScalar([unit, low]))
        default: break
        }
        offset = start
        throw problem("'\\' begins no escape of JSON here")
    }

    private mutating func takeHexDigits() -> UInt16? {
        let digits = String(decoding: bytes[offset..<min(offset + 4, bytes.count)], as: UTF8.self)
        guard digits.utf8.count == 4, digits.allSatisfy(\.isHexDigit), let unit = UInt16(digits, radix: 16)
        else { return nil }
        offset += 4
        return unit
    }

    // MARK: The text

    /// The byte here; 0 at the end.
    private var byte: UInt8 { offset < bytes.count ? bytes[offset] : 0 }

    private mutating func skipSpaces() {
        while byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { offset += 1 }
    }

    private mutating func take(_ wanted: UInt8) -> Bool {
        guard offset < bytes.count, byte == wanted else { return false }
        offset += 1
        return true
    }

    /// How many characters stand between an offset and here; no value breaks its line.
    private func length(from start: Int) -> Int { max(1, bytes[start..<offset].count { $0 & 0xC0 != 0x80 }) }

    /// The place of an offset; what is asked for in order takes one walk over the text.
    private mutating func place(at target: Int) -> YAMLPlace {
        if target < mark.offset { mark = (0, YAMLPlace(line: 1, column: 1)) }
        for byte in bytes[mark.offset..<target] {
            if byte == UInt8(ascii: "\n") {
                mark.place = YAMLPlace(line: mark.place.line + 1, column: 1)
            } else if byte & 0xC0 != 0x80 {
                mark.place.column += 1
            }
        }
        mark.offset = target
        return mark.place
    }

    private mutating func problem(
        _ message: String, code: Diagnostic.Code = .jsonSyntax, help: String? = nil
    ) -> YAMLProblem {
        YAMLProblem(code: code, message: message, place: place(at: min(offset, bytes.count)), help: help)
    }
}

extension UInt8 {
    /// Whether this may stand in one of JSON's words, or in what is meant as one.
    fileprivate var isJSONWordByte: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
