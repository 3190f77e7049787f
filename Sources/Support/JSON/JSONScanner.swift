/// Reads the scalars of a JSON text, and knows the position that it has reached.
struct JSONScanner {
    private let bytes: [UInt8]
    private(set) var offset = 0
    /// An offset whose position is known, so that positions in order take one walk over the text.
    private var mark = (offset: 0, position: TextPosition(line: 1, column: 1))

    /// A scanner at the beginning of a text.
    ///
    /// - Throws: What is wrong with the text as a whole: its length or its encoding.
    init(_ bytes: [UInt8], maxBytes: Int) throws(JSONError) {
        self.bytes = bytes
        if bytes.count > maxBytes { throw error("the text has more than \(maxBytes) bytes", .limit) }
        if let invalid = bytes.firstInvalidByte {
            offset = invalid
            throw error("the text is not UTF-8 here", .encoding)
        }
    }

    /// Whether the whole text is read.
    var isAtEnd: Bool { offset >= bytes.count }

    /// Reads a string, a number, `null`, `true` or `false`.
    mutating func scalar() throws(JSONError) -> JSONValue {
        switch byte {
        case UInt8(ascii: "\""): .string(try string())
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): .number(try number())
        default: try word()
        }
    }

    private mutating func word() throws(JSONError) -> JSONValue {
        let start = offset
        while byte.isWordByte { offset += 1 }
        switch String(decoding: bytes[start..<offset], as: UTF8.self) {
        case "null": return .null
        case "true": return .bool(true)
        case "false": return .bool(false)
        case let word:
            offset = start
            throw error(word.isEmpty ? "expected a value" : "'\(word)' is not a JSON value")
        }
    }

    private mutating func number() throws(JSONError) -> String {
        let start = offset
        _ = take(UInt8(ascii: "-"))
        let hasLeadingZero = byte == UInt8(ascii: "0")
        let integerDigits = takeDigits()
        var isValid = integerDigits == 1 || (integerDigits > 1 && !hasLeadingZero)
        if take(UInt8(ascii: ".")) { isValid = takeDigits() > 0 && isValid }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "-")) { _ = take(UInt8(ascii: "+")) }
            isValid = takeDigits() > 0 && isValid
        }
        let text = String(decoding: bytes[start..<offset], as: UTF8.self)
        if isValid { return text }
        offset = start
        throw error("'\(text)' is not a JSON number")
    }

    private mutating func takeDigits() -> Int {
        let start = offset
        while (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { offset += 1 }
        return offset - start
    }

    /// Reads the key of a member and the colon after it.
    ///
    /// - Returns: The key, and its length in the text.
    mutating func key() throws(JSONError) -> (text: String, length: Int) {
        guard byte == UInt8(ascii: "\"") else { throw error("expected a key in double quotes") }
        let start = offset
        let text = try string()
        let length = length(from: start)
        skipSpaces()
        guard take(UInt8(ascii: ":")) else { throw error("expected ':' after the key") }
        return (text, length)
    }

    private mutating func string() throws(JSONError) -> String {
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
                throw error(
                    isAtEnd
                        ? "the string has no closing quote"
                        : "a control character in a string must be escaped")
            }
            text += String(try escape()).utf8
        }
    }

    private mutating func escape() throws(JSONError) -> Unicode.Scalar {
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
                throw error("unpaired surrogate escape")
            }
            return UTF16.decode(UTF16.EncodedScalar([unit, low]))
        default: break
        }
        offset = start
        throw error("invalid escape")
    }

    private mutating func takeHexDigits() -> UInt16? {
        let digits = String(decoding: bytes[offset..<min(offset + 4, bytes.count)], as: UTF8.self)
        guard digits.utf8.count == 4, digits.allSatisfy(\.isHexDigit), let unit = UInt16(digits, radix: 16)
        else { return nil }
        offset += 4
        return unit
    }

    // MARK: Text

    /// The current byte; 0 at the end.
    var byte: UInt8 { offset < bytes.count ? bytes[offset] : 0 }

    /// Skips whitespace.
    mutating func skipSpaces() {
        while byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { offset += 1 }
    }

    /// Moves past the current byte if it is the one wanted.
    mutating func take(_ wanted: UInt8) -> Bool {
        guard offset < bytes.count, byte == wanted else { return false }
        offset += 1
        return true
    }

    /// How many Unicode scalars lie between an offset and here; no scalar value spans lines.
    func length(from start: Int) -> Int { max(1, bytes[start..<offset].count { $0 & 0xC0 != 0x80 }) }

    /// The current position.
    mutating func position() -> TextPosition {
        let target = min(offset, bytes.count)
        if target < mark.offset { mark = (0, TextPosition(line: 1, column: 1)) }
        for byte in bytes[mark.offset..<target] { mark.position.advance(over: byte) }
        mark.offset = target
        return mark.position
    }

    /// An error at the current position.
    mutating func error(_ message: String, _ kind: JSONError.Kind = .syntax) -> JSONError {
        JSONError(kind: kind, message: message, position: position())
    }
}

extension UInt8 {
    /// Whether this may be part of one of JSON's words, or of what is meant as one.
    fileprivate var isWordByte: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
