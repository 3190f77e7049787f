/// Numbers for people.
enum Quantity {
    /// Reports with more prompts only count those that nothing happened to.
    static let listedPrompts = 30

    /// The number with separated thousands, such as `9,950`.
    static func grouped(_ number: Int) -> String {
        let digits = String(number)
        return digits.enumerated().reduce(into: "") { text, digit in
            let isGroupStart = (digits.count - digit.offset).isMultiple(of: 3)
            text += (isGroupStart && !text.isEmpty && text != "-" ? "," : "") + String(digit.element)
        }
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

    /// A line about prompts that are not listed; none if all are.
    static func unlisted(_ number: Int, _ noun: String, _ style: TextStyle) -> [String] {
        guard number > 0 else { return [] }
        let them = number == 1 ? "it" : "them"
        return [style("\(of(number, noun)) not listed; --verbose lists \(them)", .dim)]
    }
}
