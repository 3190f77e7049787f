import Support

/// How two lines differ, word by word.
package struct WordDiff: Hashable, Sendable {
    /// A stretch of a line.
    package struct Piece: Hashable, Sendable {
        /// The text.
        package var text: String
        /// Whether the other line has something else there.
        package var isChanged: Bool
    }

    /// The old line, in order.
    package let old: [Piece]
    /// The new line, in order.
    package let new: [Piece]

    /// Lines with more words between the first and the last change are not compared word by word.
    private static let mostWords = 20_000
    /// Of lines that have less than this share of their text in common, marks would be confusing.
    private static let leastShare = 0.3

    /// Compares two lines.
    ///
    /// - Parameters:
    ///   - old: The old line.
    ///   - new: The new line.
    package init(from old: String, to new: String) {
        let (oldWords, newWords) = (Self.words(of: old), Self.words(of: new))
        guard let changed = Self.changedWords(oldWords, newWords) else {
            self.old = Self.whole(old)
            self.new = Self.whole(new)
            return
        }
        self.old = Self.pieces(oldWords, changed.old)
        self.new = Self.pieces(newWords, changed.new)
    }

    /// A line without a counterpart, all of it changed.
    static func whole(_ line: String) -> [Piece] { line.isEmpty ? [] : [Piece(text: line, isChanged: true)] }

    /// How much of the words of two lines is the same, from 0 to 1, whatever their order.
    static func similarity(_ old: [ExactText], _ new: [ExactText]) -> Double {
        var counts: [ExactText: Int] = [:]
        for word in old where !word.isBlank { counts[word, default: 0] += 1 }
        var common = 0
        for word in new {
            guard let count = counts[word], count > 0 else { continue }
            counts[word] = count - 1
            common += word.text.utf8.count
        }
        let size = (old + new).reduce(0) { $0 + ($1.isBlank ? 0 : $1.text.utf8.count) }
        return size == 0 ? 1 : Double(2 * common) / Double(size)
    }

    // MARK: Words

    /// The line cut between words, blanks and signs.
    static func words(of line: String) -> [ExactText] {
        enum Kind { case word, blank, sign }
        var words: [ExactText] = []
        var (start, last) = (line.startIndex, Kind.sign)
        for index in line.indices {
            let character = line[index]
            let kind: Kind =
                character.isLetter || character.isNumber || character == "_"
                ? .word : character.isWhitespace ? .blank : .sign
            if index != line.startIndex, kind == .sign || kind != last {
                words.append(ExactText(text: String(line[start..<index])))
                start = index
            }
            last = kind
        }
        if start < line.endIndex { words.append(ExactText(text: String(line[start...]))) }
        return words
    }

    /// The indices of the words that only one line has; nil where the lines are too different.
    private static func changedWords(
        _ old: [ExactText], _ new: [ExactText]
    ) -> (old: Set<Int>, new: Set<Int>)? {
        guard similarity(old, new) >= leastShare else { return nil }
        let shorter = min(old.count, new.count)
        let start = (0..<shorter).first { old[$0] != new[$0] } ?? shorter
        let end =
            (0..<(shorter - start)).first { old[old.count - 1 - $0] != new[new.count - 1 - $0] }
            ?? shorter - start
        let (oldMiddle, newMiddle) = (old[start..<(old.count - end)], new[start..<(new.count - end)])
        guard max(oldMiddle.count, newMiddle.count) <= mostWords,
            let difference = ShortestDifference(from: Array(oldMiddle), to: Array(newMiddle), by: ==)
        else { return nil }
        return (Set(difference.removed.map { $0 + start }), Set(difference.added.map { $0 + start }))
    }

    /// The words joined to stretches. A blank between changed words is marked with them.
    private static func pieces(_ words: [ExactText], _ changed: Set<Int>) -> [Piece] {
        var pieces: [Piece] = []
        for (index, word) in words.enumerated() {
            let isBetween = word.isBlank && changed.contains(index - 1) && changed.contains(index + 1)
            let isChanged = isBetween || changed.contains(index)
            if let last = pieces.last, last.isChanged == isChanged {
                pieces[pieces.count - 1].text += word.text
            } else {
                pieces.append(Piece(text: word.text, isChanged: isChanged))
            }
        }
        return pieces
    }
}

extension ExactText {
    /// Whether there is nothing in it to be seen.
    fileprivate var isBlank: Bool { text.allSatisfy(\.isWhitespace) }
}
