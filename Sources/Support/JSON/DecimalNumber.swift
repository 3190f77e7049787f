/// The exact value of a JSON number, whatever its size: digits and a power of ten.
struct DecimalNumber: Equatable {
    private var isNegative = false
    /// The digits, without zeros at either end; none for zero.
    private var digits: ArraySlice<UInt8> = []
    /// The power of ten that the last digit stands for.
    private var exponent = 0

    /// Whether two JSON numbers have the same value.
    static func areEqual(_ left: String, _ right: String) -> Bool {
        guard let one = DecimalNumber(left), let other = DecimalNumber(right) else { return false }
        return one == other
    }

    /// Reads a JSON number; nil for an exponent of 18 digits or more, and for what JSON cannot write.
    private init?(_ text: String) {
        let parts = text.utf8.split(maxSplits: 1, omittingEmptySubsequences: false) {
            $0 == UInt8(ascii: "e") || $0 == UInt8(ascii: "E")
        }
        let zero = UInt8(ascii: "0")
        var fractionDigits: Int?
        for byte in parts[0] {
            switch byte {
            case UInt8(ascii: "-"): isNegative = true
            case UInt8(ascii: "."): fractionDigits = 0
            case zero...UInt8(ascii: "9"):
                digits.append(byte)
                fractionDigits? += 1
            default: return nil
            }
        }
        guard !digits.isEmpty else { return nil }
        digits = digits.drop { $0 == zero }
        let trailingZeros = digits.reversed().prefix { $0 == zero }.count
        digits.removeLast(trailingZeros)
        if digits.isEmpty {
            isNegative = false
            return
        }
        guard let power = parts.count == 2 ? Int(String(parts[1]) ?? "") : 0,
            power.magnitude < 1_000_000_000_000_000_000
        else { return nil }
        exponent = power - (fractionDigits ?? 0) + trailingZeros
    }
}
