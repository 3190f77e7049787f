import Diagnostics
import Support
import Testing

@testable import YAML

@Suite struct DocumentTests {
    @Test(arguments: ["", "\n \n", "# only a comment\n", "\u{FEFF}", "\u{FEFF}# x"])
    func readsNothingFromAnEmptyDocument(_ text: String) throws {
        let parsed = parseYAML(Array(text.utf8), file: "f")
        #expect(parsed.root == nil)
        #expect(parsed.diagnostics.isEmpty)
        #expect(try value(of: text) == .null)
    }

    @Test func readsAnExplicitEmptyDocumentAsNull() throws {
        let root = try #require(parseYAML(Array("---\n".utf8), file: "f").root)
        #expect(root.value == .null)
    }

    @Test func refusesASecondDocument() {
        let text = "a: 1\n---\nb: 2\n"
        #expect(
            findings(in: text) == ["2:1+3 yaml-documents: a second document begins here; a file holds one"])
        #expect(parseYAML(Array(text.utf8), file: "f").root?.plain.serialized == #"{"a": 1}"#)
    }

    @Test func acceptsMarkersAroundOneDocument() throws {
        #expect(try value(of: "%YAML 1.2\n---\na: 1\n...\n").serialized == #"{"a": 1}"#)
    }

    @Test func readsJSON() throws {
        let json = #"{"a": [1, 2.5, null, true], "b": {"c": "d\u00e9\n"}, "e":[]}"#
        #expect(
            try value(of: json).serialized == #"{"a": [1, 2.5, null, true], "b": {"c": "dé\n"}, "e": []}"#)
    }

    @Test func takesKeysByTheirText() throws {
        #expect(
            try value(of: "1: a\ntrue: b\n0x1: c\n~: d\n").serialized
                == #"{"1": "a", "true": "b", "0x1": "c", "~": "d"}"#)
    }

    // MARK: Keys

    @Test func reportsEachDuplicateKey() {
        let text = "a: 1\nb: {c: 1, c: 2}\n'a': 3\n\"a\": 4\n"
        #expect(
            findings(in: text) == [
                "2:11+1 duplicate-key: duplicate key 'c', first on line 2",
                "3:1+3 duplicate-key: duplicate key 'a', first on line 1",
                "4:1+3 duplicate-key: duplicate key 'a', first on line 1",
            ])
        #expect(parseYAML(Array(text.utf8), file: "f").root?.plain.serialized == #"{"a": 1, "b": {"c": 1}}"#)
    }

    @Test func findsDuplicatesInLongMappings() {
        let lines = (1...500).map { "key\($0): x" }
        #expect(findings(in: lines.joined(separator: "\n")) == [])
        let twice = (lines + ["key3: y", "key450: y"]).joined(separator: "\n")
        #expect(
            findings(in: twice) == [
                "501:1+4 duplicate-key: duplicate key 'key3', first on line 3",
                "502:1+6 duplicate-key: duplicate key 'key450', first on line 450",
            ])
    }

    @Test(arguments: ["? [a]\n: 1\n", "? {a: 1}\n: 1\n", "{{a}}", "? - a\n: 1\n", "x: &k [a]\n? *k\n: 1\n"])
    func refusesKeysThatAreNoText(_ text: String) {
        let found = findings(in: text)
        #expect(found.count == 1)
        #expect(found.first?.hasSuffix("yaml-key: a key must be text, not a list or a mapping") == true)
    }

    @Test func refusesMergeKeys() {
        let text = "base: &b {x: 1}\nmore:\n  <<: *b\n  '<<': text\n  y: 2\n"
        #expect(
            findings(in: text) == ["3:3+2 yaml-merge-key: '<<' merges nothing: YAML 1.2 has no merge keys"])
        #expect(
            parseYAML(Array(text.utf8), file: "f").root?["more"]?.plain.serialized
                == #"{"<<": "text", "y": 2}"#)
    }

    // MARK: Aliases

    @Test func expandsAliases() throws {
        let text = "a: &x [1, &y 2]\nb: *x\nc: *y\n*y : d\n"
        #expect(try value(of: text).serialized == #"{"a": [1, 2], "b": [1, 2], "c": 2, "2": "d"}"#)
        let root = try #require(parseYAML(Array(text.utf8), file: "f").root)
        #expect(root["b"]?.location == root["a"]?.location)
    }

    @Test func takesTheLatestAnchorOfAName() throws {
        #expect(try value(of: "[&a 1, *a, &a 2, *a]").serialized == "[1, 1, 2, 2]")
    }

    @Test func refusesUnknownAliasesAndCycles() {
        #expect(
            findings(in: "a: *no\nb: &b [*b]\nc: &c {d: {e: *c}}\n&d d: 1\nf: *d\n") == [
                "1:4+3 yaml-alias: no anchor '&no' comes before this alias",
                "2:8+2 yaml-alias: the alias '*b' is inside its own anchor",
                "3:15+2 yaml-alias: the alias '*c' is inside its own anchor",
            ])
    }

    @Test func throwsTheFirstProblem() {
        let problem = #expect(throws: YAMLProblem.self) { try value(of: "a: 1\na: 2\nb: !x 1\n") }
        #expect(problem?.place == TextPosition(line: 2, column: 1))
        #expect(problem?.message == "duplicate key 'a', first on line 1")
    }
}

@Suite struct JSONFileTests {
    @Test func aJSONFileHasLocatedNodes() throws {
        let parsed = parseJSON(
            Array("\u{FEFF}{\"a\": [1.50, null],\n \"b\": {\"c\": \"\\ud83d\\ude00\"}}".utf8), file: "f.json")
        #expect(parsed.diagnostics == [])
        let root = try #require(parsed.root)
        #expect(
            places(in: root) == [
                "1:1+1", "1:2+3", "1:7+1", "1:8+4", "1:14+4", "2:2+3", "2:7+1", "2:8+3", "2:13+14",
            ])
        #expect(root.plain.serialized == #"{"a": [1.50, null], "b": {"c": "😀"}}"#)
    }

    @Test(arguments: [
        ("{\"a\": 1,}", ["1:9 json-syntax"]), ("{\"a\": 1, \"a\": [}", ["1:16 json-syntax"]),
        ("{\"a\": 1, \"a\": 2}", ["1:10 duplicate-key"]),
    ])
    func whatIsWrongIsADiagnostic(_ text: String, _ expected: [String]) {
        let found = parseJSON(Array(text.utf8), file: "f.json").diagnostics
        #expect(
            found.map { "\($0.location?.line ?? 0):\($0.location?.column ?? 0) \($0.code.rawValue)" }
                == expected)
    }

    @Test func depthIsThatOfYAML() {
        let deep = String(repeating: "[", count: 65) + String(repeating: "]", count: 65)
        #expect(parseJSON(Array(deep.utf8), file: "f").diagnostics.map(\.code) == [.yamlLimit])
        #expect(parseJSON([0x22, 0xFF, 0x22], file: "f").diagnostics.map(\.code) == [.yamlEncoding])
    }
}
