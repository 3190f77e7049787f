import RegistryFixtures
import Testing

@testable import Views

@Suite struct LineDiffTests {
    @Test func equalTextsHaveNoHunks() {
        #expect(LineDiff(from: "a\nb", to: "a\nb").hunks == [])
        #expect(LineDiff(from: "", to: "").hunks == [])
    }

    @Test func aChangeKeepsItsContext() {
        let old = (1...10).map { "line \($0)" }.joined(separator: "\n")
        let diff = LineDiff(from: old, to: old.replacing("line 5", with: "LINE 5"))
        #expect(
            diff.hunks == [
                LineDiff.Hunk(
                    oldStart: 2, oldCount: 7, newStart: 2, newCount: 7,
                    lines: [
                        .same("line 2"), .same("line 3"), .same("line 4"), .removed("line 5"),
                        .added("LINE 5"),
                        .same("line 6"), .same("line 7"), .same("line 8"),
                    ])
            ])
    }

    @Test func farChangesAreHunksOfTheirOwn() {
        let old = (1...20).map(String.init).joined(separator: "\n")
        let new = old.replacing("\n3\n", with: "\n3\n3b\n").replacing("\n18\n", with: "\n")
        let hunks = LineDiff(from: old, to: new, context: 1).hunks
        #expect(hunks.map(\.oldStart) == [3, 17] && hunks.map(\.newStart) == [3, 18])
        #expect(hunks.map(\.oldCount) == [2, 3] && hunks.map(\.newCount) == [3, 2])
    }

    @Test func carriageReturnsArePartOfALine() {
        let hunks = LineDiff(from: "a\r\nb", to: "a\nb", context: 0).hunks
        #expect(hunks.map(\.lines) == [[.removed("a\r"), .added("a")]])
    }

    @Test func insertionsIntoNothingAreNumberedAsUnifiedDiffsDo() {
        let hunks = LineDiff(from: "a", to: "a\nb", context: 0).hunks
        #expect(hunks.map(\.oldStart) == [1] && hunks.map(\.oldCount) == [0])
        #expect(hunks.map(\.newStart) == [2] && hunks.map(\.newCount) == [1])
    }

    @Test func hugeDifferencesAreReplacedWhole() {
        let old = (0..<50_000).map { "a\($0)" }.joined(separator: "\n")
        let new = (0..<50_000).map { "b\($0)" }.joined(separator: "\n")
        let hunks = LineDiff(from: old, to: new).hunks
        #expect(hunks.map(\.oldCount) == [50_000] && hunks.map(\.newCount) == [50_000])
    }

    @Test func whatIsTooLongIsLeftOutAndCounted() {
        let old = String(repeating: "a\n", count: 300_000)
        let new = String(repeating: "b\n", count: 20_000)
        let hunks = LineDiff(from: old + "end", to: new + "end").hunks
        #expect(hunks.map(\.oldCount) == [300_001] && hunks.map(\.newCount) == [20_001])
        #expect(hunks.map(\.lines.count) == [2 * TextLines.limit + 2])
        #expect(hunks.first?.lines.contains(.omitted(old: 295_000, new: 0)) == true)
        // The last line is in both, and too many came before it.
        #expect(hunks.first?.lines.last == .omitted(old: 1, new: 15_001))
        let whole = LineDiff(of: old, isNew: false).hunks
        #expect(whole.map(\.oldCount) == [300_001])
        #expect(whole.first?.lines.last == .omitted(old: 295_001, new: 0))
        let long = LineDiff(from: String(repeating: "x", count: TextLines.byteLimit + 1), to: "y").hunks
        #expect(long.map(\.lines) == [[.omitted(old: 1, new: 0), .added("y")]])
    }

    @Test func aSmallChangeOfALongTextIsFound() {
        let lines = (0..<50_000).map { "line \($0)" }
        var changed = lines
        changed[40_000] = "other"
        changed.remove(at: 20_000)
        let hunks = LineDiff(
            from: lines.joined(separator: "\n"), to: changed.joined(separator: "\n"), context: 1
        ).hunks
        #expect(hunks.map(\.oldStart) == [20_000, 40_000] && hunks.map(\.newStart) == [20_000, 39_999])
        #expect(hunks.map(\.lines.count) == [3, 4])
    }

    /// What a hunk says applied to the old text gives the new one, over many random edits.
    @Test func hunksApply() throws {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<300 {
            let old = (0..<Int.random(in: 0...12, using: &random)).map { _ in
                ["a", "b", "c"].randomElement(using: &random) ?? ""
            }
            let new = (0..<Int.random(in: 0...12, using: &random)).map { _ in
                ["a", "b", "d"].randomElement(using: &random) ?? ""
            }
            let (oldText, newText) = (old.joined(separator: "\n"), new.joined(separator: "\n"))
            var lines = oldText.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            for hunk in LineDiff(from: oldText, to: newText, context: 2).hunks.reversed() {
                let start = hunk.oldCount == 0 ? hunk.oldStart : hunk.oldStart - 1
                #expect(
                    hunk.lines.compactMap { if case .added = $0 { nil } else { $0.text } }
                        == Array(lines[start..<(start + hunk.oldCount)]))
                lines.replaceSubrange(
                    start..<(start + hunk.oldCount),
                    with: hunk.lines.compactMap { if case .removed = $0 { nil } else { $0.text } })
            }
            #expect(lines.joined(separator: "\n") == newText)
        }
    }
}

extension LineDiff.Line {
    fileprivate var text: String {
        switch self {
        case .same(let text), .added(let text), .removed(let text): text
        case .omitted: "…"
        }
    }
}
