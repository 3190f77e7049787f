/// A hunk of a diff as rows, the old text on the left and the new one on the right.
package struct SideBySide: Hashable, Sendable {
    /// A line of one of the texts.
    package struct Cell: Hashable, Sendable {
        /// The number of the line, from 1.
        package var number: Int
        /// The line, with what differs from the one beside it.
        package var pieces: [WordDiff.Piece]
    }

    /// What stands side by side.
    package enum Row: Hashable, Sendable {
        /// A line that both texts have.
        case same(old: Cell, new: Cell)
        /// A line that was changed, or that only one text has.
        case changed(old: Cell?, new: Cell?)
        /// So many lines of the old text, and so many of the new one, that are too many to be shown.
        case omitted(old: Int, new: Int)
    }

    /// The rows.
    package private(set) var rows: [Row] = []

    private var oldNumber: Int
    private var newNumber: Int

    /// Of more pairs of lines it is not looked for those that belong together.
    private static let mostPairs = 2_500
    /// Lines that have this share of their text in common belong together.
    private static let leastSimilarity = 0.4

    /// The rows of a hunk.
    ///
    /// - Parameter hunk: The hunk.
    package init(_ hunk: LineDiff.Hunk) {
        // A hunk without lines of a text says which one is before it.
        oldNumber = hunk.oldStart + (hunk.oldCount == 0 ? 1 : 0)
        newNumber = hunk.newStart + (hunk.newCount == 0 ? 1 : 0)
        var (removed, added) = ([String](), [String]())
        for line in hunk.lines {
            switch line {
            case .removed(let text): removed.append(text)
            case .added(let text): added.append(text)
            case .same(let text):
                append(&removed, &added)
                let pieces = text.isEmpty ? [] : [WordDiff.Piece(text: text, isChanged: false)]
                rows.append(.same(old: old(pieces), new: new(pieces)))
            case .omitted(let old, let new):
                append(&removed, &added)
                rows.append(.omitted(old: old, new: new))
                (oldNumber, newNumber) = (oldNumber + old, newNumber + new)
            }
        }
        append(&removed, &added)
    }

    private mutating func old(_ pieces: [WordDiff.Piece]) -> Cell {
        oldNumber += 1
        return Cell(number: oldNumber - 1, pieces: pieces)
    }

    private mutating func new(_ pieces: [WordDiff.Piece]) -> Cell {
        newNumber += 1
        return Cell(number: newNumber - 1, pieces: pieces)
    }

    /// Adds lines that were changed: those that belong together in one row, and others beside each other.
    private mutating func append(_ removed: inout [String], _ added: inout [String]) {
        var (oldIndex, newIndex) = (0, 0)
        for pair in Self.pairs(removed, added) + [(removed.count, added.count)] {
            while oldIndex < pair.0 || newIndex < pair.1 {
                let left = oldIndex < pair.0 ? old(WordDiff.whole(removed[oldIndex])) : nil
                let right = newIndex < pair.1 ? new(WordDiff.whole(added[newIndex])) : nil
                rows.append(.changed(old: left, new: right))
                (oldIndex, newIndex) = (min(oldIndex + 1, pair.0), min(newIndex + 1, pair.1))
            }
            guard pair.0 < removed.count else { break }
            let words = WordDiff(from: removed[pair.0], to: added[pair.1])
            rows.append(.changed(old: old(words.old), new: new(words.new)))
            (oldIndex, newIndex) = (pair.0 + 1, pair.1 + 1)
        }
        (removed, added) = ([], [])
    }

    /// The lines that belong together, in order: those pairs that have the most in common in total.
    private static func pairs(_ old: [String], _ new: [String]) -> [(Int, Int)] {
        guard old.count * new.count <= mostPairs else {
            return Array(zip(old.indices, new.indices))
        }
        guard !old.isEmpty, !new.isEmpty else { return [] }
        let (oldWords, newWords) = (old.map(WordDiff.words), new.map(WordDiff.words))
        let likeness = oldWords.map { line in newWords.map { WordDiff.similarity(line, $0) } }
        // The best sum for the lines from here on.
        var best = Array(repeating: Array(repeating: 0.0, count: new.count + 1), count: old.count + 1)
        for left in old.indices.reversed() {
            for right in new.indices.reversed() {
                let value = likeness[left][right]
                let paired = value >= leastSimilarity ? value + best[left + 1][right + 1] : 0
                best[left][right] = max(paired, best[left + 1][right], best[left][right + 1])
            }
        }
        var pairs: [(Int, Int)] = []
        var (left, right) = (0, 0)
        while left < old.count, right < new.count {
            if best[left][right] == best[left + 1][right] {
                left += 1
            } else if best[left][right] == best[left][right + 1] {
                right += 1
            } else {
                pairs.append((left, right))
                (left, right) = (left + 1, right + 1)
            }
        }
        return pairs
    }
}
