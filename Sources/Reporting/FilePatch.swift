import Jobs
import Support
import Views

/// How a file changes, as `git apply` and `patch -p1` take it.
struct FilePatch {
    /// The lines with their colours, safe for a terminal.
    let lines: [(look: TextStyle.Look?, text: String)]
    /// Whether the lines are the file's own: none had to be escaped or left out.
    let isExact: Bool

    /// Stands at the end of a file's last line that no newline ends; no file that is read has the character.
    private static let unended: Character = "\0"

    /// The change of a file.
    init(_ file: PulledFile) {
        let diff =
            switch file.old.map(Self.marked) {
            case nil, "": LineDiff(of: Self.marked(file.new), isNew: true)
            case let old? where file.new.isEmpty: LineDiff(of: old, isNew: false)
            case let old?: LineDiff(from: old, to: Self.marked(file.new))
            }
        // As git writes a path from the root.
        let path = String(file.path.drop { $0 == "/" }).escapedForTerminal
        // GNU patch ends a name at its first blank, unless a tab ends it.
        let end = path.contains(" ") ? "\t" : ""
        var lines: [(look: TextStyle.Look?, text: String)] = [
            (.bold, file.old == nil ? "--- /dev/null" : "--- a/\(path)\(end)"),
            (.bold, "+++ b/\(path)\(end)"),
        ]
        var isExact = file.path.hasSuffix(path)
        for hunk in diff.hunks {
            lines.append((.cyan, UnifiedDiff.range(of: hunk)))
            for line in hunk.lines.map(UnifiedDiff.line) {
                if line.look == .dim { isExact = false }
                let isUnended = line.text.last == Self.unended
                let text = isUnended ? String(line.text.dropLast()) : line.text
                // The return of a line's end moves no terminal.
                let hasReturn = text.utf8.last == 0x0D
                let shown =
                    (hasReturn ? String(text.unicodeScalars.dropLast()) : text).escapedLinesForTerminal
                    + (hasReturn ? "\r" : "")
                if !shown.isIdentical(to: text) { isExact = false }
                lines.append((line.look, shown))
                if isUnended { lines.append((nil, "\\ No newline at end of file")) }
            }
        }
        (self.lines, self.isExact) = (lines, isExact)
    }

    /// A text without its final newline, with a mark where it has none.
    private static func marked(_ text: String) -> String {
        if text.isEmpty { return text }
        return text.utf8.last == 0x0A ? String(text.unicodeScalars.dropLast()) : text + String(unended)
    }
}
