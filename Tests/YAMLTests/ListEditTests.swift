import Support
import Testing

@testable import YAML

/// Lists that are changed item by item: what stays is left as it is written.
@Suite struct ListEditTests {
    private func edited(
        _ text: String, isJSON: Bool = false, at path: [String] = [], _ items: [YAMLListItem]
    ) throws -> String {
        let bytes = Array(text.utf8)
        let parsed = isJSON ? parseJSON(bytes, file: "") : parseYAML(bytes, file: "")
        var editor = YAMLEditor(text, root: try #require(parsed.root), isJSON: isJSON)
        try editor.setItems(of: path, to: items)
        return try editor.checkedText()
    }

    private static let dashed = """
        # A talk.
        - role: system  # first
          content: Be brief.
        # About the user.
        - role: user
          content: |-
            Ask

            again.
        - {role: assistant, content: Ok}  # last
        # The end.

        """
    private let added = YAMLListItem.added(["role": .string("user"), "content": .string("a\nb")])

    @Test func itemsWithDashes() throws {
        #expect(
            try edited(Self.dashed, [.kept(0), .kept(2)])
                == "# A talk.\n- role: system  # first\n  content: Be brief.\n# About the user.\n"
                + "- {role: assistant, content: Ok}  # last\n# The end.\n")
        #expect(
            try edited(Self.dashed, [.kept(0), added, .kept(1), .kept(2)])
                == Self.dashed.replacing(
                    "# About", with: "- role: user\n  content: |-\n    a\n    b\n# About"))
        #expect(
            try edited(Self.dashed, [added, .kept(1)])
                == "# A talk.\n- role: user\n  content: |-\n    a\n    b\n# About the user.\n"
                + "- role: user\n  content: |-\n    Ask\n\n    again.\n# The end.\n")
        #expect(
            try edited(Self.dashed, [.kept(0), .kept(1), .kept(2), added])
                == Self.dashed.replacing("# last\n", with: "# last\n- {role: user, content: \"a\\nb\"}\n"))
        let changed = YAMLListItem.changed(0, ["role": .string("system"), "content": .string("Hi")])
        #expect(
            try edited(Self.dashed, [changed, .kept(1), .kept(2)])
                == Self.dashed.replacing("Be brief.", with: "Hi"))
    }

    @Test func itemsThatAreSetApartStaySo() throws {
        let text = "a:\r\n  -   x: 1\r\n\r\n  -   x: 2\r\n\r\n  -   x: 3"
        let four = YAMLListItem.added(["x": .number("4")])
        #expect(
            try edited(text, at: ["a"], [.kept(0), four, .kept(2)])
                == "a:\r\n  -   x: 1\r\n\r\n  -   x: 4\r\n\r\n  -   x: 3")
        #expect(
            try edited(text, at: ["a"], [.kept(1), .kept(2), four])
                == "a:\r\n  -   x: 2\r\n\r\n  -   x: 3\r\n\r\n  -   x: 4")
        #expect(
            try edited(text, at: ["a"], [four, .kept(0)]) == "a:\r\n  -   x: 4\r\n\r\n  -   x: 1\r\n\r\n")
    }

    @Test func itemsInBrackets() throws {
        let text = "[{a: 1}, {a: 2},  {a: 3}]  # kept"
        let four = YAMLListItem.added(["a": .number("4")])
        #expect(try edited(text, [.kept(0), .kept(2)]) == "[{a: 1},  {a: 3}]  # kept")
        #expect(try edited(text, [.kept(1)]) == "[{a: 2}]  # kept")
        #expect(try edited(text, [four, .kept(0)]) == "[{a: 4}, {a: 1}]  # kept")
        let changed = YAMLListItem.changed(1, ["a": .number("5"), "b": .null])
        #expect(
            try edited(text, [.kept(0), changed, .kept(2), four])
                == "[{a: 1}, {a: 5, b: null},  {a: 3}, {a: 4}]  # kept")
        let lines = "x: [\n  {a: 1},  # one\n  # about two\n  {a: 2},  # two\n]\n"
        #expect(try edited(lines, at: ["x"], [.kept(0)]) == "x: [\n  {a: 1},  # one\n]\n")
        #expect(
            try edited(lines, at: ["x"], [.kept(1)]) == "x: [\n  # about two\n  {a: 2},  # two\n]\n")
        #expect(
            try edited(lines, at: ["x"], [.kept(0), four, .kept(1)])
                == "x: [\n  {a: 1},  # one\n  {a: 4},\n  # about two\n  {a: 2},  # two\n]\n")
    }

    @Test func itemsInBracketsOfADOSFile() throws {
        let text = "[\r\n  {a: 1},  # one\r\n]\r\n"
        let four = YAMLListItem.added(["a": .number("4")])
        #expect(try edited(text, [four, .kept(0)]) == "[\r\n  {a: 4},\r\n  {a: 1},  # one\r\n]\r\n")
    }

    @Test func itemsOfJSON() throws {
        let text = "[\n  {\n    \"a\": 1.0\n  },\n  { \"a\":2 }\n]\n"
        let four = YAMLListItem.added(["a": .number("4")])
        #expect(try edited(text, isJSON: true, [.kept(0)]) == "[\n  {\n    \"a\": 1.0\n  }\n]\n")
        #expect(try edited(text, isJSON: true, [.kept(1)]) == "[\n  { \"a\":2 }\n]\n")
        #expect(
            try edited(text, isJSON: true, [.kept(0), .kept(1), four])
                == "[\n  {\n    \"a\": 1.0\n  },\n  { \"a\":2 },\n  {\n    \"a\": 4\n  }\n]\n")
        #expect(
            try edited("[{\"a\":1}]", isJSON: true, [four, .kept(0)]) == "[{\"a\": 4}, {\"a\":1}]")
    }

    @Test func whatCannotBeToldApartIsAnError() {
        #expect(throws: YAMLEditProblem.self) { try edited("- - a\n  - b\n", at: ["0"], [.kept(1)]) }
        #expect(throws: YAMLEditProblem.self) {
            try edited("a: &x 1\nb:\n- *x\n- 2\n", at: ["b"], [.kept(1)])
        }
        #expect(throws: YAMLEditProblem.self) { try edited("-\n- a\n", [.kept(1)]) }
        #expect(throws: YAMLEditProblem.self) { try edited("a: 1\n", [.kept(1)]) }
    }

    @Test func alignmentFindsWhatBecameOfWhat() {
        func pairs(_ old: String, _ new: String) -> [Int?] {
            ListAlignment.pairs(Array(old), Array(new), isSame: ==) { $0.lowercased() == $1.lowercased() }
        }
        #expect(pairs("abc", "abc") == [0, 1, 2])
        #expect(pairs("abc", "ac") == [0, 2])
        #expect(pairs("ab", "axB") == [0, nil, 1])
        #expect(pairs("ab", "xy") == [0, 1])
        #expect(pairs("ab", "x") == [nil])
        #expect(pairs("aab", "ab") == [0, 2] || pairs("aab", "ab") == [1, 2])
        #expect(pairs("", "ab") == [nil, nil])
    }
}
