/// YAML 1.2's core schema: what a plain scalar means.
///
/// Anything it does not list is text, such as `no`, `on`, `y`, `12:30:00`, `2020-01-01` and `1_000`, which YAML 1.1
/// reads as something else.
enum CoreSchema {
    /// The most digits of a hexadecimal or octal number; more are text, as converting them takes quadratic time.
    private static let longestPrefixed = 1_000

    /// What a plain scalar means; nil when it is text.
    static func resolve(_ text: String) -> YAMLNode.Value? {
        guard let first = text.utf8.first else { return .null }
        switch first {
        case UInt8(ascii: "~"), UInt8(ascii: "n"), UInt8(ascii: "N"): return isNull(text) ? .null : nil
        case UInt8(ascii: "t"), UInt8(ascii: "T"), UInt8(ascii: "f"), UInt8(ascii: "F"):
            return bool(text).map { .bool($0) }
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
            return isInteger(text) || isFloat(text) ? .number(text) : nil
        default: return nil
        }
    }

    /// Whether the text is a spelling of null.
    static func isNull(_ text: String) -> Bool { ["", "~", "null", "Null", "NULL"].contains(text) }

    /// The truth value that the text spells; nil when it spells none.
    static func bool(_ text: String) -> Bool? {
        if ["true", "True", "TRUE"].contains(text) { return true }
        return ["false", "False", "FALSE"].contains(text) ? false : nil
    }

    /// Whether the text is a whole number.
    static func isInteger(_ text: String) -> Bool {
        if let radix = radix(of: text) {
            let digits = text.dropFirst(2)
            return 1...longestPrefixed ~= digits.utf8.count
                && digits.allSatisfy { $0.isASCII && ($0.hexDigitValue ?? 16) < radix }
        }
        let digits = withoutSign(text)
        return !digits.isEmpty && digits.allSatisfy(\.isDigit)
    }

    /// The radix that the prefix of a number names; nil when it has none.
    private static func radix(of text: String) -> Int? {
        if text.utf8.starts(with: "0x".utf8) { return 16 }
        return text.utf8.starts(with: "0o".utf8) ? 8 : nil
    }

    private static func withoutSign(_ text: String) -> Substring.UTF8View {
        let isSigned = text.utf8.first == UInt8(ascii: "-") || text.utf8.first == UInt8(ascii: "+")
        return text.utf8.dropFirst(isSigned ? 1 : 0)
    }

    /// Whether the text is `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`, an infinity or NaN.
    static func isFloat(_ text: String) -> Bool {
        if [".nan", ".NaN", ".NAN"].contains(text) { return true }
        var rest = withoutSign(text)
        if [".inf", ".Inf", ".INF"].contains(Substring(rest)) { return true }
        var digits = rest.dropDigits()
        if rest.first == UInt8(ascii: ".") {
            rest.removeFirst()
            digits += rest.dropDigits()
        }
        guard digits > 0 else { return false }
        if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
            rest.removeFirst()
            if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
            guard rest.dropDigits() > 0 else { return false }
        }
        return rest.isEmpty
    }

    /// A number in JSON's notation, with the same digits; JSON has none for infinities and NaN.
    static func json(_ written: String) -> String {
        if let radix = radix(of: written) { return decimal(written.dropFirst(2), radix: radix) }
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
}

extension UInt8 {
    /// Whether this is an ASCII digit.
    fileprivate var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }
}

extension Substring.UTF8View {
    /// Removes the digits at the front and returns their number.
    fileprivate mutating func dropDigits() -> Int {
        let before = count
        self = drop(while: \.isDigit)
        return before - count
    }
}
