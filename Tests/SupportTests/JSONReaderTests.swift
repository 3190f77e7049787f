import Foundation
import Testing

@testable import Support

@Suite struct JSONReaderTests {
    /// What is wrong with a text, each as `line:column+length kind`.
    private func problems(in bytes: [UInt8], limits: DocumentLimits = .init(maxDepth: 512)) -> [String] {
        JSONReader<JSONValue?>.read(bytes, limits: limits) { _, _, _ in nil }.errors.map { error in
            "\(error.position.line):\(error.position.column)+\(error.length) \(error.kind)"
        }
    }

    @Test func givesEachKeyAndValueItsPosition() {
        let text =
            "{\"a\": [1, -2.50, true],\n\t\"é\" : \"x\\u00e9\\ud83d\\ude00\\/\\n\",\r\n\"n\":null, \"e\": {}}"
        var places: [String] = []
        func add(_ position: TextPosition, _ length: Int) {
            places.append("\(position.line):\(position.column)+\(length)")
        }
        let read = withoutActuallyEscaping(add) { add in
            JSONReader<Void>.read(Array(text.utf8), limits: DocumentLimits()) { element, position, length in
                add(position, length)
                guard case .object(let members) = element else { return }
                for member in members { add(member.position, member.length) }
            }
        }
        #expect(read.root != nil && read.errors == [])
        #expect(
            Set(places) == [
                "1:1+1", "1:2+3", "1:7+1", "1:8+1", "1:11+5", "1:18+4", "2:2+3", "2:8+25", "3:1+3", "3:5+4",
                "3:11+3", "3:16+1",
            ])
        #expect(places.count == 12)
    }

    @Test func readsEveryKindOfValue() throws {
        let value = try JSONValue(
            parsing:
                "{\"a\": [1, -2.50, true],\n\"é\" : \"x\\u00e9\\ud83d\\ude00\\/\\n\",\r\n\"n\":null, \"e\": {}}"
        )
        #expect(value.serialized == #"{"a": [1, -2.50, true], "é": "xé😀/\n", "n": null, "e": {}}"#)
    }

    @Test(arguments: [
        ("", "1:1+1 syntax"), (" \n", "2:1+1 syntax"), ("{", "1:2+1 syntax"), ("[", "1:2+1 syntax"),
        ("]", "1:1+1 syntax"), ("[1,]", "1:4+1 syntax"), ("[,1]", "1:2+1 syntax"),
        ("{\"a\": 1,}", "1:9+1 syntax"), ("[1 2]", "1:4+1 syntax"), ("[1", "1:3+1 syntax"),
        ("{'a': 1}", "1:2+1 syntax"), ("{\"a\" 1}", "1:6+1 syntax"), ("{\"a\"}", "1:5+1 syntax"),
        ("{\"a\":}", "1:6+1 syntax"), ("{1:1}", "1:2+1 syntax"), ("[NaN]", "1:2+1 syntax"),
        ("Infinity", "1:1+1 syntax"), ("nul", "1:1+1 syntax"), ("truefalse", "1:1+1 syntax"),
        ("1 2", "1:3+1 syntax"), ("1-1", "1:2+1 syntax"), ("01", "1:1+1 syntax"), ("1.", "1:1+1 syntax"),
        (".5", "1:1+1 syntax"), ("0x1", "1:2+1 syntax"), ("-", "1:1+1 syntax"), ("1e", "1:1+1 syntax"),
        ("1e+", "1:1+1 syntax"), ("+1", "1:1+1 syntax"), ("\"a", "1:3+1 syntax"), ("\"", "1:2+1 syntax"),
        ("\"a\nb\"", "1:3+1 syntax"), ("\"\\x\"", "1:2+1 syntax"), ("\"\\u12\"", "1:2+1 syntax"),
        ("\"\\ud800\"", "1:2+1 syntax"), ("\"\\udc00\\ud800\"", "1:2+1 syntax"),
        ("\"\\ud83d\\u12\"", "1:2+1 syntax"), ("\"a\\ud83db\"", "1:3+1 syntax"),
        ("\"\\u-001\"", "1:2+1 syntax"), ("\"\\u12g4\"", "1:2+1 syntax"), ("// no\n1", "1:1+1 syntax"),
        ("\u{FEFF}1", "1:1+1 syntax"), ("{\"a\": 1, \"b\": 2, \"a\": 3}", "1:18+3 duplicateKey"),
    ])
    func refusesWhatIsNotJSON(_ text: String, _ problem: String) {
        #expect(problems(in: Array(text.utf8)) == [problem])
        #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
        #expect(JSONValue(stored: text) == .string(text))
    }

    @Test func keysAreComparedByCodePoints() throws {
        let value = try JSONValue(parsing: "{\"é\": 1, \"e\u{301}\": 2}")
        #expect(value["é"] == .number("1") && value["e\u{301}"] == .number("2"))
    }

    @Test func limitsHold() {
        func nested(_ depth: Int) -> [UInt8] {
            Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
        }
        #expect(problems(in: nested(512)) == [])
        #expect(problems(in: nested(100_000)) == ["1:513+1 limit"])
        #expect(problems(in: nested(65), limits: DocumentLimits(maxDepth: 64)) == ["1:65+1 limit"])
        var limits = DocumentLimits()
        limits.maxValues = 3
        #expect(problems(in: Array("[1, 2, 3]".utf8), limits: limits) == ["1:8+1 limit"])
        limits.maxBytes = 3
        #expect(problems(in: Array("[1, 2, 3]".utf8), limits: limits) == ["1:1+1 limit"])
        #expect(problems(in: [0x22, 0x0A, 0xC3, 0xA9, 0xFF, 0x22]) == ["2:2+1 encoding"])
    }

    @Test(arguments: [
        "null", "true", " 1.50 ", "-0", "1e-7", "12345678901234567890123",
        #""a\"b\\c\/d\b\f\n\r\té\ud83d\ude00\u0000\u2028""#,
        "[]", "{}", #"[1,[2,{"b":1,"a":[]}],"x"]"#, #"{"z":1,"a":{"z":null}}"#, "\t[\r\n1 , 2 ]\n",
    ])
    func whatIsWrittenReadsBack(text: String) throws {
        let value = try JSONValue(parsing: text)
        #expect(try JSONValue(parsing: value.serialized).serialized == value.serialized)
        #expect(try JSONValue(parsing: value.document).serialized == value.serialized)
        let read = try JSONSerialization.jsonObject(
            with: Data(value.serialized.utf8), options: .fragmentsAllowed)
        let expected = try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
        #expect((read as? NSObject) == (expected as? NSObject))
    }
}
