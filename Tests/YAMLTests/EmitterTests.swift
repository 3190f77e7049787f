import Testing

@testable import YAML

@Suite struct EmitterTests {
    private func pair(_ key: String, _ value: YAMLValue) -> YAMLPair { YAMLPair(key: key, value: value) }

    @Test func laysOutBlocks() {
        let value = YAMLValue.mapping([
            pair("name", .string("a b")),
            pair("aliases", .mapping([pair("production", .string("1"))])),
            pair(
                "list",
                .sequence([
                    .int(1), .sequence([.bool(true), .sequence([.null])]),
                    .mapping([pair("x", .sequence([.int(2)])), pair("y", .mapping([pair("z", .float(1))]))]),
                ])),
            pair("none", .sequence([])), pair("empty", .mapping([])), pair("1", .null),
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
        (YAMLValue.null, "null\n"), (.string(""), "''\n"), (.sequence([]), "[]\n"), (.mapping([]), "{}\n"),
        (.float(1e16), "1.0e+16\n"), (.float(1e-7), "1.0e-07\n"), (.float(1.5e300), "1.5e+300\n"),
        (.float(-0.0), "-0.0\n"), (.float(.infinity), ".inf\n"), (.float(-.infinity), "-.inf\n"),
        (.float(.nan), ".nan\n"), (.int(.min), "-9223372036854775808\n"),
    ])
    func writesScalars(_ value: YAMLValue, _ expected: String) {
        #expect(value.yamlText == expected)
    }

    @Test(arguments: [
        "a", "None", "READY", "dummy-source", "main.a_b.prompt_x", "a - b", "_x", "a/b c", "nope",
    ])
    func writesPlainText(_ text: String) {
        #expect(YAMLValue.string(text).yamlText == text + "\n")
    }

    @Test(arguments: [
        "", "no", "NO", "Yes", "on", "y", "N", "null", "~", "true", "1", "1.5", "-", "- a", "? a", "a: b",
        "a #b",
        "a ", " a", "2020-01-01", "<<", "=", "{a}", "[a", "*a", "&a", "!a", "%a", "@a", "`a`", "|", ">",
        "\"a\"",
        "a,b", "é", "😀", "\\", "-x", ".5", "/a", "#",
    ])
    func quotesWhatCouldBeRead(_ text: String) throws {
        #expect(YAMLValue.string(text).yamlText == "'\(text)'\n")
        #expect(try value(of: YAMLValue.string(text).yamlText) == .string(text))
    }

    @Test(arguments: [
        ("a\nb", #""a\nb""#), ("it's", #""it's""#), ("\"'\\", #""\"'\\""#), ("\t", #""\t""#),
        ("\r", #""\r""#),
        ("\u{0}\u{1B}\u{7F}", #""\u0000\u001B\u007F""#), ("\u{85}\u{9F}", #""\u0085\u009F""#),
        ("\u{2028}\u{2029}", #""\u2028\u2029""#), ("\u{FEFF}é😀", #""\uFEFFé😀""#),
        ("\u{FFFE}", #""\uFFFE""#),
    ])
    func escapesWhatWouldNotSurvive(_ text: String, _ expected: String) throws {
        #expect(YAMLValue.string(text).yamlText == expected + "\n")
        #expect(try value(of: YAMLValue.string(text).yamlText) == .string(text))
    }

    @Test func writesLongKeysBeforeTheirColon() throws {
        for value in [YAMLValue.null, .sequence([.int(1)]), .mapping([pair("a", .sequence([.int(1)]))])] {
            let long = YAMLValue.mapping([
                pair(String(repeating: "é", count: 3000), value), pair("b", value),
            ])
            #expect(try YAMLValue(parsing: Array(long.yamlText.utf8)) == long)
            let nested = YAMLValue.sequence([.mapping([pair("x", long)])])
            #expect(try YAMLValue(parsing: Array(nested.yamlText.utf8)) == nested)
        }
    }

    @Test func writesLinesForPeople() throws {
        let value = YAMLValue.sequence([
            .mapping([
                pair("role", .string("system")), pair("content", .string("You are.\n\n  {{x}} \n")),
                pair("none", .string("a\nb")), pair("more", .string("a\n\n")),
                pair("led", .string("\n a")), pair("one", .string("line")),
                pair("returns", .string("a\r\nb")), pair("blank", .string(" \n")),
                pair("list", .sequence([.string("a\nb")])),
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
        #expect(try YAMLValue(parsing: Array(value.readableYAMLText.utf8)) == value)
        #expect(!value.yamlText.contains("|"))
    }

    // MARK: JSON

    @Test func writesJSON() throws {
        let text = """
            a: [1, 2.0, -0.5, null, true, false]
            "q\\"\\\\\\n\\r\\t\\b\\f\\x01\\x1f\\x7f": é😀
            e: {}
            f: []
            """
        #expect(
            try value(of: text).jsonText
                == #"{"a": [1, 2.0, -0.5, null, true, false], "q\"\\\n\r\t\b\f\u0001\u001f"#
                + "\u{7F}" + #"": "é😀", "e": {}, "f": []}"#)
    }

    @Test(arguments: [Double.infinity, -.infinity, .nan])
    func writesWhatJSONHasNotAsNull(_ number: Double) {
        #expect(YAMLValue.sequence([.float(number)]).jsonText == "[null]")
    }

    // MARK: Subscript

    @Test func replacesInPlace() throws {
        var document = try value(of: "a: 1\nb: 2\nc: 3\n")
        document["b"] = .string("x")
        document["d"] = .bool(true)
        document["a"] = nil
        document["missing"] = nil
        #expect(document.jsonText == #"{"b": "x", "c": 3, "d": true}"#)
        #expect(document["c"] == .int(3))
        #expect(document["a"] == nil)
    }

    @Test func writesIntoNothingButMappings() {
        var nothing = YAMLValue.null
        nothing["a"] = nil
        #expect(nothing == .null)
        nothing["a"] = .int(1)
        #expect(nothing == .mapping([pair("a", .int(1))]))
        var list = YAMLValue.sequence([.int(1)])
        list["a"] = .int(1)
        #expect(list == .sequence([.int(1)]))
        #expect(list["a"] == nil)
    }
}
