import Diagnostics
import Foundation
import Prompts
import Templates
import Testing

@testable import Jobs

/// An exported job in a folder, as the loader reads it.
private final class Exported {
    let folder: JobFolder
    var export: JobExport
    let job: LoadedJob

    init(_ prompts: [RegisteredPrompt], schema: QualifiedName.Schema? = .init(catalog: "c", name: "s")) throws
    {
        folder = try JobFolder()
        export = JobExport(of: prompts, registry: "file:x", schema: schema)
        for file in export.files { try folder.write(Data(file.text.utf8), to: file.path) }
        job = LoadedJob(path: folder.path(export.specPath), inputs: JobInputs())
    }

    func text(_ path: String) throws -> String {
        try String(contentsOfFile: folder.path(path), encoding: .utf8)
    }
}

@Suite struct JobExportTests {
    private func prompt(_ name: String, _ template: String = "x") -> RegisteredPrompt {
        RegisteredPrompt(fullName: "c.s." + name, content: .init(kind: .text, template: template))
    }

    @Test func aJobIsWrittenForPeople() throws {
        var one = prompt("prompt_b", "Hi {{x}}\n{{ y.z }}")
        one.description = "It's a ${b}\nin lines"
        one.tags = ["team": "no", "level": "1.0"]
        one.content.modelConfig =
            #"{"temperature": 0.20, "stop_sequences": ["${x}"], "top_k": 3, "seed": 12345678901234567890, "x": 1e400}"#
        one.content.responseFormat = #"{"type": "object", "b": {}, "a": [null]}"#
        one.aliases = ["staging"]
        one.experiments = ["12"]
        var chat = prompt(
            "prompt_a",
            #"[{"role":"system","content":"\ud83d\ude00\n {{x}}"},{"content":"{{x}}","role":"user"}]"#)
        chat.content.kind = .chat
        chat.aliases = ["staging"]
        chat.experiments = ["12"]
        let exported = try Exported([one, chat])
        #expect(exported.job.diagnostics.diagnostics == [])
        #expect(
            try exported.text("jobs/s.yaml") == """
                version: 1
                job: s
                registry: 'file:x'
                catalog: c
                schema: s
                aliases:
                - staging
                prompts_dir: '../prompts'
                experiment:
                - '12'
                prompts:
                  a:
                    file: a.chat.yaml
                    variables:
                    - x
                  b:
                    file: b.md
                    variables:
                    - x
                    - y.z
                    description: |-
                      It's a $${b}
                      in lines
                    tags:
                      level: '1.0'
                      team: 'no'
                    model_config:
                      temperature: 0.20
                      stop_sequences:
                      - '$${x}'
                      top_k: 3
                      seed: 12345678901234567890
                      x: 1.0e+400
                    response_format:
                      type: object
                      b: {}
                      a:
                      - null

                """)
        #expect(
            try exported.text("prompts/a.chat.yaml") == """
                - role: system
                  content: |-
                    😀
                     {{x}}
                - role: user
                  content: '{{x}}'

                """)
        #expect(try exported.text("prompts/b.md") == "Hi {{x}}\n{{ y.z }}\n")
    }

    @Test func textsThatLookLikeAFormatAreKept() throws {
        let texts = [
            "---\nmodel: m\n---\nx", "{{role \"user\"}} x", "system:\nx", "{{#if a}}x",
            "[{\"role\": \"user\"}]",
        ]
        let state = try #require(
            try Exported(texts.enumerated().map { prompt("p\($0)", $1) }).job.state)
        #expect(state.prompts.map(\.template.text) == texts)
        #expect(state.prompts.allSatisfy { !$0.template.isChat && $0.modelConfig == nil })
    }

    @Test func whatPromptsDoNotShareStandsWithEach() throws {
        var (one, other) = (prompt("a"), prompt("b"))
        one.aliases = ["production"]
        one.experiments = ["1"]
        other.experiments = ["2"]
        let state = try #require(try Exported([one, other]).job.state)
        #expect(state.prompts.map(\.aliases) == [["production"], []])
        #expect(state.prompts.map(\.experiments) == [[], []])
    }

    // MARK: Names

    @Test(arguments: [
        (["prompt_a", "prompt_b"], ["a", "b"]), (["prompt_a", "b"], ["b", "prompt_a"]),
        (["prompt_a", "prompt_"], ["prompt_", "prompt_a"]),
        (["prompt_-x", "prompt_y"], ["prompt_-x", "prompt_y"]),
        (["prompt_.x"], ["prompt_.x"]), (["a.b-c", "A"], ["A", "a.b-c"]),
    ])
    func namesAreWithoutThePrefixThatAllHave(names: [String], keys: [String]) throws {
        let state = try #require(try Exported(names.map { prompt($0) }).job.state)
        #expect(state.prompts.map(\.name).sorted() == keys)
        #expect(Set(state.prompts.map(\.fullName)) == Set(names.map { "c.s." + $0 }))
    }

    @Test func namesMayHaveNoCatalog() throws {
        let prompts = ["x.y.prompt_a", "plain"].map {
            RegisteredPrompt(fullName: $0, content: .init(kind: .text, template: "x"))
        }
        let exported = try Exported(prompts, schema: nil)
        #expect(exported.export.specPath == "jobs/prompts.yaml")
        #expect(exported.job.state?.prompts.map(\.fullName) == ["plain", "x.y.prompt_a"])
    }

    @Test func filesHaveNamesOfTheirOwnOnEveryDisk() throws {
        let long = String(repeating: "n", count: 244)
        let names = ["Foo", "foo", "FOO", "foo-2", "aux", "CON.x", "x.chat.yaml", "x", long, long + "x"]
        let prompts = names.map { name in
            var prompt = prompt(
                name, name == "x" || name.hasPrefix("n") ? #"[{"role": "user", "content": "c"}]"# : name)
            prompt.content.kind = prompt.content.template.hasPrefix("[") ? .chat : .text
            return prompt
        }
        let exported = try Exported(prompts)
        #expect(exported.export.leftOut == [])
        let files = exported.export.entries.map(\.file)
        #expect(Set(files.map { $0.lowercased() }).count == names.count)
        #expect(files.allSatisfy { $0.utf8.count <= 255 && !$0.contains("/") })
        let byName = Dictionary(uniqueKeysWithValues: zip(exported.export.entries.map(\.name), files))
        #expect(byName["foo-2"] == "foo-2.md" && byName["aux"] == "_aux.md" && byName["CON.x"] == "_CON.x.md")
        #expect(byName["x"] == "x.chat.yaml" && byName["x.chat.yaml"] == "x.chat.yaml.md")
        #expect(exported.job.state?.prompts.count == names.count)
    }

    // MARK: What cannot be said

    @Test func eachPromptThatCannotBeSaidIsLeftOutWithItsReason() throws {
        func chat(_ name: String, _ json: String) -> RegisteredPrompt {
            RegisteredPrompt(fullName: "c.s." + name, content: .init(kind: .chat, template: json))
        }
        func config(_ name: String, _ config: String? = nil, format: String? = nil) -> RegisteredPrompt {
            var prompt = prompt(name)
            (prompt.content.modelConfig, prompt.content.responseFormat) = (config, format)
            return prompt
        }
        let deep = String(repeating: "[", count: 70) + String(repeating: "]", count: 70)
        let bad = [
            prompt("blank", " \n\t"), prompt("long", String(repeating: "é", count: 100_001)),
            prompt("zero", "a\0b"),
            prompt("-dash"), chat("no_json", "["), chat("no_messages", "[]"),
            chat("role", #"[{"role": 1, "content": "y"}]"#),
            chat("empty", #"[{"role": "user", "content": ""}]"#),
            chat("tool", #"[{"role": "tool", "content": "y", "tool_call_id": 1}]"#),
            chat("half", #"[{"role": "user", "content": "\ud800"}]"#),
            config("cold", #"{"temperature": -1}"#),
            config("list", "[]"), config("none", "{}"), config("nan", #"{"x": NaN}"#),
            config("twice", format: #"{"x": 1, "x": 2}"#), config("deep", format: #"{"x": \#(deep)}"#),
            config("stops", #"{"stop_sequences": ["a", "a"]}"#),
        ]
        let exported = try Exported(
            bad + [prompt("good", "fine"), chat("fine", #"[{"role": "user", "content": "\u0000"}]"#)])
        #expect(exported.job.state == nil)
        let others = exported.export.leaveOut(exported.job.diagnostics, writtenTo: exported.folder.root.path)
        #expect(others == [])
        let reasons = Dictionary(
            uniqueKeysWithValues: exported.export.leftOut.map {
                (String($0.fullName.dropFirst(4)), $0.reason)
            })
        #expect(Set(reasons.keys) == Set(bad.map { String($0.fullName.dropFirst(4)) }))
        #expect(exported.export.entries.map(\.name) == ["fine", "good"])
        #expect(reasons["blank"] == "the template is empty")
        #expect(reasons["zero"] == "the template 'prompts/zero.md' contains a NUL character")
        #expect(reasons["tool"] == "tool_call_id must be text")
        #expect(reasons["cold"] == "temperature must be a number of at least 0")
        #expect(reasons["none"] == "its model_config is empty, which in a job means none")
        #expect(reasons["deep"]?.contains("nested") == true)
    }

    @Test func whatIsAboutNoPromptIsGivenBack() throws {
        let exported = try Exported(
            [RegisteredPrompt(fullName: "b@d.s.a", content: .init(kind: .text, template: "x"))],
            schema: .init(catalog: "b@d", name: "s"))
        let others = exported.export.leaveOut(exported.job.diagnostics, writtenTo: exported.folder.root.path)
        #expect(others.map(\.code) == [.badName])
        #expect(exported.export.entries.count == 1 && exported.export.leftOut == [])
    }

    // MARK: Texts

    @Test(arguments: [
        "a\r\nb", "a\rb", "a\r", "a\r\n", "a\n", "a\n\n", "\na", "\r\na\r", "a\r\r\nb",
        "---\nx: 1\n---\nbody",
        "\u{FEFF}a", "a \t ", " a", "${x} $${y} $", "a\u{85}\u{2028}b\u{C}", "{% if x %}{{x}}{% endif %}",
        "{{> part}}", "<!-- promptreg-ignore -->\na", "{{prompt}}",
        "{{ x | upper }} {y}", "é e\u{301}", "\u{1B}[31m", "null", "# x",
    ])
    func textsComeBack(text: String) throws {
        let exported = try Exported([prompt("a", text)])
        #expect(exported.job.diagnostics.hasErrors == false)
        let read = try #require(exported.job.state?.prompts.first?.template.text)
        #expect(Array(read.utf8) == Array(text.utf8))
    }

    @Test func jinjaIsCalledJinjaWhereItIsSound() throws {
        let syntaxes = try [
            "{% if x %}{% set y = 1 %}{% endif %}{{ y }} {{ z | upper }}", "{{self}}", "{{x}}",
            "{% nonsense %}",
        ].map { try Exported([prompt("a", $0)]).export.entries[0].template }
        #expect(syntaxes.map(\.syntax) == [.jinja2, .none, .mustache, .none])
        #expect(syntaxes.map(\.variables) == [["x", "z"], [], ["x"], []])
    }
}
