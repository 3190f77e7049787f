import Support
import Testing

@testable import YAML

@Suite struct LimitTests {
    private static let tooDeep = "yaml-limit: lists and mappings are nested more than 64 deep"

    /// Eight megabytes of what makes a scanner look ahead or a parser recurse.
    @Test(arguments: ["[", "{", "- ", "? ", "- - - ", "[?", "{a: ", "[\n", "- ? "])
    func stopsAtDeepNesting(_ unit: String) {
        let text = String(repeating: unit, count: (8 << 20) / unit.utf8.count)
        let found = findings(in: text)
        #expect(found.count == 1)
        #expect(found.first?.hasSuffix(Self.tooDeep) == true, "\(found)")
    }

    @Test(arguments: [
        "a: ", "a:\n", ":", "\"", "'", "*a\n", "&a ", "!a ", "|\n", "a", " ", "#\n", "a,", "---\n",
    ])
    func readsAnyRepetition(_ unit: String) {
        let text = String(repeating: unit, count: (256 << 10) / unit.utf8.count)
        let parsed = parseYAML(Array(text.utf8), file: "f")
        #expect(parsed.root != nil || !parsed.diagnostics.isEmpty || " #\n".contains(unit.prefix(1)))
    }

    @Test func stopsAtDeepIndentation() {
        let lines = (0..<200).map { String(repeating: " ", count: $0) + "a:\n" }
        #expect(findings(in: lines.joined()) == ["65:65+1 " + Self.tooDeep])
    }

    @Test func readsUpToTheDepth() {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(findings(in: nested(64)) == [])
        #expect(findings(in: nested(65)) == ["1:65+1 " + Self.tooDeep])
        #expect(findings(in: nested(3), limits: DocumentLimits(maxDepth: 2)).count == 1)
    }

    @Test func countsTheDepthThroughAliases() {
        // Each line is one deeper than the one before.
        let lines = ["- &a0 []"] + (1..<80).map { "- &a\($0) [*a\($0 - 1)]" }
        #expect(findings(in: lines.prefix(63).joined(separator: "\n")) == [])
        #expect(findings(in: lines.joined(separator: "\n")) == ["64:9+1 " + Self.tooDeep])
    }

    @Test func stopsAnAliasBomb() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        for level in 1..<20 {
            let aliases = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(aliases)]\n"
        }
        let found = findings(in: text)
        #expect(found.count == 1)
        #expect(
            found.first?.hasSuffix(
                "yaml-limit: the document expands to more than 200000 values through its aliases") == true)
    }

    @Test func stopsAnAliasBombOfText() {
        let text = "- &a " + String(repeating: "x", count: 1 << 20) + String(repeating: "\n- *a", count: 40)
        #expect(
            findings(in: text) == [
                "33:3+1 yaml-limit: the document expands to more than 33554432 bytes of text through its aliases"
            ])
    }

    @Test func countsValuesWithoutAliases() {
        var limits = DocumentLimits()
        limits.maxValues = 4
        #expect(findings(in: "[a, b, c]", limits: limits) == [])
        #expect(
            findings(in: "[a, b, c, d]", limits: limits) == [
                "1:11+1 yaml-limit: the document holds more than 4 values"
            ])
    }

    @Test func refusesLargeFiles() {
        var limits = DocumentLimits()
        limits.maxBytes = 4
        #expect(
            findings(in: "abcde", limits: limits) == [
                "1:1+1 yaml-limit: the file has more than 4 bytes"
            ])
    }

    @Test func refusesFloodsOfDirectives() {
        let text = (0..<200_000).map { "%TAG !a\($0)! tag:x\n" }.joined()
        #expect(findings(in: text) == ["101:1+1 yaml-limit: more than 100 lines begin with '%'"])
    }

    @Test func readsAHugeScalar() throws {
        let text = String(repeating: "word ", count: 200_000) + "end"
        #expect(try value(of: "a: '\(text)'")["a"] == .string(text))
        #expect(try value(of: "a: |-\n  \(text)\n")["a"] == .string(text))
    }
}
