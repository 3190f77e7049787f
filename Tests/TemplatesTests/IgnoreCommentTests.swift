import Diagnostics
import Support
import Testing

@testable import Templates

@Suite struct IgnoreCommentTests {
    @Test(arguments: [
        ("a <!-- promptreg-ignore --> b\nc", "a b\nc", 1), ("a {# promptreg-ignore #}\nb", "a\nb", 1),
        ("a\n  {{!-- promptreg-ignore: x-y --}}\t\r\nb", "a\nb", 3), ("{#- promptreg-ignore -#}\nb", "b", 2),
        ("# promptreg-ignore\nb", "b", 2), ("a # promptreg-ignore x, y\r\nb", "a\r\nb", 1),
        ("a <!-- promptreg-ignore: x - as z is -->\nb", "a\nb", 1),
        ("a\n<!-- promptreg-ignore-->", "a", 2), ("<!--promptreg-ignore-->", "", 2),
    ])
    func commentsAreNotRegistered(text: String, registered: String, line: Int) {
        var ignored = IgnoredWarnings()
        let start = SourceLocation(file: "f")
        #expect(ignored.takeComments(out: TemplateText(text, start: start)).text.isIdentical(to: registered))
        for (code, isNamed) in [("x", text.contains("x")), ("z", false)] {
            let finding = Diagnostic.warning(
                .init(rawValue: code == "x" && text.contains("x-y") ? "x-y" : code), "",
                at: SourceLocation(file: "f", line: line, column: 7))
            #expect(ignored.contain(finding) == (isNamed || !text.contains("x")))
        }
        #expect(!ignored.contain(.error(.singleBrace, "", at: SourceLocation(file: "f", line: line))))
        #expect(!ignored.contain(.warning(.singleBrace, "", at: SourceLocation(file: "g", line: line))))
    }

    @Test(arguments: [
        "promptreg-ignore", "Say promptreg-ignore.", "<!-- promptreg-ignore", "<!-- promptreg-ignored -->",
        "<!-- promptreg-ignore\n-->", "a# promptreg-ignore", "{ promptreg-ignore }",
        "<!-- promptreg-ignore-file -->",
        "(promptreg-ignore #})",
    ])
    func otherTextsStay(text: String) {
        var ignored = IgnoredWarnings()
        #expect(ignored.takeComments(out: TemplateText(text, start: SourceLocation(file: "f"))).text == text)
    }

    @Test func placesAfterACommentAreThoseOfTheFile() {
        var ignored = IgnoredWarnings()
        let text = ignored.takeComments(
            out: TemplateText(
                "a {# promptreg-ignore #}{b}\n{# promptreg-ignore #}\n ä{c}",
                start: SourceLocation(file: "f", line: 5, column: 3), indentation: 2))
        #expect(text.text == "a{b}\n ä{c}")
        let found = TemplateSyntax.mustache.analyze([text]).diagnostics.compactMap(\.location)
        #expect(found.map { "\($0.line):\($0.column)" } == ["5:27", "7:5"])
    }

    @Test func manyCommentsTakeLittleTime() {
        var ignored = IgnoredWarnings()
        let text = String(repeating: "{a} <!-- promptreg-ignore -->\n", count: 13_000)
        let left = ignored.takeComments(out: TemplateText(text, start: SourceLocation(file: "f")))
        #expect(left.text == String(repeating: "{a}\n", count: 13_000))
    }
}
