/// Numbers as people read them.
enum Quantity {
    /// How many reports list every prompt: beyond, those that nothing happened to are only counted.
    static let listedPrompts = 30

    /// The number with its thousands apart, such as `9,950`.
    static func grouped(_ number: Int) -> String {
        let digits = Array(String(number.magnitude))
        var text = number < 0 ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { text += "," }
            text.append(digit)
        }
        return text
    }

    /// The number with what is counted, such as `1 prompt` and `2 prompts`.
    static func of(_ number: Int, _ noun: String, plural: String? = nil) -> String {
        "\(grouped(number)) \(number == 1 ? noun : plural ?? noun + "s")"
    }

    /// A time such as `41 ms`, `1.2 s` or `2 min 5 s`.
    static func elapsed(milliseconds: Int) -> String {
        switch milliseconds {
        case ..<1_000: "\(milliseconds) ms"
        case ..<60_000: "\(milliseconds / 1_000).\(milliseconds % 1_000 / 100) s"
        default: "\(milliseconds / 60_000) min \(milliseconds % 60_000 / 1_000) s"
        }
    }

    /// A time in seconds with three digits after the point, such as `0.041`.
    static func seconds(milliseconds: Int) -> String {
        let fraction = String(milliseconds % 1_000)
        return "\(milliseconds / 1_000)." + String(repeating: "0", count: 3 - fraction.count) + fraction
    }

    /// What stands for prompts that are not listed.
    static func unlisted(_ number: Int) -> String {
        "\(of(number, "unchanged prompt")) not listed; --verbose lists \(number == 1 ? "it" : "them")"
    }
}
