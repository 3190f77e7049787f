/// A text as it is measured and as it is printed.
struct StyledText {
    /// The text without styling.
    var plain: String
    /// The text with its terminal escapes.
    var styled: String

    static func + (left: StyledText, right: StyledText) -> StyledText {
        StyledText(plain: left.plain + right.plain, styled: left.styled + right.styled)
    }

    static func + (left: StyledText, right: String) -> StyledText {
        left + StyledText(plain: right, styled: right)
    }
}

/// The terminal styles of help.
struct TextStyle {
    /// Whether to use ANSI colours.
    var color: Bool

    /// A section's title.
    func heading(_ text: String) -> StyledText { style(text, "1;32") }

    /// A word that is typed as it stands.
    func literal(_ text: String) -> StyledText { style(text, "1;36") }

    /// A word that stands for another.
    func placeholder(_ text: String) -> StyledText { style(text, "36") }

    private func style(_ text: String, _ code: String) -> StyledText {
        StyledText(plain: text, styled: color ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text)
    }
}

/// Lays text out in lines of a given width in characters.
struct TextLayout {
    /// The longest line, unless a single word is longer.
    var width: Int

    /// The share of a line that the first column of a table may take.
    private static let widestLabel = 2.0 / 5
    /// The indent of tables, and the gap between their columns.
    private static let gap = 2
    /// Where the text begins when it stands below its label.
    private static let hangingIndent = 10

    /// The lines of a paragraph, broken between words; no-break spaces are kept together and printed as spaces.
    func lines(_ text: String, indent: Int = 0) -> [String] {
        let margin = String(repeating: " ", count: indent)
        var lines: [String] = []
        var line = ""
        for word in text.split(whereSeparator: { $0.isWhitespace && $0 != "\u{A0}" }) {
            let word = word.replacing("\u{A0}", with: " ")
            if line.isEmpty {
                line = margin + word
            } else if line.count + 1 + word.count <= width {
                line += " " + word
            } else {
                lines.append(line)
                line = margin + word
            }
        }
        return line.isEmpty ? lines : lines + [line]
    }

    /// A paragraph whose lines all end in a newline.
    func paragraph(_ text: String, indent: Int = 0) -> String {
        lines(text, indent: indent).map { $0 + "\n" }.joined()
    }

    /// The width of the first column: that of the longest label which leaves room for the text.
    func columnWidth(for labels: [StyledText]) -> Int {
        let limit = Int(Double(width) * Self.widestLabel)
        return labels.map(\.plain.count).filter { $0 <= limit }.max() ?? 0
    }

    /// A row of a table with two columns; the text stands below a label that is too long for its column.
    ///
    /// - Parameters:
    ///   - label: The first column.
    ///   - text: The second column, wrapped.
    ///   - columnWidth: The width of the first column.
    /// - Returns: The lines, each ended by a newline.
    func row(_ label: StyledText, _ text: String, columnWidth: Int) -> String {
        let margin = String(repeating: " ", count: Self.gap)
        guard label.plain.count <= columnWidth else {
            return margin + label.styled + "\n" + paragraph(text, indent: Self.hangingIndent)
        }
        let textColumn = columnWidth + 2 * Self.gap
        let padding = String(repeating: " ", count: textColumn - Self.gap - label.plain.count)
        let wrapped = lines(text, indent: textColumn)
        guard let first = wrapped.first else { return margin + label.styled + "\n" }
        let rest = wrapped.dropFirst().map { $0 + "\n" }.joined()
        return margin + label.styled + padding + first.dropFirst(textColumn) + "\n" + rest
    }
}
