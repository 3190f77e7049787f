import Diagnostics
import Foundation
import Testing

@testable import Jobs

@Suite struct FrontMatterTests {
    private let head = "version: 1\njob: agent\nprompts_dir: ../prompts\n"

    private func texts(_ file: String, _ more: String = "") throws -> String? {
        let folder = try JobFolder(["prompts/a.md": file])
        return try folder.load(head + "syntax: none\n" + more).state?.prompts.first?.template.text
    }

    @Test(arguments: [
        ("---\ndescription: x\n---\nBody\n", "Body"), ("---\ndescription: x\n---\n\nBody\n", "Body"),
        ("---\ndescription: x\n---\n\n\nBody", "\nBody"), ("---\n---\nBody", "Body"),
        ("---\n# a note\n---\nBody", "Body"), ("--- \t\ndescription: x\n---  \nBody", "Body"),
        ("---\r\ndescription: x\r\n---\r\n\r\nA\r\nB\r\n", "A\nB"),
        ("\u{FEFF}---\ndescription: x\n---\nBody", "Body"), ("---\n{description: x}\n---\nBody", "Body"),
        ("---\ndescription: |\n  a\n   ---\n---\n---\nBody", "---\nBody"),
    ])
    func aMappingBetweenRulesIsLeftOut(file: String, registered: String) throws {
        #expect(try texts(file) == registered)
        #expect(try texts(file, "front_matter: drop\n") == registered)
    }

    @Test(arguments: [
        ("Hi \u{200B}there \u{E0049}\u{E0067}", "1:4"), ("A\nB\u{2060}", "2:2"),
        ("\u{FEFF}Hi", nil), ("Na\u{AD}me 👩‍👩‍👧 ☺️ نامه‌ای", nil),
        ("\u{200B} <!-- promptreg-ignore: invisible-text -->", nil),
    ])
    func whatNobodySeesIsTold(text: String, place: String?) throws {
        let folder = try JobFolder(["prompts/a.md": text])
        #expect(try folder.load(head).findings == (place.map { ["invisible-text@\($0)"] } ?? []))
        #expect(try folder.load(head + "warnings: {invisible-text: off}\n").findings.isEmpty)
    }

    @Test(arguments: [
        ("---\ndescription: x\nBody", 2), ("---\n# a note\nmodel: m\ntemperature: 1\n\nBody", 3),
        ("---\r\ntags:\r\n  a: b\r\nBody\r\n", 2), ("---\ntitle: x\nmodel: m", 2),
        ("\n---\nmodel: x\n---\nBody", 1), (" \r\n\n---\nmodel: x\n---\nBody", 1),
        ("\n---\nnote: x\n---\nBody", nil), ("\n ---\nmodel: x\n---\nBody", nil),
        ("\n---\nmodel: x\nBody", nil),
        ("---\nnote: x\nBody", 2), ("---\nBody\ndescription: x", nil), ("description: x\nBody", nil),
        ("---\nmodel: {\nBody", 2), ("----\nmodel: x", nil), ("---\n\nNote: x\nBody", nil),
        ("---\ndescription: x\nmodel: gpt\n----\nText {{a}}", 2), ("---\nfoo: 1\nnote\n\nText", 2),
        ("---\nmodel: x <!-- promptreg-ignore: unclosed-front-matter -->\nBody", nil),
        ("---\nmodel: x\n---\nBody", nil),
    ])
    func aHeaderWithoutItsEndIsTold(file: String, line: Int?) throws {
        let folder = try JobFolder(["prompts/a.md": file])
        let expected = line.map { ["unclosed-front-matter@\($0):1"] } ?? []
        #expect(try folder.load(head).findings == expected)
        #expect(try folder.load(head + "warnings: {unclosed-front-matter: off}\n").findings.isEmpty)
        for mode in ["keep", "drop"] {
            #expect(
                try folder.load(head + "front_matter: \(mode)\n").findings == (mode == "keep" ? [] : expected)
            )
        }
    }

    @Test(arguments: [
        "----\ndescription: x\n----\nBody", "---\ndescription: x\nBody", "---", "---\n",
        " ---\nx: y\n---\nBody",
        "---description: x\n---\nBody", "---\nWords alone\n---\nBody", "---\n- a\n- b\n---\nBody",
        "---\nTell the user: \"No\", 'never: and\n---\nBody", "Text\n---\ndescription: x\n---\nBody",
        "---\n\"words\n---\nBody", "--\nx: y\n--\nBody", "---\n12\n---\nBody",
    ])
    func whatIsNoFrontMatterIsText(file: String) throws {
        let whole = String(file.dropLast(file.hasSuffix("\n") ? 1 : 0))
        #expect(try texts(file) == whole)
        #expect(try texts(file, "front_matter: drop\n") == whole)
    }

    @Test func itIsKeptWhereThatIsAskedFor() throws {
        let file = "---\nsyntax: 12\n---\n\nBody"
        #expect(try texts(file, "front_matter: keep\n") == file)
        #expect(try texts(file, "prompts: {a: {file: a.md, front_matter: keep}}") == file)
        let both = "front_matter: keep\nprompts: {a: {file: a.md, front_matter: drop}}"
        #expect(try texts(file, both) == "Body")
        #expect(try texts(file) == nil)
    }

    @Test func itSaysWhatTheJobCouldSay() throws {
        let folder = try JobFolder([
            "prompts/a.md": """
            ---
            description: Plans
            variables: [goal]
            tags: {team: core, level: 3}
            aliases: [staging]
            syntax: python
            model_config: {model_name: m, custom: 1}
            temperature: 0.5
            response_format: {type: object}
            ---
            Plan {goal}
            """
        ])
        let prompt = try #require(try folder.load(head + "aliases: [production]").state?.prompts.first)
        #expect(prompt.template.text == "Plan {{goal}}")
        #expect(prompt.description == "Plans")
        #expect(prompt.tags == ["team": "core", "level": "3"])
        #expect(prompt.aliases == ["staging"])
        #expect(prompt.modelConfig == #"{"model_name": "m", "custom": 1, "temperature": 0.5}"#)
        #expect(prompt.responseFormat == #"{"type": "object"}"#)
    }

    @Test func theJobWins() throws {
        let folder = try JobFolder([
            "prompts/a.md":
                "---\ndescription: file\ntags: {a: file, b: file}\nmodel: small\nvariables: [x]\naliases: [f]\n---\n{{y}}"
        ])
        let own =
            "{file: a.md, description: job, tags: {b: job}, model_config: {top_p: 1}, variables: [y], aliases: []}"
        let prompt = try #require(try folder.load(head + "prompts: {a: \(own)}").state?.prompts.first)
        #expect(prompt.description == "job")
        #expect(prompt.tags == ["a": "file", "b": "job"])
        #expect(prompt.modelConfig == #"{"top_p": 1, "model_name": "small"}"#)
        #expect(prompt.aliases.isEmpty)
    }

    @Test func findingsPointIntoTheFile() throws {
        let folder = try JobFolder([
            "prompts/a.md": """
            ---
            descripton: x
            tags: [a]
            variables: [name, other]
            temperature: cold
            aliases: [latest, production]
            syntax: {}
            ---

            Hi {{nam}}
            """
        ])
        let job = try folder.load(head + "protected: [production]")
        #expect(job.state == nil)
        #expect(
            job.findings == [
                "unused-variable@4:13", "unused-variable@4:19", "wrong-type@5:14", "bad-name@6:11",
                "protected-alias@6:19", "bad-value@7:9", "undeclared-variable@10:6", "unknown-key@2:1",
                "unmapped-key@3:1",
            ])
        #expect(
            job.diagnostics.diagnostics.allSatisfy { $0.location?.file.hasSuffix("prompts/a.md") == true })
        #expect(job.diagnostics.diagnostics.contains { $0.help == "did you mean 'description'?" })
    }

    @Test(arguments: [
        ("---\ndescription: \"x\n---\nBody", "yaml-syntax@2:14"),
        ("---\ndescription: x\ndescription: y\n---\nBody", "duplicate-key@3:1"),
        ("---\n# c\ntitle: {{ x }}\n---\nBody", "yaml-key@3:9"),
        ("---\ntitle: a: b\n---\nB", "yaml-syntax@2:9"),
        ("---\ndescription: x\n---\n\n", "empty-template@5:1"),
        ("---\ndescription: x\n---", "empty-template@4:1"),
    ])
    func whatIsWrongIsSaid(file: String, finding: String) throws {
        let job = try JobFolder(["prompts/a.md": file]).load(head)
        #expect(job.findings.first == finding)
        #expect(job.state == nil)
    }

    @Test func bombsAreStopped() throws {
        let levels = (1...9).map { "a\($0): &a\($0) [\(String(repeating: "*a\($0 - 1), ", count: 9))x]\n" }
        let nested = String(repeating: "[", count: 5_000)
        let wide = (0..<30_000).map { "k\($0): 1\n" }.joined()
        for header in ["a0: &a0 x\n" + levels.joined(), "a: \(nested)\n", wide] {
            let job = try JobFolder(["prompts/a.md": "---\n\(header)---\nBody"]).load(head)
            #expect(job.findings.count == 1 && job.findings.first?.hasPrefix("yaml-limit") == true)
        }
    }

    @Test func chatFilesHaveNone() throws {
        let folder = try JobFolder(["prompts/a.chat.yaml": "---\n- {role: user, content: Hi}\n"])
        #expect(try folder.load(head).state?.prompts.first?.template.isChat == true)
    }
}
