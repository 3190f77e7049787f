/// Brings a change of one text into another one that differs from it in places, line by line, as `diff3` does.
struct LineMerge {
    /// A line by its bytes: texts that only look alike are not the same.
    typealias Line = [UInt8]

    /// Lines in place of others.
    private struct Change {
        var range: Range<Int>
        var lines: ArraySlice<Line>
        /// What comes first where changes begin at one place: a line that is added stays before what it was added to.
        var rank: Int

        func meets(_ other: Change) -> Bool {
            max(range.lowerBound, other.range.lowerBound) < min(range.upperBound, other.range.upperBound)
                || isInside(other) || other.isInside(self)
        }

        private func isInside(_ other: Change) -> Bool {
            range.isEmpty && other.range.lowerBound < range.lowerBound
                && range.lowerBound < other.range.upperBound
        }
    }

    /// The most pairs of lines that are compared one by one.
    private static let limit = 4_000_000

    /// A text with the change that leads from another one to a third.
    ///
    /// - Parameters:
    ///   - own: The text that is changed.
    ///   - old: What the change starts from.
    ///   - new: What it leads to.
    /// - Returns: The text; nil where the change touches what the text has of its own.
    static func merge(_ own: String, from old: String, to new: String) -> String? {
        let (base, own, new) = (lines(old), lines(own), lines(new))
        let kept = changes(from: base, to: own, rank: 1)
        let edits = changes(from: base, to: new, rank: 0)
        guard !kept.contains(where: { change in edits.contains(where: change.meets) }) else { return nil }
        var result: [Line] = []
        var position = 0
        for change in (kept + edits).sorted(by: isBefore) {
            result += base[position..<change.range.lowerBound] + change.lines
            position = change.range.upperBound
        }
        result += base[position...]
        return String(decoding: Array(result.joined(separator: [0x0A])), as: UTF8.self)
    }

    private static func isBefore(_ one: Change, _ other: Change) -> Bool {
        func key(_ change: Change) -> (Int, Int, Int) {
            (change.range.lowerBound, change.range.isEmpty ? 0 : 1, change.rank)
        }
        return key(one) < key(other)
    }

    private static func lines(_ text: String) -> [Line] {
        text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false).map(Array.init)
    }

    private static func changes(from old: [Line], to new: [Line], rank: Int) -> [Change] {
        let start = zip(old, new).prefix { $0 == $1 }.count
        let rest = min(old.count, new.count) - start
        let end = zip(old.reversed(), new.reversed()).prefix { $0 == $1 }.prefix(rest).count
        let (before, after) = (old[start..<(old.count - end)], new[start..<(new.count - end)])
        if before.isEmpty && after.isEmpty { return [] }
        guard before.count * after.count <= limit else {
            return [Change(range: before.indices, lines: after, rank: rank)]
        }
        var (removed, inserted): (Set<Int>, Set<Int>) = ([], [])
        for change in Array(after).difference(from: Array(before)) {
            switch change {
            case .remove(let offset, _, _): removed.insert(start + offset)
            case .insert(let offset, _, _): inserted.insert(start + offset)
            }
        }
        var changes: [Change] = []
        var (one, other) = (start, start)
        while one < before.endIndex || other < after.endIndex {
            let (first, second) = (one, other)
            while removed.contains(one) { one += 1 }
            while inserted.contains(other) { other += 1 }
            if one > first || other > second {
                changes.append(Change(range: first..<one, lines: new[second..<other], rank: rank))
            } else {
                (one, other) = (one + 1, other + 1)
            }
        }
        return changes
    }
}
