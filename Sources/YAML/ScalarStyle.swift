/// How text can be written so that it reads back the same in YAML 1.1 and 1.2.
enum ScalarStyle {
    /// Unquoted: `[A-Za-z_][A-Za-z0-9_./ -]*`, without a final space, and not a reserved word.
    case plain
    /// In single quotes: without quotes, line breaks and unprintable characters.
    case singleQuoted
    /// In double quotes, with escapes.
    case doubleQuoted

    /// The simplest style for a text.
    init(for text: String) {
        var isPlain = Self.canBeginPlain(text.utf8.first ?? 0)
        var last: UInt8 = 0
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."),
                UInt8(ascii: "/"), UInt8(ascii: " "), UInt8(ascii: "-"):
                break
            case 0..<0x20, 0x7F, UInt8(ascii: "'"):
                self = .doubleQuoted
                return
            case 0x80...:
                let needsEscape = text.unicodeScalars.contains { $0 == "'" || Self.isWrittenAsEscape($0) }
                self = needsEscape ? .doubleQuoted : .singleQuoted
                return
            default: isPlain = false
            }
            last = byte
        }
        self = isPlain && last != UInt8(ascii: " ") && !Self.isReserved(text) ? .plain : .singleQuoted
    }

    /// Whether a scalar must be escaped: controls, line separators, the byte order mark.
    static func needsEscape(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF: true
        default: false
        }
    }

    /// Whether a scalar is an escape in double quotes: what must be, and what would show the line in another order than
    /// it is read.
    static func isWrittenAsEscape(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true
        default: needsEscape(scalar)
        }
    }

    /// Whether a text can be written as a literal block, which one line alone is only where it is to stay one.
    static func canBeBlock(_ text: String, ofOneLine: Bool = false) -> Bool {
        var hasText = false
        var hasBreak = false
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": hasBreak = true
            case " ", "\t": break
            case _ where needsEscape(scalar): return false
            default: hasText = true
            }
        }
        return (hasBreak || ofOneLine) && hasText
    }

    private static func canBeginPlain(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    /// Whether YAML 1.1 or 1.2 reads the word as something other than text.
    private static func isReserved(_ word: String) -> Bool {
        word.utf8.count <= 5
            && ["y", "n", "yes", "no", "on", "off", "true", "false", "null"].contains(word.lowercased())
    }
}
