import Diagnostics
import Support
import Testing

@testable import YAML

@Suite struct LocationTests {
    @Test func givesEachKeyAndValueItsPlace() throws {
        let text = """
            job: health  # a comment
            aliases: [prod, "a b"]
            prompts:
            - file: 'x'
              size: 12
            empty:
            """
        let parsed = parseYAML(Array(text.utf8), file: "jobs/x.yaml")
        let root = try #require(parsed.root)
        #expect(parsed.diagnostics.isEmpty)
        #expect(
            places(in: root) == [
                "1:1+1", "1:1+3", "1:6+6", "2:1+7", "2:10+1", "2:11+4", "2:17+5", "3:1+7", "4:1+1", "4:3+1",
                "4:3+4", "4:9+3", "5:3+4", "5:9+2", "6:1+5", "6:7+1",
            ])
        #expect(root.location == SourceLocation(file: "jobs/x.yaml", line: 1, column: 1))
        #expect(root["job"]?.value == .string("health"))
        #expect(root["missing"] == nil)
        #expect(root["job"]?["deeper"] == nil)
    }

    @Test func measuresTheFirstLineOfLongScalars() throws {
        let text = "a: |-  # why\n  x\nb: >\n  y\n? \"c  \n  d\"\n: 'e  \n  f'\n'g': plain  \n  more\n"
        let root = try #require(parseYAML(Array(text.utf8), file: "f").root)
        #expect(
            places(in: root) == [
                "1:1+1", "1:1+1", "1:4+2", "3:1+1", "3:4+1", "5:3+2", "7:3+2", "9:1+3", "9:6+5",
            ])
    }

    @Test(arguments: [
        "\u{FEFF}é: '😀' # x\n中文: b\n", "é: '😀' # x\r\n中文: b\r\n", "\u{FEFF}é: '😀'\r\n中文: b",
    ])
    func countsScalars(_ text: String) throws {
        let root = try #require(parseYAML(Array(text.utf8), file: "f").root)
        #expect(places(in: root) == ["1:1+1", "1:1+1", "1:4+3", "2:1+2", "2:5+1"])
    }

    /// libyaml ends lines at these characters, and no editor's line numbers do.
    @Test(arguments: ["\u{2028}", "\u{2029}", "\u{85}", "\r"])
    func countsLinesAsEditorsDo(_ separator: String) throws {
        let text = "a: \"x\(separator)y\"\nb: 'é'\nc:\n  d: 1\n"
        let root = try #require(parseYAML(Array(text.utf8), file: "f").root)
        #expect(
            places(in: root) == [
                "1:1+1", "1:1+1", "1:4+5", "2:1+1", "2:4+3", "3:1+1", "4:3+1", "4:3+1", "4:6+1",
            ])
        #expect(findings(in: text + "c: 1\n") == ["5:1+1 duplicate-key: duplicate key 'c', first on line 3"])
    }

    @Test func countsATagAsPartOfItsValue() throws {
        let root = try #require(parseYAML(Array("a: &x !!str 12\n".utf8), file: "f").root)
        #expect(places(in: root) == ["1:1+1", "1:1+1", "1:4+11"])
    }

    @Test(arguments: [
        ("~", "null"), ("true", "a boolean"), ("1", "a number"), ("1.5", "a number"), ("x", "text"),
        ("[]", "a list"), ("{}", "a mapping"),
    ])
    func namesKinds(_ text: String, _ name: String) throws {
        #expect(try #require(parseYAML(Array(text.utf8), file: "f").root).kindName == name)
    }
}
