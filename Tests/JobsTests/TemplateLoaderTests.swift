import Diagnostics
import Foundation
import Support
import Testing

@testable import Jobs

@Suite struct TemplateLoaderTests {
    private let head = "version: 1\njob: agent\nprompts_dir: ../prompts\n"

    @Test(arguments: [
        ("text", "text"), ("text\n", "text"), ("text\n\n", "text\n"), ("a\r\nb\r\n", "a\nb"),
        ("a\rb", "a\rb"), ("a \n", "a "), ("a\r", "a\r"), ("a\r\r\n", "a\r"), ("\n a", "\n a"),
        ("é\u{2028}", "é\u{2028}"),
    ])
    func onlyLineEndsAndOneFinalNewlineAreTouched(file: String, registered: String) throws {
        let folder = try JobFolder(["prompts/a.md": file])
        let template = try #require(try folder.load(head + "syntax: none").state?.prompts.first?.template)
        #expect(template.text == registered)
        #expect(template.characters == registered.unicodeScalars.count)
    }

    @Test(arguments: [
        ("a\r\nb\r\n", "a\r\nb"), ("a\nb\n", "a\nb"), ("a\r\n\n", "a\r\n"), ("a\r\r\n", "a\r"),
        ("a\r", "a\r"),
        ("\r\na", "\r\na"), ("a\r\n\r\n", "a\r\n"),
    ])
    func lineEndsAreKeptWhereThatIsAskedFor(file: String, registered: String) throws {
        let folder = try JobFolder(["prompts/a.md": file])
        let job = try folder.load(head + "prompts: {a: {file: a.md, syntax: none, newlines: keep}}")
        let template = try #require(job.state?.prompts.first?.template)
        #expect(template.text.utf8.elementsEqual(registered.utf8))
        #expect(
            try folder.load(head + "prompts: {a: {file: a.md, newlines: x}}").findings == ["bad-value@4:37"])
    }

    @Test func aNameInACommentThatIsNoWarningsIsTold() throws {
        let folder = try JobFolder([
            "prompts/a.md":
                "---\n# promptreg-ignore: unmaped-key\nmodel: m\n---\n{x} <!-- promptreg-ignore: singel-brace -->\n{{> p}}{{> p}}",
            "prompts/_p.md": "é {y} {# promptreg-ignore: single-brace, other #}",
        ])
        let job = try folder.load(head + "# promptreg-ignore: unused-pattern, tripple-brace, singel-brace\n")
        #expect(
            job.findings == [
                "unknown-warning@4:37", "unknown-warning@1:42", "unknown-warning@2:21", "single-brace@5:1",
                "unknown-warning@5:28",
            ])
        let help = job.diagnostics.sorted.compactMap(\.help)
        for name in ["unmapped-key", "single-brace"] {
            #expect(help.contains("did you mean '\(name)'?"))
        }
        #expect(help.contains("did you mean 'triple-brace', 'single-brace'?"))
        #expect(
            job.diagnostics.diagnostics.contains {
                $0.message.hasPrefix("no warnings are called 'tripple-brace', 'singel-brace', so")
            })
        let off = try folder.load(head + "warnings: {unknown-warning: off, single-brace: off}\n")
        #expect(off.state != nil && off.findings.isEmpty)
    }

    @Test func escapesInAChatFileKeepTheirCarriageReturns() throws {
        let folder = try JobFolder([
            "prompts/a.chat.yaml":
                "- role: user\r\n  content: \"a\\r\\nb\"\r\n- role: user\r\n  content: |\r\n    c\r\n    d\r\n"
        ])
        let job = try folder.load(head)
        #expect(
            job.state?.prompts[0].template.text
                == #"[{"role": "user", "content": "a\r\nb"}, {"role": "user", "content": "c\nd\n"}]"#)
    }

    @Test func whatIsNoTemplateIsRefused() throws {
        let folder = try JobFolder(["outside.md": "x"])
        try folder.write(Data([0x61, 0x0A, 0x62, 0xFF]), to: "prompts/binary.md")
        try folder.write(Data([0x61, 0x00]), to: "prompts/null.md")
        try folder.write(Data(String(repeating: "é", count: 100_001).utf8), to: "prompts/long.md")
        try folder.write(Data(String(repeating: "x", count: 500_000).utf8), to: "prompts/huge.md")
        try folder.write(Data(String(repeating: "é", count: 100_000).utf8), to: "prompts/longest.md")
        try folder.write(Data(" \n\t\n".utf8), to: "prompts/blank.md")
        try FileManager.default.createSymbolicLink(
            atPath: folder.path("prompts/link.md"), withDestinationPath: "../outside.md")
        try FileManager.default.createSymbolicLink(
            atPath: folder.path("prompts/loop.md"), withDestinationPath: "loop.md")
        #expect(mkfifo(folder.path("prompts/pipe.md"), 0o600) == 0)
        let names = [
            "binary", "null", "long", "huge", "longest", "blank", "link", "loop", "pipe", "gone",
        ]
        let spec =
            head + "prompts:\n" + names.map { "  \($0): {file: \($0).md}\n" }.joined()
            + "  up: {file: ../outside.md}\n  folder: {file: .}\n  device: {file: /dev/null}\n"
        let job = try folder.load(spec)
        #expect(
            job.findings == [
                // In the spec: huge, link, loop, pipe, gone, up, folder, device.
                "unreadable-template@8:16", "outside-prompts-dir@11:16", "unreadable-template@12:16",
                "unreadable-template@13:16", "unreadable-template@14:16", "outside-prompts-dir@15:14",
                "unreadable-template@16:18", "outside-prompts-dir@17:18",
                // In the files: binary, blank, long, null.
                "unreadable-template@2:2", "empty-template@1:1", "template-too-long@1:1",
                "unreadable-template@1:2",
            ])
        let binary = try #require(job.diagnostics.diagnostics.first { $0.message.hasSuffix("UTF-8") })
        #expect(binary.location?.line == 2 && binary.location?.column == 2)
    }

    @Test func aLinkWithinTheFolderIsFine() throws {
        let folder = try JobFolder(["prompts/a.md": "x"])
        try FileManager.default.createSymbolicLink(
            atPath: folder.path("prompts/b.md"), withDestinationPath: "a.md")
        #expect(try folder.load(head).state?.prompts.map(\.name) == ["a", "b"])
    }

    @Test func filesMakePromptsWhenNoneAreNamed() throws {
        let folder = try JobFolder([
            "prompts/b.txt": "x", "prompts/a.md": "x", "prompts/c.prompt": "x",
            "prompts/d.j2": "{% if q %}x{% endif %}",
            "prompts/e.chat.yaml": "- {role: user, content: Hi}", "prompts/f.yaml": "x", "prompts/.g.md": "x",
            "prompts/sub/h.md": "x",
        ])
        let state = try #require(try folder.load(head).state)
        #expect(state.prompts.map(\.name) == ["a", "b", "c", "d", "e", "sub_h"])
        #expect(state.prompts[3].template.variables == ["q"])
        #expect(state.prompts[4].template.isChat)
        #expect(state.prompts[4].template.text == #"[{"role": "user", "content": "Hi"}]"#)
        try folder.write(Data("x".utf8), to: "prompts/a.txt")
        try folder.write(Data("x".utf8), to: "prompts/a b.txt")
        #expect(
            try folder.load(head).findings == [
                "bad-name@1:1", "same-name@1:1", "same-name@1:1", "passed-over@3:14",
            ])
    }

    @Test func contractsAreChecked() throws {
        let folder = try JobFolder(["prompts/a.md": "{{query}}\n{{contxt}}"])
        let job = try folder.load(head + "prompts: {a: {file: a.md, variables: [query, context]}}")
        #expect(job.diagnostics.diagnostics.count == 2)
        #expect(
            job.diagnostics.diagnostics.contains {
                $0.location?.file.hasSuffix("a.md") == true && $0.location?.line == 2
            })
        #expect(
            job.diagnostics.diagnostics.contains {
                $0.location?.file.hasSuffix("job.yaml") == true && $0.location?.line == 4
            })
    }

    @Test func aPythonTemplateIsConverted() throws {
        let folder = try JobFolder(["prompts/a.md": "Hi {name}, {{literal}}"])
        let template = try #require(try folder.load(head + "syntax: python").state?.prompts.first?.template)
        #expect(template.text == "Hi {{name}}, {literal}")
        #expect(template.variables == ["name"])
    }

    @Test func chatMessagesAreReadAndConverted() throws {
        let folder = try JobFolder([
            "prompts/a.chat.yaml": """
            - role: system
              content: |
                Be {tone}.
                Now.
            - {role: user, content: "{question} and {tone}"}
            """
        ])
        let template = try #require(try folder.load(head + "syntax: python").state?.prompts.first?.template)
        #expect(template.variables == ["question", "tone"])
        #expect(
            JSONValue.areEqual(
                template.text,
                #"[{"role":"system","content":"Be {{tone}}.\nNow."},{"role":"user","content":"{{question}} and {{tone}}"}]"#
            ) == false)
        #expect(
            JSONValue.areEqual(
                template.text,
                #"[{"role":"system","content":"Be {{tone}}.\nNow.\n"},{"role":"user","content":"{{question}} and {{tone}}"}]"#
            ))
    }

    @Test func findingsInABlockPointAtTheirLine() throws {
        let folder = try JobFolder([
            "prompts/a.chat.yaml": "- role: system\n  content: |\n    One.\n    Hi {name}.\n"
        ])
        let job = try folder.load(head)
        #expect(job.state != nil)
        #expect(job.diagnostics.diagnostics.map { [$0.location?.line, $0.location?.column] } == [[4, 8]])
    }

    @Test(arguments: [
        ("# none yet", "bad-chat@1:1"), ("{}", "bad-chat@1:1"), ("[]", "bad-chat@1:1"),
        ("- x", "bad-chat@1:3"),
        ("- {role: 3, content: x}", "bad-chat@1:10"), ("- {role: user}", "bad-chat@1:3"),
        ("- {content: x}", "bad-chat@1:3"), ("- {role: user, content: 1}", "bad-chat@1:25"),
        ("- {role: user, content: ''}", "bad-chat@1:25"),
        ("- {role: user, content: x, nam: y}", "unknown-key@1:28"),
    ])
    func chatFilesThatAreNone(text: String, finding: String) throws {
        let job = try JobFolder(["prompts/a.chat.yaml": text]).load(head)
        #expect(job.findings.first == finding)
        #expect(job.state == nil)
    }

    @Test(arguments: [
        ("{\"a\": 1,}", "json-syntax@1:9"), ("{\n\"a\": [1, ]}", "json-syntax@2:10"),
        ("{", "json-syntax@1:2"), ("", "json-syntax@1:1"), ("{\"a\": 1, \"a\": 2}", "duplicate-key@1:10"),
        ("[]", "bad-response-format@4:44"),
    ])
    func responseFormatsThatAreNone(text: String, finding: String) throws {
        let folder = try JobFolder(["prompts/a.md": "x", "prompts/f.json": text])
        let job = try folder.load(head + "prompts: {a: {file: a.md, response_format: f.json}}")
        #expect(job.findings == [finding])
        #expect(job.state == nil)
    }

    @Test func aResponseFormatMayLieBesideTheSpec() throws {
        let folder = try JobFolder([
            "prompts/a.md": "x", "jobs/f.json": "\n{\"a\": \"\\ud83d\\ude00 x\\\" \",\r\n \"b\": []}\n",
        ])
        let job = try folder.load(head + "prompts: {a: {file: a.md, response_format: f.json}}")
        #expect(job.state?.prompts[0].responseFormat == "{\"a\": \"😀 x\\\" \", \"b\": []}")
        try folder.write(Data("{}".utf8), to: "outside.json")
        let outside = try folder.load(
            head + "prompts: {a: {file: a.md, response_format: ../outside.json}}")
        #expect(outside.findings == ["outside-prompts-dir@4:44"])
        let other = try JobFolder(["src/prompts/a.md": "x", "src/prompts/in/f.json": "{}"])
        let written = try other.load(
            head.replacing("../", with: "../src/")
                + "prompts: {a: {file: a.md, response_format: ../src/prompts/in/f.json}}")
        #expect(written.diagnostics.sorted.first?.help == "paths start in prompts_dir: write 'in/f.json'")
    }
}
