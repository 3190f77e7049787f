import RegistryFixtures
import Testing

@testable import Views

@Suite("Differences word by word, side by side")
struct WordDiffTests {
    /// The pieces as text, what is changed in brackets.
    private func marked(_ pieces: [WordDiff.Piece]) -> String {
        pieces.map { $0.isChanged ? "[\($0.text)]" : $0.text }.joined()
    }

    private func marked(_ row: SideBySide.Row) -> String {
        func side(_ cell: SideBySide.Cell?) -> String {
            cell.map { "\($0.number) \(marked($0.pieces))" } ?? "-"
        }
        return switch row {
        case .same(let old, let new): "\(side(old)) = \(side(new))"
        case .changed(let old, let new): "\(side(old)) | \(side(new))"
        case .omitted(let old, let new): "\(old) and \(new) omitted"
        }
    }

    @Test(
        "marks what the other line has not",
        arguments: [
            (
                "Answer the question.", "Answer this question.", "Answer [the] question.",
                "Answer [this] question."
            ),
            ("Use {{zone}} only.", "Use {{region}} only.", "Use {{[zone]}} only.", "Use {{[region]}} only."),
            ("a b", "a  b", "a[ ]b", "a[  ]b"),
            ("same words here", "same new words here", "same words here", "same [new ]words here"),
            ("the last word", "the last", "the last[ word]", "the last"),
            ("", "new", "", "[new]"),
            ("one two three", "four five six", "[one two three]", "[four five six]"),
            (
                "keep alpha beta keep", "keep gamma delta keep", "keep [alpha beta] keep",
                "keep [gamma delta] keep"
            ),
            ("caf\u{E9} au lait", "cafe\u{301} au lait", "[caf\u{E9}] au lait", "[cafe\u{301}] au lait"),
            ("👩‍👧 and 👩‍👦 go home", "👩‍👧 and 👨‍👦 go home", "👩‍👧 and [👩‍👦] go home", "👩‍👧 and [👨‍👦] go home"),
        ])
    func words(old: String, new: String, markedOld: String, markedNew: String) {
        let diff = WordDiff(from: old, to: new)
        #expect(marked(diff.old) == markedOld)
        #expect(marked(diff.new) == markedNew)
    }

    @Test("loses nothing of either line, whatever they are, and has no two pieces that could be one")
    func pieces() {
        var generator = SeededGenerator(seed: 14)
        let parts = ["a", "bc", " ", "\t", "{{", "}}", "é", "e\u{301}", "👩‍👧", "\r", "_", "7", ".", "\u{202E}"]
        for _ in 0..<2_000 {
            let lines = (0..<2).map { _ in
                (0..<Int.random(in: 0...12, using: &generator)).map { _ in
                    parts.randomElement(using: &generator) ?? ""
                }.joined()
            }
            let diff = WordDiff(from: lines[0], to: lines[1])
            #expect(Array(diff.old.map(\.text).joined().utf8) == Array(lines[0].utf8))
            #expect(Array(diff.new.map(\.text).joined().utf8) == Array(lines[1].utf8))
            for side in [diff.old, diff.new] {
                #expect(side.allSatisfy { !$0.text.isEmpty })
                #expect(zip(side, side.dropFirst()).allSatisfy { $0.isChanged != $1.isChanged })
            }
            let same = { (pieces: [WordDiff.Piece]) in !pieces.contains(where: \.isChanged) }
            if lines[0].utf8.elementsEqual(lines[1].utf8) { #expect(same(diff.old) && same(diff.new)) }
        }
    }

    @Test("puts lines that belong together beside each other, and others where there is room")
    func rows() {
        let old = "first\nAnswer the question about costs.\nBe brief and kind.\nlast"
        let new = "first\nZebras!\nAnswer this question about costs.\nBe brief, and kind.\nlast"
        let rows = LineDiff(from: old, to: new).hunks.flatMap { SideBySide($0).rows }
        #expect(
            rows.map(marked) == [
                "1 first = 1 first", "- | 2 [Zebras!]",
                "2 Answer [the] question about costs. | 3 Answer [this] question about costs.",
                "3 Be brief and kind. | 4 Be brief[,] and kind.", "4 last = 5 last",
            ])
    }

    @Test("numbers the lines of every hunk, and of a text that has no counterpart")
    func numbers() {
        let lines = (1...30).map { "line \($0)" }
        var changed = lines
        changed.remove(at: 2)
        changed[24] = "other"
        let hunks = LineDiff(from: lines.joined(separator: "\n"), to: changed.joined(separator: "\n")).hunks
        let rows = hunks.map { SideBySide($0).rows.map(marked) }
        #expect(rows.count == 2)
        #expect(rows.first?.contains("3 [line 3] | -") == true)
        #expect(rows.last?.contains("26 [line 26] | 25 [other]") == true)
        #expect(rows.last?.last == "29 line 29 = 28 line 29")
        let whole = LineDiff(of: "a\n\nb", isNew: true).hunks.flatMap { SideBySide($0).rows }
        #expect(whole.map(marked) == ["- | 1 [a]", "- | 2 ", "- | 3 [b]"])
    }

    @Test("leaves out what the line diff leaves out, and is quick about lines that are huge")
    func limits() {
        let old = String(repeating: "word other, ", count: 8_000)
        let new = String(repeating: "other word. ", count: 8_000)
        let start = ContinuousClock.now
        let diff = WordDiff(from: old, to: new)
        #expect(diff.old.map(\.text).joined() == old)
        let many = (0..<6_000).map { "\($0) \(old.prefix(20))" }.joined(separator: "\n")
        let rows = LineDiff(from: many, to: many.replacing("word", with: "sword")).hunks
            .flatMap { SideBySide($0).rows }
        #expect(rows.contains { if case .omitted = $0 { true } else { false } })
        #expect(ContinuousClock.now - start < .seconds(60))
    }
}
