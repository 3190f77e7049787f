import Support

/// Rows in columns for a terminal.
enum TextTable {
    /// One field of a row.
    struct Cell {
        /// The text, made safe for a terminal.
        let text: String
        /// Its colour.
        let look: TextStyle.Look?

        /// A field with a text that may hold anything.
        init(_ text: String, _ look: TextStyle.Look? = nil) {
            self.text = text.escapedForTerminal
            self.look = look
        }
    }

    /// A table as lines, below a line of titles if there are any.
    static func lines(_ rows: [[Cell]], under titles: [String] = [], _ style: TextStyle) -> [String] {
        let rows = titles.isEmpty ? rows : [titles.map { Cell($0, .bold) }] + rows
        let firstGap = titles.isEmpty ? 1 : 2
        // A wider field moves the rest of its own row to the right, and no other row's.
        let widest = titles.isEmpty ? 40 : 100
        var widths: [Int] = []
        for row in rows {
            for (column, cell) in row.enumerated() {
                if column == widths.count { widths.append(0) }
                let width = cell.text.count
                if width <= widest { widths[column] = max(widths[column], width) }
            }
        }
        return rows.map { row in
            var (line, gap) = ("", 0)
            for (column, cell) in row.enumerated() {
                if !cell.text.isEmpty {
                    line += String(repeating: " ", count: gap) + style(cell.text, cell.look)
                    gap = 0
                }
                gap += max(widths[column] - cell.text.count, 0) + (column == 0 ? firstGap : 2)
            }
            return line
        }
    }
}
