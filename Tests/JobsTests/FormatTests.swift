import Diagnostics
import Foundation
import Testing

@testable import Jobs

@Suite struct FormatTests {
    private let head = "version: 1\njob: agent\nprompts_dir: ../prompts\n"

    private func job(_ file: String, _ text: String, _ more: String = "") throws -> LoadedJob {
        try JobFolder(["prompts/" + file: text]).load(head + more)
    }

    private func messages(_ file: String, _ text: String, _ more: String = "") throws -> String? {
        let template = try job(file, text, more).state?.prompts.first?.template
        return template?.isChat == true ? template?.text : nil
    }

    // MARK: Roles

    @Test(arguments: [
        (
            "{{role \"system\"}}\nBe {{tone}}.\n\n{{role 'user'}}  {{question}}\n",
            #"[{"role": "system", "content": "Be {{tone}}."}, {"role": "user", "content": "{{question}}"}]"#
        ),
        (
            "First.\n{{~ role \"model\" ~}}\nSecond",
            #"[{"role": "user", "content": "First."}, {"role": "assistant", "content": "Second"}]"#
        ),
        (
            "---\nconfig: {temperature: 0}\n---\n{{role \"system\"}}{{role \"user\"}}\r\nA\r\nB",
            #"[{"role": "user", "content": "A\nB"}]"#
        ),
    ])
    func dotpromptMarksRoles(text: String, chat: String) throws {
        for file in ["a.prompt", "a.md", "a.txt"] { #expect(try messages(file, text) == chat) }
        let first = "---\nsyntax: jinja2\n---\n"
        if !text.hasPrefix("---") {
            #expect(try messages("a.prompt", first + text) == chat)
            #expect(try messages("a.md", text, "syntax: none\n") == nil)
        }
        #expect(try messages("a.md", text, "front_matter: keep\n") == nil)
    }

    @Test(arguments: [
        "Begin with {{role \"system\"}} {{x}}", "`{{role \"system\"}}` begins it",
        "It is so:\n\n```\n{{role \"system\"}}\n{{x}}\n```\n",
        "- {{role \"user\"}} asks", "    {{role \"user\"}}",
    ])
    func aRoleThatIsQuotedMarksNone(text: String) throws {
        for file in ["a.md", "a.txt"] {
            let job = try job(file, text)
            #expect(job.state?.prompts.first?.template.text == text.trimmingCharacters(in: .newlines))
            #expect(job.diagnostics.diagnostics.map(\.code.rawValue) == ["not-a-variable"])
        }
        // dotprompt itself knows no code.
        for (file, head) in [("a.prompt", ""), ("a.md", "---\nconfig: {topK: 1}\n---\n")] {
            #expect(try job(file, head + text + "\nHi").state?.prompts.first?.template.isChat == true)
        }
        // In a chat it is a part of a message, in code, and else told.
        let chat = try job("a.md", "{{role \"user\"}}\n" + text)
        let isCode = text.contains("`")
        #expect(chat.state?.prompts.first?.template.isChat == (isCode ? true : nil))
        #expect(chat.diagnostics.hasErrors != isCode)
    }

    @Test(arguments: [
        (
            "system:\nBe brief.\nA line: here\n\nuser:\n{{question}}\n",
            #"[{"role": "system", "content": "Be brief.\nA line: here"}, {"role": "user", "content": "{{question}}"}]"#
        ),
        (
            "Before.\n  # Assistant :  \r\nAnd {{x}}",
            #"[{"role": "system", "content": "Before."}, {"role": "assistant", "content": "And {{x}}"}]"#
        ),
        (
            "user[name=\"a\"]:\n{% if x %}y{% endif %}",
            #"[{"role": "user", "content": "{% if x %}y{% endif %}"}]"#
        ),
    ])
    func promptyMarksRoles(text: String, chat: String) throws {
        #expect(try messages("a.prompty", text) == chat)
        #expect(try messages("a.prompty", "---\nmodel: {api: chat}\n---\n" + text) == chat)
        #expect(try messages("a.md", "---\nmodel: {api: chat}\nauthors: [a]\n---\n" + text) == chat)
        #expect(try messages("a.prompty", "---\nmodel: {api: completion}\n---\n" + text) == nil)
        #expect(try messages("a.md", text) == nil)
        let isFirst = !text.hasPrefix("Before")
        for header in [
            "model: {id: m}", "model: m", "authors: [a]", "template: {format: jinja2}",
        ] {
            #expect(try messages("a.md", "---\n\(header)\n---\n\n" + text) == (isFirst ? chat : nil))
        }
    }

    @Test(arguments: [
        ("model: {api: chat}", true), ("model: {id: m, apiType: chat}", true),
        ("model: {configuration: {type: openai}}", true),
        ("model: {id: m}\ninputs: {x: {type: string}}", true),
        ("model: m\nsample: {x: 1}", true), ("model: {name: m, provider: p}\ndescription: d", false),
        ("model: {name: m}\ntags: {a: b}", false), ("sample: {x: 1}", false),
        ("model: m\ninputs: {x: {}}", false),
    ])
    func otherFrontMatterThanPromptysMakesNoChat(header: String, isPrompty: Bool) throws {
        let text = "---\n\(header)\n---\nThe log has {{x}} below:\n\nsystem:\nno role"
        #expect(try (messages("a.md", text) != nil) == isPrompty)
        #expect(try messages("a.prompty", text) != nil)
    }

    @Test func aTextWithoutRolesIsNoChat() throws {
        #expect(
            try job("a.prompty", "Say {{x}}: now").state?.prompts.first?.template.text == "Say {{x}}: now")
        #expect(
            try job("a.prompt", "Say {{x}}\n{{history}}").state?.prompts.first?.template.variables == [
                "history", "x",
            ])
        #expect(try job("a.prompt", "{{role \"user\"}}\n").findings == ["bad-chat@1:1"])
    }

    @Test func aRoleWithATextBehindItIsTold() throws {
        let text = "---\nmodel: {api: chat}\n---\n\nsystem: Be kind.\nuser: {{x}}"
        let job = try job("a.prompty", text)
        #expect(job.findings == ["unmarked-role@5:1"] && job.state?.prompts.first?.template.isChat == false)
        #expect(try self.job("a.prompty", text.replacing("chat", with: "completion")).findings.isEmpty)
        #expect(try self.job("a.prompty", text.replacing("user: ", with: "user:\n")).findings.isEmpty)
        #expect(try self.job("a.md", "system: Be kind.").findings.isEmpty)
    }

    @Test func findingsInMessagesHaveTheirPlaces() throws {
        let text = "---\nmodel: m\n---\n\n{{role \"sytem\"}}\nA {b}\n\n{{role \"user\"}}\n  C {{d e}}\n"
        #expect(try job("a.md", text).findings == ["handlebars@9:5", "unusual-role@5:1", "single-brace@6:3"])
        let prompty = "system:\n  {{ x }\nuser[a=b]:\ny"
        #expect(try job("a.prompty", prompty).findings.contains("role-attributes@3:5"))
    }

    // MARK: Handlebars

    @Test(arguments: [
        ("{{#if a}}", "{% if a %} … {% else %} … {% endif %}"), ("{{# unless a}}", "{% if not a %}"),
        ("{{#each xs}}", "{% for item in xs %}"), ("{{#with a}}", "no block 'with'"),
        ("{{else}}", "{% else %}"),
        ("{{^}}", "{% else %}"), ("{{/if}}", "{% endif %}"), ("{{list spices}}", "such as {{spices}}"),
        ("{{role system}}", "write {{role \"system\"}}"),
        ("{{~json data indent=2~}}", "such as {{data}}"), ("{{media url=photo}}", "{url: \"{{photo}}\"}"),
        ("{{section \"x\"}}", "such as {{text}}"), ("{{@index}}", "{{ item }}"), ("{{this}}", "{{ item }}"),
        ("{{this.x}}", "{{ item }}"), ("{{../x}}", "{{ item }}"), ("{{{raw}}}", "write {{raw}}"),
        ("{{! note }}", "comment"), ("{{!-- }} --}}", "comment"),
    ])
    func whatMLflowCannotFillInIsAnError(tag: String, help: String) throws {
        let job = try job("a.prompt", "Hi {{x}}\n \(tag) {{y}}")
        #expect(job.findings == ["handlebars@2:2"])
        #expect(job.diagnostics.diagnostics.first?.help?.contains(help) == true)
        #expect(job.diagnostics.diagnostics.first?.help?.contains("list_spices") == false)
        #expect(try self.job("a.prompt", "Hi \(tag)", "syntax: none\n").findings.isEmpty)
    }

    @Test func handlebarsIsToldInMustachePromptyAndInParts() throws {
        let prompty =
            "---\ntemplate: {format: mustache}\n---\nsystem:\n{{#each xs}}{{x}}{{/each}} {{list spices}}"
        #expect(
            try job("a.prompty", prompty).findings == [
                "handlebars@5:1", "handlebars@5:18", "handlebars@5:28",
            ])
        #expect(try job("a.prompty", "system:\n{{ x }}").findings.isEmpty)
        let parts = [
            "prompts/a.prompt": "{{> p}}\n{{> q}}", "prompts/_p.prompt": "x {{list spices}}",
            "prompts/_q.prompt": "{{role \"assistant\"}}\nA",
        ]
        let found = try JobFolder(parts).load(head).diagnostics.diagnostics.filter { $0.severity == .error }
        #expect(Set(found.map(\.code.rawValue)) == ["handlebars"])
        #expect(found.map { $0.location?.file.suffix(9) } == ["_p.prompt", "_q.prompt"])
    }

    @Test func otherTagsAreAsInOtherFiles() throws {
        #expect(try job("a.prompt", "{{x}} {{ y.z }}").findings.isEmpty)
        #expect(try job("a.prompt", "{{> gone}}").findings == ["missing-part@1:5"])
        #expect(try job("a.md", "{{list spices}}").findings == ["not-a-variable@1:1"])
        let history = "---\ninput: {schema: {history: string}}\n---\n{{role \"user\"}}{{history}}"
        #expect(try job("a.prompt", history).findings.isEmpty)
        #expect(try job("a.prompt", "{{role \"user\"}}x{{history}}").findings == ["handlebars@1:17"])
    }

    // MARK: Settings

    @Test func functionsOfPromptyAreMapped() throws {
        let text = """
            ---
            tools:
              - name: weather
                kind: function
                parameters:
                  - {name: city, kind: string}
                  - {name: days, kind: int, required: false}
            ---
            Hi {{ x }}
            """
        let config = try job("a.prompty", text).state?.prompts.first?.modelConfig
        #expect(
            config?.contains(
                #""parameters": {"type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer"}}, "required": ["city"]}"#
            ) == true)
    }

    @Test(arguments: [
        ("a.prompt", "model: m\nns.key: 1\nmetadata: {a: b}\next: {a: 1}\nname: x", 3),
        ("a.prompty", "name: A\nauthors: [b]\ntags: [a]\nmetadata: {a: b}", 1),
    ])
    func whatIsDroppedIsNamed(file: String, header: String, count: Int) throws {
        let found = try job(file, "---\n\(header)\n---\nHi").diagnostics.diagnostics
        #expect(found.map(\.code.rawValue) == Array(repeating: "unmapped-key", count: count))
    }

    @Test func dotpromptSettingsAreMapped() throws {
        let text = """
            ---
            model: vendor/m
            config: {temperature: 0.5, topK: 2, maxOutputTokens: 9, stopSequences: [S], seed: 1}
            input:
              schema:
                name: string, who
                user: {first: string}
                tone?: string
            output:
              format: json
              schema:
                level?: number
                tags(array, a list): string
                kind(enum): [A, B]
                (*): any
            ---
            {{name}} {{user.first}}
            """
        let job = try job("a.prompt", text)
        let prompt = try #require(job.state?.prompts.first)
        #expect(job.findings.isEmpty)
        #expect(
            prompt.modelConfig
                == #"{"model_name": "vendor/m", "temperature": 0.5, "top_k": 2, "max_tokens": 9, "stop_sequences": ["S"], "seed": 1}"#
        )
        #expect(
            prompt.responseFormat
                == #"{"type": "object", "properties": {"level": {"type": "number"}, "tags": {"type": "array", "items": {"type": "string"}, "description": "a list"}, "kind": {"enum": ["A", "B"]}}, "required": ["tags", "kind"], "additionalProperties": {}}"#
        )
        #expect(
            try self.job("a.prompt", text.replacing("{{user.first}}", with: "{{other}}")).findings == [
                "unused-variable@7:5", "undeclared-variable@17:12",
            ])
    }

    @Test func promptySettingsAreMapped() throws {
        let first = """
            ---
            model:
              api: chat
              configuration: {type: azure_openai, azure_deployment: d}
              parameters: {max_tokens: 9, temperature: 0}
            inputs: {question: {type: string}, name: {type: string, required: false}}
            sample: {question: Who?}
            outputs: {answer: {type: string}}
            template: jinja2
            ---
            user:
            {{question}}
            """
        let second = """
            ---
            model: {id: d, provider: azure_openai, apiType: chat, options: {maxOutputTokens: 9, temperature: 0}}
            inputs: [{name: question, kind: string}, {name: name, required: false}]
            outputs: [{name: answer, kind: string}]
            template: {format: jinja2, parser: prompty}
            ---
            user:
            {{question}}
            """
        for text in [first, second] {
            let job = try job("a.prompty", text)
            let prompt = try #require(job.state?.prompts.first)
            #expect(job.diagnostics.diagnostics.allSatisfy { $0.severity == .note })
            #expect(
                try JSONSerialization.isEqual(
                    prompt.modelConfig,
                    #"{"provider": "azure_openai", "model_name": "d", "max_tokens": 9, "temperature": 0}"#))
            #expect(
                prompt.responseFormat
                    == #"{"type": "object", "properties": {"answer": {"type": "string"}}, "required": ["answer"]}"#
            )
            let wrong = text.replacing("{{question}}", with: "{{quest}}")
            #expect(
                try self.job("a.prompty", wrong).findings.prefix(2).map { $0.prefix { $0 != "@" } } == [
                    "unused-variable", "undeclared-variable",
                ])
        }
    }

    @Test(arguments: [
        ("sample: {a: 1, b: [x]}", true), ("sample:\n  a: 1\ninputs: {a: {type: string}}", true),
        ("sample: {a: }", false), ("sample: {}\ninputs: {a: {type: string}}", false),
    ])
    func valuesOfASampleAreNotedOnce(header: String, isNoted: Bool) throws {
        let text = "---\n\(header)\n---\n{{a}}"
        let found = try job("a.prompty", text).diagnostics.diagnostics
        #expect(found.map(\.code.rawValue) == (isNoted ? ["unmapped-key"] : []))
        #expect(found.allSatisfy { $0.severity == .note && $0.message.contains("'sample'") })
        #expect(try job("a.prompty", text, "warnings: {unmapped-key: off}\n").findings.isEmpty)
    }

    @Test(arguments: [
        ("a.prompt", "name: n\nvariant: v\nconfig: {topK: 1}"),
        ("a.prompty", "$schema: s\nname: n\ndisplayName: N\nversion: '1'\nauthors: [me]\nmetadata: {a: 1}"),
        ("a.md", "name: n\nauthors: [me]\nmodel: {api: chat}"),
    ])
    func whatDescribesAFileIsNoFinding(file: String, header: String) throws {
        #expect(try job(file, "---\n\(header)\n---\nHi").findings.isEmpty)
    }

    @Test func whatDescribesAFileIsOneInOthers() throws {
        let text = "---\nmy.ext: n\nname: n\nowner: o\nvariabels: [a]\nversion: 1\ntitle: t\n---\nHi"
        let markdown = try job("a.md", text).diagnostics.sorted
        #expect(
            markdown.map(\.message) == [
                "unknown keys 'my.ext', 'owner' in the front matter, which are left out",
                "unknown key 'variabels' in the front matter, which is left out",
                "left out, as it describes the file: 'name', 'version', 'title'",
            ])
        #expect(markdown.map(\.severity) == [.warning, .warning, .note])
        #expect(
            try job("a.md", text, "warnings: {unknown-key: off, unmapped-key: off}\n").findings.isEmpty)
        #expect(try job("a.prompty", "---\nbase: b\n---\nHi").findings == ["unknown-key@2:1"])
        let chat = try job(
            "a.chat.json", #"{"name": "n", "foo": 1, "messages": [{"role": "user", "content": "x"}]}"#)
        #expect(chat.findings == ["unknown-key@1:15"])
        #expect(chat.diagnostics.diagnostics.first?.help?.hasPrefix("the keys are messages, ") == true)
    }

    @Test func aPromptyInputNeedNotBeUsedWhereItSaysSo() throws {
        for key in ["required", "is_required"] {
            let header = "---\ninputs: {a: {type: string}, b: {type: string, \(key): false}}\n---\n"
            #expect(try job("a.prompty", header + "{{a}}").findings.isEmpty)
        }
    }

    @Test func gitHubModelsAndRequestsAreMapped() throws {
        let models = """
            model: m
            modelParameters: {maxCompletionTokens: 5}
            responseFormat: json_schema
            jsonSchema: '{"name": "x", "schema": {"type": "object"}}'
            messages: [{role: user, content: x}]
            """
        let request =
            #"{"model": "m", "max_tokens": 5, "response_format": {"type": "json_schema", "json_schema": {"schema": {"type": "object"}}}, "messages": [{"role": "user", "content": "x"}]}"#
        for (file, text) in [("a.prompt.yml", models), ("a.json", request)] {
            let job = try job(file, text, "prompts: {a: {file: \(file)}}\n")
            #expect(job.findings.isEmpty)
            #expect(job.state?.prompts.first?.modelConfig == #"{"model_name": "m", "max_tokens": 5}"#)
            #expect(job.state?.prompts.first?.responseFormat == #"{"type": "object"}"#)
        }
    }

    @Test(arguments: [
        ("tools: [a]", "unmapped-key@2:1", "tools"), ("config: 12", "unmapped-key@2:1", "config"),
        ("input: {default: {x: 1}}", "unmapped-key@2:9", "input.default"),
        ("input: {schema: Elsewhere}", "unmapped-key@2:9", "input.schema"),
        ("inputs: {q: {default: x, required: false}}", "unmapped-key@2:14", "inputs.q.default"),
        ("inputs: [{name: q, default: x, required: false}]", "unmapped-key@2:20", "inputs.q.default"),
        ("output: {schema: Elsewhere}", "unmapped-key@2:10", "output.schema"),
        ("output: {format: json}", "unmapped-key@2:10", "output.format"),
        ("model: {connection: {}}", "unmapped-key@2:9", "model.connection"),
        (
            "model: {configuration: {azure_endpoint: x}}", "unmapped-key@2:25",
            "model.configuration.azure_endpoint"
        ),
        ("model: {api: image}", "unmapped-key@2:9", "model.api"),
        ("sample: a.json", "unmapped-key@2:1", "sample"),
        ("template: liquid", "unmapped-key@2:1", "template"), ("metadata: {}", "unknown-key@2:1", "metadata"),
        (
            "model: {parameters: {response_format: {type: json_object}}}", "unmapped-key@2:22",
            "model.parameters.response_format"
        ),
    ])
    func whatCannotBeMappedIsNamed(header: String, finding: String, name: String) throws {
        let job = try job("a.md", "---\n\(header)\n---\nText")
        #expect(job.state != nil && job.findings == [finding])
        #expect(job.diagnostics.diagnostics.first?.message.contains("'\(name)'") == true)
    }
}

extension JSONSerialization {
    fileprivate static func isEqual(_ one: String?, _ other: String) throws -> Bool {
        let values = try [one ?? "", other].map { try jsonObject(with: Data($0.utf8)) as? NSDictionary }
        return values[0] == values[1]
    }
}
