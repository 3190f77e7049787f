import Diagnostics
import Foundation
import Templates
import Testing

@testable import Jobs

@Suite struct ValuesFileTests {
    private func read(_ text: String, _ name: String = "values.yaml") throws -> ValuesFile {
        let folder = try JobFolder([name: text])
        return ValuesFile(path: folder.path(name))
    }

    private func pairs(_ file: ValuesFile) -> [String] { file.values.map { "\($0.name)=\($0.text)" } }

    private func findings(_ file: ValuesFile) -> [String] {
        file.diagnostics.sorted.map {
            "\($0.code.rawValue)@\($0.location?.line ?? 0):\($0.location?.column ?? 0)"
        }
    }

    @Test func scalarsAreTexts() throws {
        let file = try read(
            """
            a: text
            b: 1.50
            c: -0x1F
            d: true
            e: FALSE
            f: null
            g: ~
            h: "1.0"
            user.name: 1e3
            i: 2024-01-01
            j: .inf
            k: no
            l: +7
            m:
            n: 00012
            o: !!float 3
            p: &anchor 1.10
            q: *anchor
            'r s': |
              two
              lines

            """)
        #expect(findings(file) == [])
        #expect(
            pairs(file) == [
                "a=text", "b=1.50", "c=-0x1F", "d=True", "e=False", "f=None", "g=None", "h=1.0",
                "user.name=1e3", "i=2024-01-01", "j=.inf", "k=no", "l=+7", "m=None", "n=00012", "o=3.0",
                "p=1.10", "q=1.10", "r s=two\nlines\n",
            ])
        #expect(file.values[8].location.map { [$0.line, $0.column] } == [9, 1])
    }

    @Test func jsonIsReadAsJSON() throws {
        let file = try read(
            "\u{FEFF}{\"a\": \"\\ud83d\\ude00\\n\",\n\t\"é\": 1.50, \"b\": 12345678901234567890, \"c\": false, \"d\": null}",
            "values.JSON")
        #expect(findings(file) == [])
        #expect(pairs(file) == ["a=😀\n", "é=1.50", "b=12345678901234567890", "c=False", "d=None"])
    }

    @Test func listsAndMappingsAreRefusedAtTheirPlaces() throws {
        let file = try read("a: [1]\nuser:\n  name: x\nb: ok\nc: {}\n")
        #expect(findings(file) == ["bad-values@1:4", "bad-values@3:3", "bad-values@5:4"])
        #expect(file.diagnostics.sorted[1].help?.contains("'user.name: …'") == true)
        #expect(pairs(file) == ["b=ok"])
    }

    @Test(arguments: [
        ("", []), ("# none\n", []), ("[a]", ["bad-values@1:1"]), ("text", ["bad-values@1:1"]),
        ("a: 1\na: 2\n", ["duplicate-key@2:1"]), ("a: [", ["yaml-syntax@1:5"]),
    ])
    func filesOfOtherKinds(text: String, expected: [String]) throws {
        #expect(findings(try read(text)) == expected)
    }

    @Test func aFileThatIsNotThereIsReported() throws {
        let folder = try JobFolder()
        #expect(findings(ValuesFile(path: folder.path("gone.yaml"))) == ["unreadable@1:1"])
        #expect(findings(ValuesFile(path: folder.path("prompts"))) == ["unreadable@1:1"])
    }
}

@Suite struct TemplateFileTests {
    @Test func aTemplateFileIsReadAsAJobReadsIt() throws {
        let folder = try JobFolder([
            "a.md": "Hi {name}\r\n{{\r\n", "b.j2": "{{ x | upper }}{% if x %}{% endif %}\n",
            "c.chat.yaml": "- {role: user, content: '{{x}}'}",
            "d.md": "{",
        ])
        func load(_ name: String, _ syntax: TemplateSyntax? = nil) -> (TemplateFile?, [String]) {
            let (file, found) = TemplateFile.load(folder.path(name), syntax: syntax)
            return (file, found.sorted.map(\.code.rawValue))
        }
        let python = load("a.md", .python)
        #expect(python.0?.template.text == "Hi {{name}}\n{" && python.1 == [])
        #expect(python.0?.places["name"]?.column == 5)
        #expect(load("b.j2").0?.template.variables == ["x"])
        #expect(load("c.chat.yaml").0?.template.isChat == true)
        #expect(load("d.md", .python).1 == ["format-brace"])
        #expect(load("gone.md").1 == ["unreadable-template"])
    }
}
