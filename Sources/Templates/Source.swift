import Glibc

/// A text as bytes, with Python's classes of characters, by which the syntaxes are defined.
struct Source {
    let bytes: [UInt8]

    init(_ text: String) { self.init(bytes: Array(text.utf8)) }

    init(bytes: [UInt8]) { self.bytes = bytes }

    /// The byte at an offset; 0 past the end.
    subscript(offset: Int) -> UInt8 { offset < bytes.count ? bytes[offset] : 0 }

    /// The text of a range.
    func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

    /// The beginning of a range's first line that is not blank, for a message.
    func excerpt(_ range: Range<Int>) -> String {
        let start = min(skipSpaces(from: range.lowerBound), range.upperBound)
        let line = text(start..<range.upperBound).prefix { !$0.isNewline }
        let shown = line.prefix(40)
        return shown.utf8.count < range.upperBound - start ? shown + "…" : String(shown)
    }

    /// Whether `word` is at an offset.
    func has(_ word: StaticString, at offset: Int) -> Bool {
        guard offset + word.utf8CodeUnitCount <= bytes.count else { return false }
        return word.withUTF8Buffer { buffer in
            for index in buffer.indices where bytes[offset + index] != buffer[index] { return false }
            return true
        }
    }

    /// The offset of the first `word` at or after an offset; nil when there is none.
    func find(_ word: StaticString, from start: Int) -> Int? {
        var start = start
        while let next = offset(of: word.utf8Start.pointee, from: start) {
            if has(word, at: next) { return next }
            start = next + 1
        }
        return nil
    }

    /// The offset of the first such byte at or after an offset, and before another one; nil when there is none.
    func offset(of byte: UInt8, from start: Int, to end: Int = .max) -> Int? {
        let end = min(end, bytes.count)
        guard start < end else { return nil }
        return bytes.withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress,
                let found = memchr(base + start, Int32(byte), end - start)
            else { return nil }
            return UnsafeRawPointer(found) - base
        }
    }

    /// The offset past the white space at an offset, as `\s` of Python's `re` sees it in a string.
    func skipSpaces(from start: Int) -> Int {
        var offset = start
        while true {
            let length = spaceLength(at: offset)
            if length == 0 { return offset }
            offset += length
        }
    }

    /// The offset past the ASCII identifier at an offset; nil when there is none.
    func identifierEnd(from start: Int) -> Int? {
        guard self[start].isIdentifierStart else { return nil }
        var offset = start + 1
        while self[offset].isIdentifierStart || self[offset].isDigit { offset += 1 }
        return offset
    }

    /// A range with `_` for its spaces and hyphens; nil when that is not a name either.
    func repairedName(_ range: Range<Int>) -> String? {
        let name = text(range).split(whereSeparator: { $0 == " " || $0 == "-" }).joined(separator: "_")
        let candidate = Source(name)
        return candidate.identifierEnd(from: 0) == candidate.bytes.count ? name : nil
    }

    /// The character at an offset; nil past the end.
    func scalar(at offset: Int) -> Unicode.Scalar? {
        guard offset < bytes.count else { return nil }
        if bytes[offset] < 0x80 { return Unicode.Scalar(bytes[offset]) }
        var close = offset + 1
        while self[close].isUTF8Continuation { close += 1 }
        return text(offset..<close).unicodeScalars.first
    }

    /// Whether MLflow renders a text with Jinja2.
    var looksLikeJinja: Bool { find("{%", from: 0) != nil && find("%}", from: 0) != nil }

    /// The length of the white space character at an offset; 0 when it is another one.
    private func spaceLength(at offset: Int) -> Int {
        switch self[offset] {
        case 0x09...0x0D, 0x1C...0x20: 1
        case 0xC2: self[offset + 1] == 0x85 || self[offset + 1] == 0xA0 ? 2 : 0
        case 0xE1: self[offset + 1] == 0x9A && self[offset + 2] == 0x80 ? 3 : 0
        case 0xE2:
            switch (self[offset + 1], self[offset + 2]) {
            case (0x80, 0x80...0x8A), (0x80, 0xA8), (0x80, 0xA9), (0x80, 0xAF), (0x81, 0x9F): 3
            default: 0
            }
        case 0xE3: self[offset + 1] == 0x80 && self[offset + 2] == 0x80 ? 3 : 0
        default: 0
        }
    }
}

extension UInt8 {
    /// Whether this byte continues a character.
    var isUTF8Continuation: Bool { self & 0xC0 == 0x80 }

    /// Whether this is an ASCII digit.
    var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }

    /// Whether this is an ASCII letter.
    var isASCIILetter: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20) }

    /// Whether an ASCII identifier can begin with this.
    var isIdentifierStart: Bool { isASCIILetter || self == UInt8(ascii: "_") }
}
