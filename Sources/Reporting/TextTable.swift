import Diagnostics

/// Lays rows out in columns for a terminal.
struct TextTable {
    /// One field of a row.
    struct Cell {
        /// The text, made safe for a terminal.
        let text: String
        /// Its colour.
        let look: ANSIStyle.Look?

        /// A field with a text that may hold anything.
        init(_ text: String, _ look: ANSIStyle.Look? = nil) {
            self.text = text.escapedForTerminal
            self.look = look
        }
    }

    /// A field that is wider than this one moves its own row's rest to the right, and no other row's.
    private static let widestColumn = 40

    private let widths: [Int]

    /// A table whose columns fit these rows.
    init(_ rows: [[Cell]]) {
        var widths: [Int] = []
        for row in rows {
            for (column, cell) in row.enumerated() {
                if column == widths.count { widths.append(0) }
                let width = cell.text.count
                if width <= Self.widestColumn { widths[column] = max(widths[column], width) }
            }
        }
        self.widths = widths
    }

    /// A row as a line, without its newline.
    ///
    /// - Parameters:
    ///   - row: The fields.
    ///   - style: Colours them.
    /// - Returns: The line, with no blanks at its end.
    func line(_ row: [Cell], _ style: ANSIStyle) -> String {
        var line = ""
        var pending = 0
        for (column, cell) in row.enumerated() {
            if !cell.text.isEmpty {
                line += String(repeating: " ", count: pending) + style(cell.text, cell.look)
                pending = 0
            }
            pending += max(widths[column] - cell.text.count, 0) + (column == 0 ? 1 : 2)
        }
        return line
    }
}
