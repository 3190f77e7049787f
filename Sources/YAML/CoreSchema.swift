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
            return number(text)
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

    /// The number that the text writes, a float where it does not fit an `Int`; nil when it writes none.
    static func number(_ text: UnsafeBufferPointer<UInt8>) -> YAMLNode.Value? {
        if text.count > 2, text[0] == UInt8(ascii: "0") {
            if text[1] == UInt8(ascii: "x") { return prefixed(text, radix: 16) }
            if text[1] == UInt8(ascii: "o") { return prefixed(text, radix: 8) }
        }
        var digits = text[...]
        let isNegative = digits.first == UInt8(ascii: "-")
        if isNegative || digits.first == UInt8(ascii: "+") { digits.removeFirst() }
        if digits.allSatisfy(\.isDigit) { return digits.isEmpty ? nil : decimal(digits, isNegative, text) }
        let unsigned = UnsafeBufferPointer(rebasing: digits)
        if unsigned.isWord(".inf") || unsigned.isWord(".Inf") || unsigned.isWord(".INF") {
            return .float(isNegative ? -.infinity : .infinity)
        }
        if text.isWord(".nan") || text.isWord(".NaN") || text.isWord(".NAN") { return .float(.nan) }
        guard isDecimalFloat(digits) else { return nil }
        return Double(String(decoding: text, as: UTF8.self)).map { .float($0) }
    }

    /// The number that the text writes where it is a whole one that fits.
    static func int(_ text: UnsafeBufferPointer<UInt8>) -> Int? {
        guard case .int(let int) = number(text) else { return nil }
        return int
    }

    /// The number that the text writes, whole or not.
    static func float(_ text: UnsafeBufferPointer<UInt8>) -> Double? {
        switch number(text) {
        case .int(let int): Double(int)
        case .float(let float): float
        default: nil
        }
    }

    private static func decimal(
        _ digits: Slice<UnsafeBufferPointer<UInt8>>, _ isNegative: Bool, _ text: UnsafeBufferPointer<UInt8>
    ) -> YAMLNode.Value? {
        var value = 0
        for digit in digits {
            let (product, overflowed) = value.multipliedReportingOverflow(by: 10)
            let step = Int(digit - UInt8(ascii: "0"))
            // Towards the sign, so that Int.min is reached.
            let (sum, overflowedToo) = product.addingReportingOverflow(isNegative ? -step : step)
            if overflowed || overflowedToo {
                return Double(String(decoding: text, as: UTF8.self)).map { .float($0) }
            }
            value = sum
        }
        return .int(value)
    }

    private static func prefixed(_ text: UnsafeBufferPointer<UInt8>, radix: Int) -> YAMLNode.Value? {
        var value = 0
        var large = 0.0
        var fits = true
        for byte in text.dropFirst(2) {
            guard let digit = byte.hexDigit, digit < radix else { return nil }
            large = large * Double(radix) + Double(digit)
            let (product, overflowed) = value.multipliedReportingOverflow(by: radix)
            let (sum, overflowedToo) = product.addingReportingOverflow(digit)
            fits = fits && !overflowed && !overflowedToo
            value = fits ? sum : 0
        }
        return fits ? .int(value) : .float(large)
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
