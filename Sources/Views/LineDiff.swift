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

    /// With more pairs of lines, finding the shortest difference takes too long.
    static let searchLimit = 4_000_000

    /// Compares two texts.
    ///
    /// - Parameters:
    ///   - old: The old text.
    ///   - new: The new text.
    ///   - context: The number of lines to keep around each change.
    package init(from old: String, to new: String, context: Int = 3) {
        let lines = Self.lines(from: Self.split(old), to: Self.split(new))
        hunks = Self.hunks(of: lines, context: context)
    }

    /// The lines of a text. Scalars are split, as a carriage return and its newline are one Character.
    static func split(_ text: String) -> [String] {
        text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
    }

    private static func isSame(_ left: String, _ right: String) -> Bool { left.isIdentical(to: right) }

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
        let (removed, added) = changes(from: old, to: new, by: isSame)
        var lines: [Line] = []
        var newIndex = 0
        for (oldIndex, line) in old.enumerated() {
            if removed.contains(oldIndex) {
                lines.append(.removed(line))
                continue
            }
            while added.contains(newIndex) {
                lines.append(.added(new[newIndex]))
                newIndex += 1
            }
            lines.append(.same(line))
            newIndex += 1
        }
        return lines + new[newIndex...].map(Line.added)
    }

    /// The indices of the elements that only one of two lists has.
    static func changes<Element>(
        from old: [Element], to new: [Element], by areEquivalent: (Element, Element) -> Bool
    ) -> (removed: Set<Int>, added: Set<Int>) {
        var (removed, added): (Set<Int>, Set<Int>) = ([], [])
        for change in new.difference(from: old, by: areEquivalent) {
            switch change {
            case .remove(let offset, _, _): removed.insert(offset)
            case .insert(let offset, _, _): added.insert(offset)
            }
        }
        return (removed, added)
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
