import Support

/// Rows in columns for a terminal.
struct TextTable {
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

    private let widths: [Int]
    private let firstGap: Int

    /// A table whose columns fit these rows.
    ///
    /// - Parameters:
    ///   - rows: The rows.
    ///   - firstGap: The number of blanks after the first column; two follow the others.
    ///   - widest: A wider field moves the rest of its own row to the right, and no other row's.
    init(_ rows: [[Cell]], firstGap: Int = 1, widest: Int = 40) {
        var widths: [Int] = []
        for row in rows {
            for (column, cell) in row.enumerated() {
                if column == widths.count { widths.append(0) }
                let width = cell.text.count
                if width <= widest { widths[column] = max(widths[column], width) }
            }
        }
        self.widths = widths
        self.firstGap = firstGap
    }

    /// A table as lines, the titles of the columns first.
    static func lines(_ titles: [String], _ rows: [[Cell]], _ style: TextStyle) -> [String] {
        let all = [titles.map { Cell($0, .bold) }] + rows
        let table = TextTable(all, firstGap: 2, widest: 100)
        return all.map { table.line($0, style) }
    }

    /// A row as a line, without blanks at its end.
    func line(_ row: [Cell], _ style: TextStyle) -> String {
        var line = ""
        var pending = 0
        for (column, cell) in row.enumerated() {
            if !cell.text.isEmpty {
                line += String(repeating: " ", count: pending) + style(cell.text, cell.look)
                pending = 0
            }
            pending += max(widths[column] - cell.text.count, 0) + (column == 0 ? firstGap : 2)
        }
        return line
    }
}
