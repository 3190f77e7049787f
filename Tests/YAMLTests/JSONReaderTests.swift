import Diagnostics
import Foundation
import Testing
@testable import YAML

@Suite struct JSONReaderTests {
    /// What is wrong with a text, each as `line:column+length code`.
    private func findings(in text: String, limits: YAMLLimits = .init()) -> [String] {
        parseJSON(Array(text.utf8), file: "f.json", limits: limits).diagnostics.map { finding in
            let place = finding.location.map { "\($0.line):\($0.column)+\(finding.length)" } ?? "nowhere"
            return "\(place) \(finding.code.rawValue)"
        }
    }

    @Test func readsEveryKindOfValueWithItsPlace() throws {
        let text =
            "{\"a\": [1, -2.50, true],\n\t\"é\" : \"x\\u00e9\\ud83d\\ude00\\/\\n\",\r\n\"n\":null, \"e\": {}}"
        let parsed = parseJSON(Array(text.utf8), file: "f.json")
        #expect(parsed.diagnostics == [])
        let root = try #require(parsed.root)
        #expect(root.plain.jsonText == #"{"a": [1, -2.5, true], "é": "xé😀/\n", "n": null, "e": {}}"#)
        #expect(
            places(in: root) == [
                "1:1+1", "1:2+3", "1:7+1", "1:8+1", "1:11+5", "1:18+4", "2:2+3", "2:8+25", "3:1+3", "3:5+4",
                "3:11+3", "3:16+1",
            ])
    }

    @Test func aByteOrderMarkIsNoColumn() throws {
        let parsed = parseJSON(Array("\u{FEFF}[1]".utf8), file: "f.json")
        #expect(try #require(parsed.root).location.column == 1)
    }

    @Test(arguments: [
        ("", "1:1+1 json-syntax"), (" \n", "2:1+1 json-syntax"), ("{", "1:2+1 json-syntax"),
        ("[1,]", "1:4+1 json-syntax"), ("{\"a\": 1,}", "1:9+1 json-syntax"), ("[1 2]", "1:4+1 json-syntax"),
        ("{'a': 1}", "1:2+1 json-syntax"), ("{\"a\" 1}", "1:6+1 json-syntax"), ("[NaN]", "1:2+1 json-syntax"),
        ("1 2", "1:3+1 json-syntax"), ("01", "1:1+1 json-syntax"), ("1.", "1:1+1 json-syntax"),
        ("-", "1:1+1 json-syntax"), ("1e", "1:1+1 json-syntax"), ("1e999", "1:1+1 json-syntax"),
        ("+1", "1:1+1 json-syntax"), ("\"a", "1:3+1 json-syntax"), ("\"a\nb\"", "1:3+1 json-syntax"),
        ("\"\\x\"", "1:2+1 json-syntax"), ("\"\\ud800\"", "1:2+1 json-syntax"),
        ("\"\\udc00\\ud800\"", "1:2+1 json-syntax"), ("\"\\u12\"", "1:2+1 json-syntax"),
        ("\"\\u-001\"", "1:2+1 json-syntax"), ("// no\n1", "1:1+1 json-syntax"),
        ("{\"a\": 1, \"b\": 2, \"a\": 3}", "1:18+3 duplicate-key"),
    ])
    func refusesWhatIsNoJSON(_ text: String, _ finding: String) {
        #expect(findings(in: text) == [finding])
        #expect(throws: YAMLSyntaxError.self) { try YAMLValue(parsingJSON: text) }
    }

    @Test func limitsHold() {
        let deep = String(repeating: "[", count: 65) + String(repeating: "]", count: 65)
        #expect(findings(in: deep) == ["1:65+1 yaml-limit"])
        #expect(findings(in: "[1, 2, 3]", limits: YAMLLimits(maxNodes: 3)) == ["1:8+1 yaml-limit"])
        #expect(findings(in: "[1, 2, 3]", limits: YAMLLimits(maxBytes: 3)) == ["1:1+1 yaml-limit"])
        #expect(
            parseJSON([0x22, 0x61, 0xFF, 0x22], file: "f").diagnostics.map(\.code) == [.yamlEncoding])
    }

    @Test func wholeNumbersThatDoNotFitBecomeFloats() throws {
        #expect(try YAMLValue(parsingJSON: "9223372036854775807") == .int(.max))
        #expect(try YAMLValue(parsingJSON: "9223372036854775808") == .float(9_223_372_036_854_775_808))
        #expect(try YAMLValue(parsingJSON: "1.0") == .float(1))
        #expect(try YAMLValue(parsingJSON: "-0") == .int(0))
    }

    @Test func whatWeWriteReadsBack() throws {
        let text = #"{"a\u0000\"\\": "é😀\u2028", "b": [1, 2.0, 1e-07, null, true, {}, []]}"#
        let value = try YAMLValue(parsingJSON: text)
        #expect(try YAMLValue(parsingJSON: value.jsonText) == value)
        #expect(try YAMLValue(parsing: Array(value.yamlText.utf8)) == value)
    }
}
