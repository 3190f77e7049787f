import Foundation
import Support
import Testing

@testable import YAML

@Suite struct JSONTextTests {
    @Test(arguments: [
        "null", "true", " 1.50 ", "-0", "1e-7", "12345678901234567890123",
        #""a\"b\\c\/d\b\f\n\r\té\ud83d\ude00""#,
        "[]", "{}", #"[1,[2,{"b":1,"a":[]}],"x"]"#, #"{"z":1,"a":{"z":null}}"#, "\t[\r\n1 , 2 ]\n",
    ])
    func whatIsReadMeansTheSameWhenItIsWritten(text: String) throws {
        let json = try #require(JSONText(parsing: text))
        #expect(try JSONValue(parsing: json.document) == JSONValue(parsing: text))
        #expect(JSONText(parsing: json.document) == json)
    }

    @Test func orderAndDigitsAreKept() throws {
        let json = try #require(
            JSONText(parsing: #"{"b": 2.50, "a": [12345678901234567890, 1E+2], "c": {}, "d": []}"#))
        #expect(
            json.lines() == [
                "{", #"  "b": 2.50,"#, #"  "a": ["#, "    12345678901234567890,", "    1E+2", "  ],",
                #"  "c": {},"#,
                #"  "d": []"#, "}",
            ])
        #expect(json.lines(sortingKeys: true)[1...2] == [#"  "a": ["#, "    12345678901234567890,"])
    }

    @Test func nothingSteersATerminal() throws {
        let hostile = "\u{0}\u{1B}[31m\u{7F}\u{9B}\u{2028}\u{202E}\u{2066}\u{200F}\"\\\r\n\té"
        let lines = JSONText.object([.init(hostile, .string(hostile))]).lines()
        #expect(lines.count == 3)
        #expect(!lines.joined().unicodeScalars.contains { $0.value < 0x20 || 0x7F...0x9F ~= $0.value })
        let read = try JSONDecoder().decode([String: String].self, from: Data(lines.joined().utf8))
        #expect(read == [hostile: hostile])
    }

    @Test(arguments: [
        "", " ", "nul", "nulls", "+1", "01", "1.", ".5", "1e", "1e+", "-", "0x1", "NaN", "Infinity", "[1,]",
        "[,1]",
        "[1 2]", "[1", "]", #"{"a":1,}"#, #"{"a"}"#, #"{"a":}"#, "{a:1}", "{1:1}", #"{"a":1"#, #"""#,
        #""\x""#,
        #""\u12""#, #""\u12g4""#, "\"a\nb\"", "1 1", "\u{FEFF}1", #""\ud83d\u12""#, "'a'", "truefalse", "1-1",
        #""a\ud83db""#, #"{"a":1,"a":2}"#,
    ])
    func whatIsNoJSONIsNone(text: String) {
        #expect(JSONText(parsing: text) == nil)
        #expect(JSONText(stored: text) == .string(text))
    }

    @Test func depthHasALimit() {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(JSONText(parsing: nested(500)) != nil)
        #expect(JSONText(parsing: nested(100_000)) == nil)
    }
}
