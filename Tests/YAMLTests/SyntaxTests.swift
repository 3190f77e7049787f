import Diagnostics
import Support
import Testing

@testable import YAML

@Suite struct SyntaxTests {
    @Test(arguments: [
        ("a: b: c", "1:5+1 yaml-syntax: unexpected ':' inside a value"),
        ("a: 1\n  b: 2", "2:4+1 yaml-syntax: unexpected ':' inside a value"),
        ("é: 'ü'\né: b: c", "2:5+1 yaml-syntax: unexpected ':' inside a value"),
        ("a: 1\nb c\nd: 3", "2:1+3 yaml-syntax: expected 'key: value', and there is no ':' after this text"),
        ("a:\n  b: 1\n c: 2", "3:2+1 yaml-syntax: expected a key of the mapping that begins on line 1"),
        ("a: 'it's'", "1:8+1 yaml-syntax: unexpected text after a value"),
        ("a: [b]]", "1:7+1 yaml-syntax: unexpected text after a value"),
        ("- a\nb: 1", "2:1+1 yaml-syntax: expected '- ', as in the list that begins on line 1"),
        ("a: - 1", "1:4+1 yaml-syntax: a list item cannot begin here"),
        ("a: ? b", "1:4+1 yaml-syntax: a key cannot begin here"),
        ("a: [1, , 2]", "1:8+1 yaml-syntax: expected a value here"),
        ("{a: 1} b", "1:8+1 yaml-syntax: unexpected text after the end of the document's value"),
        ("a: [1\nb: 2", "2:2+1 yaml-syntax: expected ',' or ']' in the list that begins at 1:4"),
        ("a: {b: 1\nc: 2", "2:2+1 yaml-syntax: expected ',' or '}' in the mapping that begins at 1:4"),
        ("a:\n  [1, 2\n\n", "2:3+1 yaml-syntax: this list has no closing ']'"),
        ("a: {b", "1:4+1 yaml-syntax: this mapping has no closing '}'"),
        ("a: [b, é: ", "1:10+1 yaml-syntax: the document ends where a value is expected"),
        ("a: [${var.x}]", "1:6+1 yaml-syntax: expected ',' or ']' in the list that begins at 1:4"),
        ("a: 'b\nc: d\n", "1:4+2 yaml-syntax: this quoted text has no closing quote"),
        ("a: \"\\d\"", "1:5+2 yaml-syntax: unknown escape '\\d' in double quotes"),
        ("a: @b", "1:4+1 yaml-syntax: '@' cannot begin a value"),
        ("a: `b`", "1:4+1 yaml-syntax: '`' cannot begin a value"),
        ("a: %b", "1:4+1 yaml-syntax: '%' cannot begin a value"),
        ("a: *.md", "1:4+1 yaml-syntax: '*' begins an alias here, and what follows is no name"),
        ("a: & b", "1:4+1 yaml-syntax: '&' begins an anchor here, and what follows is no name"),
        ("a: |x\n  b", "1:5+1 yaml-syntax: only a comment may follow '|' or '>' on its line"),
        (
            "a: \"\\xZZ\"",
            "1:7+1 yaml-syntax: did not find expected hexdecimal number while parsing a quoted scalar"
        ),
        ("%YAML 2.0\n---\na", "1:1+1 yaml-syntax: found incompatible YAML document"),
    ])
    func saysWhatIsWrong(_ text: String, _ finding: String) {
        #expect(findings(in: text) == [finding])
        #expect(parseYAML(Array(text.utf8), file: "f").root == nil)
    }

    @Test(arguments: ["a:\n\tb: 1", "a: 1\n\tb: 2", "a:\n  - 1\n\t- 2", "a: |\n\tb\n", "\ta: 1"])
    func blamesTabs(_ text: String) {
        let found = findings(in: text)
        #expect(found.count == 1)
        #expect(found.first?.hasSuffix(":1+1 yaml-syntax: a tab cannot indent a line") == true)
    }

    @Test(arguments: ["a:\t1", "a: 1\t# b", "a: [\n\t1,\n\t2 ]", "a: |\n  b\n  \tc", "a: |2\n  \tb"])
    func allowsTabsElsewhere(_ text: String) {
        #expect(findings(in: text) == [])
    }

    @Test(arguments: [
        ("a: b: c", "put the value in quotes if ': ' belongs to its text"),
        (
            "a:b\nc: d",
            "check this line's indentation, and that the ':' of the line above has a space after it"
        ),
        ("a: [${var.x}]", "put text with '{' in quotes"),
        ("a: *.md", "put text that begins with '*' in quotes"), ("a:\n\tb: 1", "indent with spaces"),
        ("<<: 1", "write the keys out, or give the whole value by an alias"),
    ])
    func saysWhatToDo(_ text: String, _ help: String) {
        #expect(parseYAML(Array(text.utf8), file: "f").diagnostics.map(\.help) == [help])
    }

    @Test func reportsWhatItFoundBeforeASyntaxError() {
        #expect(
            findings(in: "a: 1\na: *x\nb: !y 1\nc: [\n") == [
                "2:1+1 duplicate-key: duplicate key 'a', first on line 1",
                "2:4+2 yaml-alias: no anchor '&x' comes before this alias",
                "3:4+2 yaml-tag: unknown tag '!y'",
                "4:5+1 yaml-syntax: the document ends where a value is expected",
            ])
    }
}
