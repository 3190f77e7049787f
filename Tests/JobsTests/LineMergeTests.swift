import Testing

@testable import Jobs

@Suite("Merging a change of a text into its file") struct LineMergeTests {
    @Test(arguments: [
        // What the file has of its own, and a change elsewhere.
        ("{{> s}}\nb\nc", "S\nT\nb\nc", "S\nT\nb\nC", "{{> s}}\nb\nC"),
        ("{{> s}}\nb", "S\nb", "new\nS\nb", "new\n{{> s}}\nb"),
        ("a\n# c\nb", "a\nb", "a\nB", "a\n# c\nB"),
        ("a\n# c\nb", "a\nb", "a\nnew\nb", "a\nnew\n# c\nb"),
        ("{{> s}}\n{{> s}}\nb", "S\nS\nb", "S\nS", "{{> s}}\n{{> s}}"),
        ("a", "a", "", ""), ("", "", "a\n", "a\n"), ("a\nb", "a\nb", "x\ny", "x\ny"),
    ])
    func changesElsewhereComeIn(own: String, old: String, new: String, merged: String) {
        #expect(LineMerge.merge(own, from: old, to: new) == merged)
    }

    @Test(arguments: [
        ("{{> s}}\nb", "S\nT\nb", "S\nU\nb"), ("a\n# c\nb", "a\nb", "x"), ("a # c", "a", "b"),
    ])
    func aChangeOfWhatIsItsOwnIsNone(own: String, old: String, new: String) {
        #expect(LineMerge.merge(own, from: old, to: new) == nil)
    }

    @Test func muchThatDiffersIsTakenAsOneChange() {
        let lines = { (letter: String) in (0..<3_000).map { "\(letter)\($0)" }.joined(separator: "\n") }
        let old = "top\n" + lines("a")
        #expect(
            LineMerge.merge("own\n" + lines("a"), from: old, to: "top\n" + lines("b")) == "own\n" + lines("b")
        )
    }
}
