import Support

/// How two texts differ, line by line, in hunks with some lines around each change.
package struct LineDiff: Hashable, Sendable {
    /// A line of a hunk.
    package enum Line: Hashable, Sendable {
        /// In both texts.
        case same(String)
        /// In the new text only.
        case added(String)
        /// In the old text only.
        case removed(String)
        /// So many lines of the old text, and so many of the new one, that are too many to be shown.
        case omitted(old: Int, new: Int)
    }

    /// A run of lines with changes in it.
    package struct Hunk: Hashable, Sendable {
        /// The first line in the old text, from 1; the line before the hunk if it has none of the old text.
        package var oldStart: Int
        /// How many lines of the old text it covers.
        package var oldCount: Int
        /// The first line in the new text, from 1; the line before the hunk if it has none of the new text.
        package var newStart: Int
        /// How many lines of the new text it covers.
        package var newCount: Int
        /// The lines.
        package var lines: [Line]
    }

    /// The hunks; none if the texts are equal.
    package let hunks: [Hunk]

    /// Compares two texts.
    ///
    /// - Parameters:
    ///   - old: The old text.
    ///   - new: The new text.
    ///   - context: The number of lines to keep around each change.
    package init(from old: String, to new: String, context: Int = 3) {
        if old.isIdentical(to: new) {
            hunks = []
            return
        }
        let parts = ChangedLines(old, new, context: context)
        var lines = parts.before.map(Line.same)
        lines += Self.middle(parts.old, parts.new)
        lines += parts.after.map(Line.same)
        var limit = Limit()
        hunks = Self.hunks(of: lines, firstLine: parts.firstLine, context: context).map { limit.cut($0) }
    }

    /// A text that only one side has.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - isNew: Which side.
    package init(of text: String, isNew: Bool) {
        let lines = TextLines(Array(text.utf8)[...])
        let hunk = Hunk(
            oldStart: isNew ? 0 : 1, oldCount: isNew ? 0 : lines.count, newStart: isNew ? 1 : 0,
            newCount: isNew ? lines.count : 0,
            lines: isNew ? Self.middle(TextLines(), lines) : Self.middle(lines, TextLines()))
        var limit = Limit()
        hunks = [limit.cut(hunk)]
    }

    /// The lines between the first and the last that are not in both texts.
    private static func middle(_ old: TextLines, _ new: TextLines) -> [Line] {
        let isWhole = old.omitted + new.omitted == 0
        // Equal lines have one number, as comparing numbers is quick.
        var numbers: [ExactText: Int] = [:]
        let (oldLines, newLines) = (old.lines, new.lines)
        func number(_ line: String) -> Int {
            let (key, next) = (ExactText(text: line), numbers.count)
            if let known = numbers[key] { return known }
            numbers[key] = next
            return next
        }
        guard isWhole,
            let difference = ShortestDifference(from: oldLines.map(number), to: newLines.map(number), by: ==)
        else {
            return oldLines.map(Line.removed) + omitted(old: old.omitted)
                + newLines.map(Line.added) + omitted(new: new.omitted)
        }
        var lines: [Line] = []
        var newIndex = 0
        for (oldIndex, line) in oldLines.enumerated() {
            if difference.removed.contains(oldIndex) {
                lines.append(.removed(line))
                continue
            }
            while difference.added.contains(newIndex) {
                lines.append(.added(newLines[newIndex]))
                newIndex += 1
            }
            lines.append(.same(line))
            newIndex += 1
        }
        return lines + newLines[newIndex...].map(Line.added)
    }

    private static func omitted(old: Int = 0, new: Int = 0) -> [Line] {
        old + new == 0 ? [] : [.omitted(old: old, new: new)]
    }

    private static func hunks(of lines: [Line], firstLine: Int, context: Int) -> [Hunk] {
        let changed = lines.indices.filter { if case .same = lines[$0] { false } else { true } }
        var ranges: [Range<Int>] = []
        for index in changed {
            let range = max(0, index - context)..<min(lines.count, index + context + 1)
            if let last = ranges.last, range.lowerBound <= last.upperBound {
                ranges[ranges.count - 1] = last.lowerBound..<range.upperBound
            } else {
                ranges.append(range)
            }
        }
        var hunks: [Hunk] = []
        var (oldLine, newLine, position) = (firstLine, firstLine, 0)
        for range in ranges {
            let skipped = lines[position..<range.lowerBound]
            oldLine += skipped.reduce(0) { $0 + $1.oldCount }
            newLine += skipped.reduce(0) { $0 + $1.newCount }
            let oldCount = lines[range].reduce(0) { $0 + $1.oldCount }
            let newCount = lines[range].reduce(0) { $0 + $1.newCount }
            hunks.append(
                Hunk(
                    oldStart: oldCount == 0 ? oldLine - 1 : oldLine, oldCount: oldCount,
                    newStart: newCount == 0 ? newLine - 1 : newLine, newCount: newCount,
                    lines: Array(lines[range])))
            oldLine += oldCount
            newLine += newCount
            position = range.upperBound
        }
        return hunks
    }
}

extension LineDiff.Line {
    /// How many lines of the old text it is.
    fileprivate var oldCount: Int {
        switch self {
        case .same, .removed: 1
        case .added: 0
        case .omitted(let old, _): old
        }
    }

    /// How many lines of the new text it is.
    fileprivate var newCount: Int {
        switch self {
        case .same, .added: 1
        case .removed: 0
        case .omitted(_, let new): new
        }
    }
}

/// A text that equals only the same code points; Swift's own equality is not so strict.
struct ExactText: Hashable {
    /// The text.
    let text: String

    static func == (left: Self, right: Self) -> Bool { left.text.isIdentical(to: right.text) }

    func hash(into hasher: inout Hasher) { for byte in text.utf8 { hasher.combine(byte) } }
}

/// What is left of the lines that a diff may show: so many of each text, so that neither hides the other.
private struct Limit {
    private var old = Budget()
    private var new = Budget()

    private struct Budget {
        private var lines = TextLines.limit
        private var bytes = TextLines.byteLimit

        mutating func take(_ text: String) -> Bool {
            lines -= 1
            bytes -= text.utf8.count
            return lines >= 0 && bytes >= 0
        }
    }

    /// A hunk with lines that are too many replaced by how many they are.
    mutating func cut(_ hunk: LineDiff.Hunk) -> LineDiff.Hunk {
        var cut = hunk
        cut.lines = []
        for line in hunk.lines {
            let isShown =
                switch line {
                case .same(let text), .added(let text): new.take(text)
                case .removed(let text): old.take(text)
                case .omitted: false
                }
            if isShown {
                cut.lines.append(line)
            } else if case .omitted(let old, let new)? = cut.lines.last {
                cut.lines[cut.lines.count - 1] = .omitted(old: old + line.oldCount, new: new + line.newCount)
            } else {
                cut.lines.append(.omitted(old: line.oldCount, new: line.newCount))
            }
        }
        return cut
    }
}
