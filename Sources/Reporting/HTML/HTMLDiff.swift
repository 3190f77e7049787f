import Prompts
import Support
import Views

/// How contents differ, side by side, with the changed words marked.
struct HTMLDiff {
    private let parts: [ContentDiff.Part]
    private let names: (old: String, new: String)

    /// A diff of all parts between two contents; nil if nothing differs.
    ///
    /// - Parameters:
    ///   - old: The old content; nil if there is none.
    ///   - new: The new content.
    ///   - names: What the contents are called.
    init?(from old: PromptContent?, to new: PromptContent, names: (old: String, new: String)) {
        parts = ContentDiff(from: old, to: new).parts
        guard !parts.isEmpty else { return nil }
        self.names = names
    }

    /// The diff, cut to the room that is left.
    ///
    /// - Parameter room: What is left of the page.
    /// - Returns: A table for each part, and a sentence about what is not shown.
    func html(room: inout SizeBudget) -> [HTML] {
        var (blocks, rest) = ([HTML](), 0)
        for part in parts {
            var bodies: [HTML] = []
            let isWhole = part.old == nil || part.new == nil
            for hunk in part.hunks {
                let heading = "Lines \(hunk.oldStart) and \(hunk.newStart)"
                var rows = isWhole ? [] : [Self.headingRow(heading)]
                for row in SideBySide(hunk).rows {
                    let line = isWhole ? Self.oneSided(row) : Self.row(row)
                    if rest == 0, room.takes(line.source) { rows.append(line) } else { rest += 1 }
                }
                bodies.append(.element("tbody", rows))
            }
            blocks.append(.element("h4", HTML(Self.title(part))))
            if part.hunks.isEmpty {
                blocks.append(.element("p", HTML("The text is the same.")))
            } else {
                blocks.append(
                    isWhole
                        ? .element("table", ["class": "diff"], bodies)
                        : .element("table", ["class": "diff"], [head] + bodies))
            }
            if rest > 0 { break }
        }
        if rest > 0 { blocks.append(.element("p", HTML("The rest is too long to be shown here."))) }
        return blocks
    }

    // MARK: Rows

    private var head: HTML {
        let columns = [("at", "Line"), ("text", names.old), ("at", "Line"), ("text", names.new)]
        return .element(
            "thead",
            .element("tr", columns.map { .element("th", ["scope": "col", "class": $0.0], HTML($0.1)) }))
    }

    private static func headingRow(_ text: String) -> HTML {
        .element("tr", ["class": "hunk"], .element("td", ["colspan": "4"], HTML(text)))
    }

    private static func row(_ row: SideBySide.Row) -> HTML {
        switch row {
        case .same(let old, let new): .element("tr", cells(old, nil, "same") + cells(new, nil, "same"))
        case .changed(let old, let new): .element("tr", cells(old, "del", "old") + cells(new, "ins", "new"))
        case .omitted(let old, let new): headingRow(omission(old, new))
        }
    }

    /// The row of a text that has no counterpart.
    private static func oneSided(_ row: SideBySide.Row) -> HTML {
        switch row {
        case .same(let old, _): .element("tr", cells(old, nil, "same"))
        case .changed(let old?, nil): .element("tr", cells(old, "del", "old"))
        case .changed(_, let new): .element("tr", cells(new, "ins", "new"))
        case .omitted(let old, let new):
            .element("tr", ["class": "hunk"], .element("td", ["colspan": "2"], HTML(omission(old, new))))
        }
    }

    private static func cells(_ cell: SideBySide.Cell?, _ mark: StaticString?, _ look: String) -> [HTML] {
        guard let cell else { return [.element("td", ["class": "at"]), .element("td")] }
        let pieces = cell.pieces.map { piece -> HTML in
            let text = HTML(lines: piece.text)
            return if piece.isChanged, let mark { .element(mark, text) } else { text }
        }
        return [
            .element("td", ["class": "at \(look)"], HTML("\(cell.number)")),
            .element("td", ["class": "text \(look)", "dir": "auto"], pieces),
        ]
    }

    private static func omission(_ old: Int, _ new: Int) -> String {
        let sides = [(old, "old"), (new, "new")].filter { $0.0 > 0 }
        return sides.map { "\(Quantity.of($0.0, "line")) of the \($0.1) text" }.joined(separator: " and ")
            + " not shown"
    }

    // MARK: Names

    private static func title(_ part: ContentDiff.Part) -> String {
        let (old, new) = (name(part.old), name(part.new))
        if part.old == nil { return "New \(new)" }
        if part.new == nil { return "Removed \(old)" }
        return old == new ? "Changed \(new)" : "\(old) → \(new)"
    }

    private static func name(_ subject: ContentDiff.Subject?) -> String {
        switch subject {
        case .template, nil: "template"
        case .message(let number, let role): "message \(number) (\(role))"
        case .modelConfig: "model_config"
        case .toolOrder: "order of tools"
        case .tool(let name): "tool \(name)"
        case .responseFormat: "response_format"
        }
    }
}
