import Diagnostics
import Foundation
import Testing

@testable import Jobs

@Suite struct PartLibraryTests {
    private let head = "version: 1\njob: agent\nprompts_dir: ../prompts\n"

    private func text(_ template: String, syntax: String = "mustache", parts: [String: String]) throws
        -> String
    {
        let folder = try JobFolder(["prompts/sub/a.md": template])
        for (path, text) in parts { try folder.write(Data(text.utf8), to: "prompts/\(path)") }
        let job = try folder.load(head + "prompts: {a: {file: sub/a.md, syntax: \(syntax)}}")
        return job.state?.prompts[0].template.text ?? job.findings.joined(separator: " ")
    }

    @Test(arguments: [
        "style", "style.md", "_style", "_style.md", "./style", "../sub/style", " style ", "'style'",
        "\"style.md\"",
    ])
    func aPartIsFoundUnderItsNames(name: String) throws {
        #expect(try text("[{{>\(name)}}]", parts: ["sub/_style.md": "x\n"]) == "[x]")
    }

    @Test func whatIsNearestCounts() throws {
        let parts = [
            "style.md": "top", "sub/style.txt": "other ending", "sub/_style.md": "hidden",
            "sub/style.md": "near",
            "other.md": "top", "sub/dir/part.md": "{{> style}}{{> leaf}}", "sub/dir/leaf.md": "leaf",
        ]
        #expect(try text("{{> style}} {{> other}} {{> style.txt}}", parts: parts) == "near top other ending")
        #expect(try text("{{> dir/part}} {{> ../style}}", parts: parts) == "topleaf top")
    }

    @Test(arguments: ["x", "x\n", "\u{FEFF}x\r\n", "---\na: b\n---\nx\n", "<!-- promptreg-ignore -->\nx\n"])
    func aPartIsReadAsATemplateIs(part: String) throws {
        #expect(try text("[{{> p}}]", parts: ["p.md": part]) == "[x]")
        #expect(
            try text("[{% include 'p' %}]{% if a %}{% endif %}", syntax: "jinja2", parts: ["p.md": part])
                == "[x]{% if a %}{% endif %}")
    }

    @Test(arguments: [
        ("{{> p}}", "none", "{{> p}}"), ("{{{> p}}}", "mustache", "{{{> p}}}"),
        ("{{> p}}{{y}}", "python", "{{x}}{y}"),
        (
            "{# {% include 'p' %} #}{% raw %}{% include 'p' %}{% endraw %}", "jinja2",
            "{# {% include 'p' %} #}{% raw %}{% include 'p' %}{% endraw %}"
        ),
        ("a \n{%- include 'p' -%}\n b{% include 'p' with context %}", "jinja2", "a{x}b{x}"),
    ])
    func tagsAreThoseOfTheSyntax(template: String, syntax: String, registered: String) throws {
        #expect(try text(template, syntax: syntax, parts: ["p.md": "{x}"]) == registered)
    }

    @Test func aMissingPartIsToldWithWhereItWasLookedFor() throws {
        let folder = try JobFolder([
            "prompts/sub/a.md": "{{> stile}}", "prompts/_style.md": "x", "prompts/sub/b.md": "y",
        ])
        let found = try folder.load("version: 1\njob: a\nprompts_dir: ../prompts\n").diagnostics.diagnostics
        let finding = try #require(found.first { $0.code == .missingPart })
        #expect(finding.message.contains("prompts/sub' or '") || finding.message.contains("prompts' or '"))
        #expect(
            finding.help?.hasPrefix("did you mean 'style'? (looked for 'stile' and '_stile', also with .md, ")
                == true)
    }

    @Test(arguments: [
        ("{{> nothing}}", "missing-part@1:5"), ("{{> ../../jobs/job.yaml}}", "outside-prompts-dir@1:5"),
        ("{{> /dev/zero}}", "outside-prompts-dir@1:5"), ("{{> link}}", "outside-prompts-dir@1:5"),
        ("{{> a}}", "include-cycle@1:5"), ("{{> b}}", "include-cycle@1:5"),
        ("{{> pipe}}", "unreadable-part@1:5"),
        ("{{> binary}}", "unreadable-part@1:5"), ("{{> t.chat.yaml}}", "unreadable-part@1:5"),
        ("{{>}}", "unusable-include@1:1"), ("{{> x y}}", "unusable-include@1:5"),
        ("{{> x", "unusable-include@1:1"),
        ("{{> x\n}}", "unusable-include@1:1"), ("{{> sub}}", "missing-part@1:5"),
        ("{{~> b}}", "unusable-include@1:1"), ("x {{~ >b~}}", "unusable-include@1:3"),
        ("{{> big}}", "template-too-long@1:5"),
        ("{{> .env}}", "unreadable-part@1:5"), ("{{> .hidden/x}}", "unreadable-part@1:5"),
    ])
    func whatCannotBePutInIsAnError(template: String, finding: String) throws {
        let folder = try JobFolder([
            "prompts/a.md": template, "prompts/b.md": "{{> a}}", "prompts/t.chat.yaml": "- role: user",
            "prompts/big.md": String(repeating: "{{> large}}", count: 5),
            "prompts/large.md": String(repeating: "x", count: 99_000),
        ])
        try folder.write(Data([0xFF]), to: "prompts/binary.md")
        try folder.write(Data(), to: "prompts/sub/x.md")
        for secret in [".env", ".hidden/x.md"] { try folder.write(Data(), to: "prompts/\(secret)") }
        #expect(mkfifo(folder.path("prompts/pipe"), 0o600) == 0)
        try FileManager.default.createSymbolicLink(
            atPath: folder.path("prompts/link.md"), withDestinationPath: "/etc/hostname")
        let findings = try folder.load(head + "prompts: {a: {file: a.md}}").findings
        #expect(findings.contains(finding), "\(findings)")
        #expect(findings.allSatisfy { !$0.hasPrefix("not-a-variable") }, "\(findings)")
    }

    @Test func manyIncludesOfManyFilesTakeLittleTime() throws {
        var files = ["prompts/a.md": String(repeating: "{{> p0}}", count: 1_000)]
        for index in 0..<18 {
            files["prompts/p\(index).md"] = String(repeating: "{{> p\(index + 1)}}", count: 50)
        }
        files["prompts/p18.md"] = " "
        let start = ContinuousClock.now
        let findings = try JobFolder(files).load(head + "prompts: {a: {file: a.md}}").findings
        #expect(findings.first?.hasPrefix("template-too-long") == true)
        #expect(ContinuousClock.now - start < .seconds(30))
    }

    /// What was too deep below one template need not be below another, whichever is read first.
    @Test(arguments: ["a", "z"]) func depthIsCountedFromEachTemplate(shallow: String) throws {
        var files = [
            "prompts/m.md": "{{> p1}}", "prompts/\(shallow).md": "[{{> p20}}]", "prompts/p31.md": "end",
        ]
        for index in 1..<31 { files["prompts/p\(index).md"] = "{{> p\(index + 1)}}" }
        let job = try JobFolder(files).load(
            head + "prompts: {m: {file: m.md}, \(shallow): {file: \(shallow).md}}")
        #expect(job.findings.count == 1 && job.findings[0].hasPrefix("include-too-deep"), "\(job.findings)")
    }

    /// They are equal as strings, in Swift.
    @Test func namesThatLookAlikeAreTwoFiles() throws {
        let folder = try JobFolder(["prompts/a.md": "{{> caf\u{e9}}} {{> cafe\u{301}}}"])
        try folder.write(Data("one".utf8), to: "prompts/caf\u{e9}.md")
        try folder.write(Data("two {{> caf\u{e9}}}".utf8), to: "prompts/cafe\u{301}.md")
        let job = try folder.load(head + "prompts: {a: {file: a.md}}")
        #expect(job.state?.prompts[0].template.text == "one two one", "\(job.findings)")
    }

    @Test func linesKnowWhereTheyComeFrom() throws {
        let folder = try JobFolder([
            "prompts/a.md": "one\n{{> p}} tail\nlast\n", "prompts/p.md": "two\nthree\n",
        ])
        let parts = try #require(
            try folder.load(head + "prompts: {a: {file: a.md}}").state?.prompts[0].template.parts)
        let places = (1...4).map { line in
            parts.place(ofLine: line, inMessage: 1).map {
                "\($0.file.split(separator: "/").last ?? ""):\($0.line)"
            }
        }
        #expect(places == ["a.md:1", "p.md:1", "p.md:2", "a.md:3"])
        #expect(parts.files.map(\.path) == [folder.path("prompts/p.md")])
    }
}
