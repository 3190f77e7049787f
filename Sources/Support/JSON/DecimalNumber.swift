/// The exact value of a JSON number, whatever its size: digits and a power of ten.
struct DecimalNumber: Equatable {
    private var isNegative = false
    /// The digits, without zeros at either end; none for zero.
    private var digits: ArraySlice<UInt8> = []
    /// The power of ten of the last digit, without an exponent that is too large for it.
    private var exponent = 0
    /// An exponent beyond 10^18, as it is written; it is not calculated with.
    private var hugeExponent = ""

    /// Reads a JSON number; nil for infinities and NaN, which are not JSON.
    init?(_ text: String) {
        let parts = text.split(maxSplits: 1, omittingEmptySubsequences: false) { $0 == "e" || $0 == "E" }
        let zero = UInt8(ascii: "0")
        var fractionDigits: Int?
        for byte in parts[0].utf8 {
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
        exponent = trailingZeros - (fractionDigits ?? 0)
        guard parts.count == 2 else { return }
        if let power = Int(parts[1]), power.magnitude < 1_000_000_000_000_000_000 {
            exponent += power
        } else {
            let sign = parts[1].first == "-" ? "-" : ""
            hugeExponent = sign + parts[1].drop { "+-0".contains($0) }
        }
    }

    /// The number in one spelling: its digits and the power of ten of the last one, such as `-125e-2`.
    var canonical: String {
        if digits.isEmpty { return "0" }
        let sign = isNegative ? "-" : ""
        let written = String(decoding: digits, as: UTF8.self)
        // An exponent that is too large is written as it was, behind what was counted of it.
        return "\(sign)\(written)e\(exponent)" + (hugeExponent.isEmpty ? "" : "e\(hugeExponent)")
    }
}
