import Foundation
import Testing

@testable import Support

@Suite struct JSONValueTests {
    // MARK: Equality

    @Test(arguments: [
        ("1", "1.0"), ("1", "10e-1"), ("1", "0.1E+1"), ("1200", "12e2"), ("0", "-0.0"),
        ("0e999999999999999999999", "0"),
        ("1e400", "10e399"), ("1e999999999999999999999", "1.0e+0999999999999999999999"),
        ("12345678901234567890123", "1234567890123456789012.3e1"), ("-0.5", "-5e-1"), ("100", "1e2"),
        (#"{"a": 1, "b": [2]}"#, #"{"b": [2.0], "a": 1}"#), (#""\u00e9""#, #""é""#),
    ])
    func equal(_ left: String, _ right: String) throws {
        #expect(try JSONValue(parsing: left) == JSONValue(parsing: right))
        #expect(JSONValue.areEqual(left, right))
    }

    @Test(arguments: [
        ("9007199254740993", "9007199254740992"), ("1e400", "1e401"), ("1e400", "-1e400"), ("1", "-1"),
        ("0.1", "0.10000000000000001"), ("10", "1"), ("1", #""1""#), ("null", "false"), ("0", "false"),
        ("\"é\"", "\"e\u{301}\""), ("{\"é\": 1}", "{\"e\u{301}\": 1}"), (#"{"a": 1}"#, #"{"a": 1, "b": 1}"#),
        ("[1, 2]", "[2, 1]"), ("[]", "{}"), ("nul", "null"), ("1e999999999999999999999", "1e9"),
        ("1e999999999999999999999", "1e-999999999999999999999"),
    ])
    func different(_ left: String, _ right: String) {
        #expect(!JSONValue.areEqual(left, right))
        #expect(!JSONValue.areEqual(right, left))
    }

    @Test func textsThatAreNotJSONAreComparedAsTexts() {
        #expect(JSONValue.areEqual("no JSON", "no JSON") && !JSONValue.areEqual("a", "b"))
        #expect(JSONValue.areEqual(nil, nil) && !JSONValue.areEqual("null", nil))
    }

    // MARK: Writing

    @Test func orderAndDigitsAreKept() throws {
        let json = try JSONValue(
            parsing: #"{"b": 2.50, "a": [12345678901234567890, 1E+2], "c": {}, "d": []}"#)
        #expect(
            json.document == """
                {
                  "b": 2.50,
                  "a": [
                    12345678901234567890,
                    1E+2
                  ],
                  "c": {},
                  "d": []
                }

                """)
        #expect(json.indented(sortingKeys: true).hasPrefix("{\n  \"a\": [\n    12345678901234567890,"))
        #expect(json.serialized == #"{"b": 2.50, "a": [12345678901234567890, 1E+2], "c": {}, "d": []}"#)
    }

    @Test func oneLineIsLaidOutAsPythonDoesIt() {
        let text = "\u{0}\u{8}\u{C}\u{1F}\u{7F}\u{2028}\"\\\r\n\t/é😀"
        let expected = #""\u0000\b\f\u001f"# + "\u{7F}\u{2028}" + #"\"\\\r\n\t/é😀""#
        #expect(JSONValue(text).serialized == expected)
        #expect(
            JSONValue.array([.number(".inf"), .number("-.inf"), .number(".nan")]).serialized
                == "[null, null, null]")
    }

    @Test func nothingSteersATerminal() throws {
        let hostile = "\u{0}\u{1B}[31m\u{7F}\u{9B}\u{2028}\u{202E}\u{2066}\u{200F}\"\\\r\n\té"
        let value: JSONValue = [hostile: .string(hostile)]
        let lines = value.indented().split(separator: "\n")
        #expect(lines.count == 3)
        #expect(!lines.joined().unicodeScalars.contains { $0.value < 0x20 || 0x7F...0x9F ~= $0.value })
        let read = try JSONDecoder().decode([String: String].self, from: Data(lines.joined().utf8))
        #expect(read == [hostile: hostile])
    }

    // MARK: Members

    @Test func membersAreReplacedInPlace() throws {
        var document = try JSONValue(parsing: #"{"a": 1, "b": 2, "c": 3}"#)
        document["b"] = .string("x")
        document["d"] = .bool(true)
        document["a"] = nil
        document["missing"] = nil
        #expect(document.serialized == #"{"b": "x", "c": 3, "d": true}"#)
        #expect(document["c"] == .number("3"))
        #expect(document["a"] == nil)
    }

    @Test func onlyObjectsTakeMembers() {
        var nothing = JSONValue.null
        nothing["a"] = nil
        #expect(nothing == .null)
        nothing["a"] = JSONValue(1)
        #expect(nothing == ["a": .number("1")])
        var list = JSONValue.array([JSONValue(1)])
        list["a"] = JSONValue(1)
        #expect(list == .array([JSONValue(1)]))
        #expect(list["a"] == nil)
    }

    @Test func nilIsNull() {
        #expect(JSONValue(nil as String?) == .null && JSONValue(nil as Int?) == .null)
        #expect(JSONValue(stored: nil) == .null && JSONValue(stored: "[1]") == .array([JSONValue(1)]))
    }
}
