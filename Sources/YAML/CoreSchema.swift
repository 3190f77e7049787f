/// YAML 1.2's core schema: what a plain scalar means.
///
/// All that is not listed there is text, such as `no`, `on`, `y`, `12:30:00`, `2020-01-01` and `1_000`, which
/// YAML 1.1 reads as something else.
enum CoreSchema {
    /// What a plain scalar means; nil when it is text.
    static func resolve(_ text: UnsafeBufferPointer<UInt8>) -> YAMLNode.Value? {
        guard let first = text.first else { return .null }
        switch first {
        case UInt8(ascii: "~"), UInt8(ascii: "n"), UInt8(ascii: "N"): return isNull(text) ? .null : nil
        case UInt8(ascii: "t"), UInt8(ascii: "T"), UInt8(ascii: "f"), UInt8(ascii: "F"):
            return bool(text).map { .bool($0) }
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
            return isInteger(text) || isFloat(text) ? .number(String(decoding: text, as: UTF8.self)) : nil
        default: return nil
        }
    }

    /// Whether the text is one of the ways to write null.
    static func isNull(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        text.isEmpty || text.isWord("~") || text.isWord("null") || text.isWord("Null")
            || text.isWord("NULL")
    }

    /// The truth value that the text writes; nil when it writes none.
    static func bool(_ text: UnsafeBufferPointer<UInt8>) -> Bool? {
        if text.isWord("true") || text.isWord("True") || text.isWord("TRUE") { return true }
        if text.isWord("false") || text.isWord("False") || text.isWord("FALSE") { return false }
        return nil
    }

    /// The most digits of a hexadecimal or octal number; more are text, as converting them takes quadratic time.
    private static let longestPrefixed = 1_000

    /// Whether the text writes a whole number.
    static func isInteger(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        let digits = text.dropFirst(2)
        if text.starts(with: "0x".utf8) || text.starts(with: "0o".utf8) {
            let radix = text[1] == UInt8(ascii: "x") ? 16 : 8
            return !digits.isEmpty && digits.count <= longestPrefixed
                && digits.allSatisfy { $0.hexDigit.map { $0 < radix } ?? false }
        }
        let unsigned = withoutSign(text)
        return !unsigned.isEmpty && unsigned.allSatisfy(\.isDigit)
    }

    /// Whether the text writes a number with a point or an exponent, an infinity, or no number.
    private static func isFloat(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        let digits = withoutSign(text)
        let unsigned = UnsafeBufferPointer(rebasing: digits)
        return unsigned.isWord(".inf") || unsigned.isWord(".Inf") || unsigned.isWord(".INF")
            || text.isWord(".nan") || text.isWord(".NaN") || text.isWord(".NAN") || isDecimalFloat(digits)
    }

    /// The number that the text writes, with a point where it is a whole one; nil when it writes none.
    static func float(_ text: UnsafeBufferPointer<UInt8>) -> String? {
        let written = String(decoding: text, as: UTF8.self)
        if isInteger(text) { return json(written) + ".0" }
        return isFloat(text) ? written : nil
    }

    private static func withoutSign(_ text: UnsafeBufferPointer<UInt8>) -> Slice<UnsafeBufferPointer<UInt8>> {
        let isSigned = text.first == UInt8(ascii: "-") || text.first == UInt8(ascii: "+")
        return text.dropFirst(isSigned ? 1 : 0)
    }

    /// A number in JSON's notation, with the same digits; JSON has none for infinities and NaN.
    static func json(_ written: String) -> String {
        if written.hasPrefix("0x") { return decimal(written.dropFirst(2), radix: 16) }
        if written.hasPrefix("0o") { return decimal(written.dropFirst(2), radix: 8) }
        let sign = written.hasPrefix("-") ? "-" : ""
        var rest = written.drop { $0 == "+" || $0 == "-" }
        if rest.last?.isLetter == true { return sign + rest.lowercased() }
        let integer = rest.prefix(while: \.isNumber)
        rest = rest.dropFirst(integer.count)
        let significant = integer.drop { $0 == "0" }
        let needsDigit = rest.first == "." && rest.dropFirst().first?.isNumber != true
        return sign + (significant.isEmpty ? "0" : significant)
            + (needsDigit ? ".0" + rest.dropFirst() : rest)
    }

    /// A number in decimal digits.
    private static func decimal(_ digits: Substring, radix: Int) -> String {
        // From the least on, each below 10^9.
        var limbs = [0]
        for digit in digits {
            var carry = digit.hexDigitValue ?? 0
            for index in limbs.indices {
                let value = limbs[index] * radix + carry
                limbs[index] = value % 1_000_000_000
                carry = value / 1_000_000_000
            }
            if carry > 0 { limbs.append(carry) }
        }
        let padded = limbs.reversed().map { limb in
            let text = String(limb)
            return String(repeating: "0", count: 9 - text.count) + text
        }
        let text = padded.joined().drop { $0 == "0" }
        return text.isEmpty ? "0" : String(text)
    }

    /// Whether the text, its sign taken off, is `(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`.
    private static func isDecimalFloat(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        var rest = text
        let whole = rest.dropDigits()
        var fraction = 0
        if rest.first == UInt8(ascii: ".") {
            rest.removeFirst()
            fraction = rest.dropDigits()
        }
        guard whole + fraction > 0 else { return false }
        if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
            rest.removeFirst()
            if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
            guard rest.dropDigits() > 0 else { return false }
        }
        return rest.isEmpty
    }
}

extension UInt8 {
    /// Whether this is an ASCII digit.
    fileprivate var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }

    /// The value of an ASCII hexadecimal digit.
    fileprivate var hexDigit: Int? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(self - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): Int(self - UInt8(ascii: "a")) + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): Int(self - UInt8(ascii: "A")) + 10
        default: nil
        }
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// Whether these bytes are exactly an ASCII word.
    func isWord(_ word: StaticString) -> Bool {
        count == word.utf8CodeUnitCount
            && elementsEqual(UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
    }
}

extension Slice<UnsafeBufferPointer<UInt8>> {
    /// Drops the digits at the front and gives their number.
    fileprivate mutating func dropDigits() -> Int {
        let before = count
        self = drop(while: \.isDigit)
        return before - count
    }
}
