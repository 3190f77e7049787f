/// What looks like a replacement field of `str.format` in single braces: `{name}`, `{user.name}`, `{items[0]:>8}`, `{0}`.
struct FormatField {
    /// The offset of its closing brace.
    var end: Int
    /// The variable of MLflow's that could stand in its place; nil where it has a number or an index.
    var variable: String?
    /// Whether it has a number in place of a name.
    var isPositional: Bool
    /// Whether it has a conversion or a format.
    var hasFormat: Bool
}

extension Source {
    /// The field behind an opening brace; nil where it is none.
    func formatField(from start: Int) -> FormatField? {
        let isPositional = self[start].isDigit
        var end = isPositional ? digitsEnd(from: start) : identifierEnd(from: start) ?? start
        guard end > start else { return nil }
        var hasIndex = false
        while true {
            if self[end] == UInt8(ascii: "."), let next = identifierEnd(from: end + 1) {
                end = next
            } else if let next = indexEnd(from: end) {
                (end, hasIndex) = (next, true)
            } else {
                break
            }
        }
        guard let close = formatEnd(from: end), self[close] == UInt8(ascii: "}") else { return nil }
        return FormatField(
            end: close, variable: isPositional || hasIndex ? nil : text(start..<end),
            isPositional: isPositional,
            hasFormat: close > end)
    }

    /// Whether there is a field `{0}`.
    var hasPositionalFields: Bool {
        var start = 0
        while let open = find("{0", from: start) {
            let isField = formatField(from: open + 1) != nil && digitsEnd(from: open + 1) == open + 2
            if isField, !isQuantifier(open), open == 0 || self[open - 1] != UInt8(ascii: "{") { return true }
            start = open + 1
        }
        return false
    }

    /// Whether a number in braces at an offset says how often what is before it comes, as in a regular expression.
    func isQuantifier(_ open: Int) -> Bool {
        guard open > 0 else { return false }
        let before = self[open - 1]
        return before.isIdentifierStart || before.isDigit || ")]}.*+?\\".utf8.contains(before)
    }

    private func digitsEnd(from start: Int) -> Int {
        var end = start
        while self[end].isDigit { end += 1 }
        return end
    }

    /// The end of `[0]` or `[key]`.
    private func indexEnd(from start: Int) -> Int? {
        guard self[start] == UInt8(ascii: "[") else { return nil }
        let key = start + 1
        let end = self[key].isDigit ? digitsEnd(from: key) : identifierEnd(from: key) ?? key
        return end > key && self[end] == UInt8(ascii: "]") ? end + 1 : nil
    }

    /// The end of what `str.format` has between a name and the closing brace: nothing, a conversion such as `!r`, or a
    /// format such as `:.2f`, `:,` and `:>8`; nil for anything else, as after the `:` of other languages.
    private func formatEnd(from start: Int) -> Int? {
        var end = start
        if self[end] == UInt8(ascii: "!"), "rsa".utf8.contains(self[end + 1]) { end += 2 }
        guard self[end] == UInt8(ascii: ":") else { return end }
        end += 1
        let format = end
        while self[end].isDigit || "<>^=+.,%#".utf8.contains(self[end]) { end += 1 }
        if bytes[format..<end].contains(where: { "<>^,%".utf8.contains($0) }) {
            return "bcdeEfFgGnosxX".utf8.contains(self[end]) ? end + 1 : end
        }
        // A number or a letter alone is also a value.
        return end > format && "bcdeEfFgGnosxX".utf8.contains(self[end]) ? end + 1 : nil
    }
}
