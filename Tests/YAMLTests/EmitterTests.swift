import Support
import Testing

@testable import YAML

@Suite struct EmitterTests {
    private func pair(_ key: String, _ value: JSONValue) -> JSONValue.Member { .init(key, value) }

    @Test func laysOutBlocks() {
        let value = JSONValue.object([
            pair("name", .string("a b")),
            pair("aliases", .object([pair("production", .string("1"))])),
            pair(
                "list",
                .array([
                    JSONValue(1), .array([.bool(true), .array([.null])]),
                    .object([
                        pair("x", .array([JSONValue(2)])), pair("y", .object([pair("z", JSONValue(1.0))])),
                    ]),
                ])),
            pair("none", .array([])), pair("empty", .object([])), pair("1", .null),
        ])
        #expect(
            value.yamlText == """
                name: a b
                aliases:
                  production: '1'
                list:
                - 1
                - - true
                  - - null
                - x:
                  - 2
                  'y':
                    z: 1.0
                none: []
                empty: {}
                '1': null

                """)
    }

    @Test(arguments: [
        (JSONValue.null, "null\n"), (.string(""), "''\n"), (.array([]), "[]\n"), (.object([]), "{}\n"),
        (.number("1E5"), "1.0E+5\n"), (.number("12345678901234567890"), "12345678901234567890\n"),
        (JSONValue(1e16), "1.0e+16\n"), (JSONValue(1e-7), "1.0e-07\n"), (JSONValue(1.5e300), "1.5e+300\n"),
        (JSONValue(-0.0), "-0.0\n"), (.number(".inf"), ".inf\n"), (.number("-.inf"), "-.inf\n"),
        (.number(".nan"), ".nan\n"), (JSONValue(Int.min), "-9223372036854775808\n"),
    ])
    func writesScalars(_ value: JSONValue, _ expected: String) {
        #expect(value.yamlText == expected)
    }

    @Test(arguments: [
        "a", "None", "READY", "dummy-source", "main.a_b.prompt_x", "a - b", "_x", "a/b c", "nope",
    ])
    func writesPlainText(_ text: String) {
        #expect(JSONValue.string(text).yamlText == text + "\n")
    }

    @Test(arguments: [
        "", "no", "NO", "Yes", "on", "y", "N", "null", "~", "true", "1", "1.5", "-", "- a", "? a", "a: b",
        "a #b",
        "a ", " a", "2020-01-01", "<<", "=", "{a}", "[a", "*a", "&a", "!a", "%a", "@a", "`a`", "|", ">",
        "\"a\"",
        "a,b", "é", "😀", "\\", "-x", ".5", "/a", "#",
    ])
    func quotesWhatCouldBeRead(_ text: String) throws {
        #expect(JSONValue.string(text).yamlText == "'\(text)'\n")
        #expect(try value(of: JSONValue.string(text).yamlText) == .string(text))
    }

    @Test(arguments: [
        ("a\nb", #""a\nb""#), ("it's", #""it's""#), ("\"'\\", #""\"'\\""#), ("\t", #""\t""#),
        ("\r", #""\r""#),
        ("\u{0}\u{1B}\u{7F}", #""\u0000\u001B\u007F""#), ("\u{85}\u{9F}", #""\u0085\u009F""#),
        ("\u{2028}\u{2029}", #""\u2028\u2029""#), ("\u{FEFF}é😀", #""\uFEFFé😀""#),
        ("\u{FFFE}", #""\uFFFE""#),
    ])
    func escapesWhatWouldNotSurvive(_ text: String, _ expected: String) throws {
        #expect(JSONValue.string(text).yamlText == expected + "\n")
        #expect(try value(of: JSONValue.string(text).yamlText) == .string(text))
    }

    @Test func writesLongKeysBeforeTheirColon() throws {
        for value in [JSONValue.null, .array([JSONValue(1)]), .object([pair("a", .array([JSONValue(1)]))])] {
            let long = JSONValue.object([
                pair(String(repeating: "é", count: 3000), value), pair("b", value),
            ])
            #expect(try JSONValue(parsingYAML: Array(long.yamlText.utf8)) == long)
            let nested = JSONValue.array([.object([pair("x", long)])])
            #expect(try JSONValue(parsingYAML: Array(nested.yamlText.utf8)) == nested)
        }
    }

    @Test func writesLinesForPeople() throws {
        let value = JSONValue.array([
            .object([
                pair("role", .string("system")), pair("content", .string("You are.\n\n  {{x}} \n")),
                pair("none", .string("a\nb")), pair("more", .string("a\n\n")),
                pair("led", .string("\n a")), pair("one", .string("line")),
                pair("returns", .string("a\r\nb")), pair("blank", .string(" \n")),
                pair("list", .array([.string("a\nb")])),
            ])
        ])
        #expect(
            value.readableYAMLText == """
                - role: system
                  content: |
                    You are.

                      {{x}}\u{20}
                  none: |-
                    a
                    b
                  more: |+
                    a

                  led: |2-

                     a
                  one: line
                  returns: "a\\r\\nb"
                  blank: " \\n"
                  list:
                  - "a\\nb"

                """)
        #expect(try JSONValue(parsingYAML: Array(value.readableYAMLText.utf8)) == value)
        #expect(!value.yamlText.contains("|"))
    }
}
