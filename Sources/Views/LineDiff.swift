/// The difference between two texts, line by line, in hunks with some lines around each change.
package struct LineDiff: Hashable, Sendable {
    /// A line of a hunk.
    package enum Line: Hashable, Sendable {
        /// In both texts.
        case same(String)
        /// In the new text only.
        case added(String)
        /// In the old text only.
        case removed(String)
    }

    /// A run of lines with changes in it.
    package struct Hunk: Hashable, Sendable {
        /// The first line in the old text, from 1; the line before it when the hunk has none of the old text.
        package var oldStart: Int
        /// How many lines of the old text it covers.
        package var oldCount: Int
        /// The first line in the new text, from 1; the line before it when the hunk has none of the new text.
        package var newStart: Int
        /// How many lines of the new text it covers.
        package var newCount: Int
        /// The lines.
        package var lines: [Line]
    }

    /// The hunks; none when the texts are equal.
    package let hunks: [Hunk]

    /// Beyond so many pairs of differing lines, finding the shortest difference takes too long to wait for.
    static let searchLimit = 4_000_000

    /// Compares two texts.
    ///
    /// - Parameters:
    ///   - old: The old text.
    ///   - new: The new text.
    ///   - context: How many lines are kept around each change.
    package init(from old: String, to new: String, context: Int = 3) {
        let lines = Self.lines(from: Self.split(old), to: Self.split(new))
        hunks = Self.hunks(of: lines, context: context)
    }

    /// The lines of a text. A line may end in a carriage return, which with its newline is one Character.
    static func split(_ text: String) -> [String] {
        text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
    }

    private static func isSame(_ left: String, _ right: String) -> Bool {
        left.utf8.elementsEqual(right.utf8)
    }

    /// All lines of both texts, in order.
    private static func lines(from old: [String], to new: [String]) -> [Line] {
        var start = 0
        while start < min(old.count, new.count), isSame(old[start], new[start]) { start += 1 }
        var end = 0
        while end < min(old.count, new.count) - start,
            isSame(old[old.count - 1 - end], new[new.count - 1 - end])
        {
            end += 1
        }
        var lines = old[..<start].map(Line.same)
        lines += middle(Array(old[start..<(old.count - end)]), Array(new[start..<(new.count - end)]))
        lines += old[(old.count - end)...].map(Line.same)
        return lines
    }

    private static func middle(_ old: [String], _ new: [String]) -> [Line] {
        guard old.count * new.count <= searchLimit else {
            return old.map(Line.removed) + new.map(Line.added)
        }
        var removed: Set<Int> = []
        var added: Set<Int> = []
        for change in new.difference(from: old, by: isSame) {
            switch change {
            case .remove(let offset, _, _): removed.insert(offset)
            case .insert(let offset, _, _): added.insert(offset)
            }
        }
        var lines: [Line] = []
        var (oldIndex, newIndex) = (0, 0)
        while oldIndex < old.count || newIndex < new.count {
            if removed.contains(oldIndex), oldIndex < old.count {
                lines.append(.removed(old[oldIndex]))
                oldIndex += 1
            } else if added.contains(newIndex), newIndex < new.count {
                lines.append(.added(new[newIndex]))
                newIndex += 1
            } else {
                lines.append(.same(old[oldIndex]))
                oldIndex += 1
                newIndex += 1
            }
        }
        return lines
    }

    private static func hunks(of lines: [Line], context: Int) -> [Hunk] {
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
        var (oldLine, newLine, position) = (1, 1, 0)
        for range in ranges {
            oldLine += lines[position..<range.lowerBound].count(where: \.isOld)
            newLine += lines[position..<range.lowerBound].count(where: \.isNew)
            let oldCount = lines[range].count(where: \.isOld)
            let newCount = lines[range].count(where: \.isNew)
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
    /// Whether the old text has the line.
    fileprivate var isOld: Bool { if case .added = self { false } else { true } }

    /// Whether the new text has the line.
    fileprivate var isNew: Bool { if case .removed = self { false } else { true } }
}
