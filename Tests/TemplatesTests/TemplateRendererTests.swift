import Diagnostics
import Testing

@testable import Templates

@Suite struct TemplateRendererTests {
    private func render(_ text: String, _ values: [String: String]) -> RenderedTemplate {
        let values = values.sorted { $0.key < $1.key }.map { TemplateValue(name: $0.key, text: $0.value) }
        return TemplateRenderer([text]).render(values)
    }

    @Test(arguments: [
        ("{{x}} {{ x }}{{\n\tx }}", "1 11"), ("{{{x}}} {{ {{x}} }}", "{1} {{ 1 }}"),
        ("{x} {{x }}}} {{ x-y }} {{}}", "{x} 1}} {{ x-y }} {{}}"), ("{{ x.y }}{{x}}", "21"), ("é{{x}}", "é1"),
    ])
    func variablesAreReplaced(text: String, expected: String) {
        let names = TemplateSyntax.analyze(registered: [text]).names
        let values = ["x": "1", "x.y": "2"].filter { names.contains($0.key) }
        let rendered = render(text, values)
        #expect(rendered == RenderedTemplate(texts: [expected], diagnostics: []))
    }

    @Test(arguments: [#"\1 \g<0> \\ \u0041 $1 &"#, "{{y}} {x} {% %}", "{{x}}", "\r\n\0\u{2028}", ""])
    func valuesStayAsTheyAre(value: String) {
        #expect(render("a{{x}}b", ["x": value]) == RenderedTemplate(texts: ["a\(value)b"], diagnostics: []))
    }

    @Test func whatIsMissingAndWhatIsTooMuchIsNamedAllAtOnce() {
        let values = [("qurey", 3), ("user", 4), ("zzz", 5)].map { name, line in
            TemplateValue(name: name, text: "x", location: SourceLocation(file: "v.yaml", line: line))
        }
        let rendered = TemplateRenderer(["{{query}} {{user.name}} {{other}}", "{{query}}"])
            .render(values, places: ["other": SourceLocation(file: "t.md", line: 9)])
        #expect(rendered.texts == nil)
        #expect(
            rendered.diagnostics.map(summary) == [
                "-+5 error missing-value", "-+9 error missing-value", "9:1+5 error missing-value",
                "3:1+5 error unknown-value", "4:1+4 error unknown-value", "5:1+3 error unknown-value",
            ])
        let help = rendered.diagnostics.map { $0.help ?? "" }
        #expect(help[0].contains("'qurey'"))
        #expect(help[1].contains("'user.name' itself"))
        #expect(help[2].contains("--set other=VALUE"))
        #expect(help[3] == "did you mean 'query'?")
        #expect(help[5] == "it has query, user.name, other")
    }

    @Test func noneIsMissingWhereThereAreNoVariables() {
        #expect(render("plain {x}", [:]).texts == ["plain {x}"])
        #expect(render("plain", ["x": "1"]).diagnostics.map { $0.help } == ["it has none"])
        #expect(render("", [:]).texts == [""])
        #expect(TemplateRenderer([]).render([]).texts == [])
    }

    @Test func jinjaIsRefusedWhole() {
        for parts in [["{% if x %}{{x}}{% endif %}"], ["{{x}}", "{% raw %}"], ["%} {{x}} {%"]] {
            let rendered = TemplateRenderer(parts).render([TemplateValue(name: "x", text: "1")])
            #expect(rendered.texts == nil)
            #expect(rendered.diagnostics.map(summary) == ["-+1 error not-rendered"])
        }
        #expect(
            TemplateRenderer(["{% {{x}}"]).render([TemplateValue(name: "x", text: "1")]).texts == ["{% 1"])
        // MLflow looks at each message for itself.
        #expect(TemplateRenderer(["{%", "%}"]).render([]).texts == ["{%", "%}"])
    }

    @Test(arguments: [
        ("{{a}}{{b}}", ["a": "{{b}}", "b": "1"]), ("{{ {{a}} }}{{b}}", ["a": "b", "b": "1"]),
        ("{{a.b}}{{axb}}", ["a.b": "1", "axb": "2"]), ("{{a.b}}{{a b}}", ["a.b": "1"]),
        ("{{b}}{{a}}b}}", ["a": "{{", "b": "1"]),
    ])
    func whatTheOrderOfValuesDecidesIsAWarning(text: String, values: [String: String]) {
        #expect(render(text, values).diagnostics.map(summary) == ["-+1 warning may-render-otherwise"])
    }

    @Test func manyVariablesTakeNoLongerThanTheyAreMany() {
        let names = (0..<14_000).map { "a\($0)" }
        let values = names.map { TemplateValue(name: $0, text: "{{") }
        let rendered = TemplateRenderer([names.map { "{{\($0)}}" }.joined()]).render(values)
        #expect(rendered.texts == [String(repeating: "{{", count: 14_000)])
    }

    // MARK: MLflow

    private struct Question: Encodable {
        var template: [String]
        var isChat: Bool
        var values: [[String]]
    }

    @Test func agreesWithMLflow() throws {
        var generator = SeededGenerator(seed: 3172)
        let questions = (0..<4000).map { _ in Self.question(&generator) }
        let answers: [[String]?] = try GroundTruth.ask(
            """
            from mlflow.entities.model_registry.prompt_version import PromptVersion, _is_jinja2_template
            answer = []
            for item in items:
                texts = item["template"]
                template = [{"role": "user", "content": t} for t in texts] if item["isChat"] else texts[0]
                if _is_jinja2_template(template):
                    answer.append(None)
                    continue
                result = PromptVersion("p", 1, template).format(**dict(item["values"]))
                answer.append([m["content"] for m in result] if item["isChat"] else [result])
            """, about: questions)
        var counts = (same: 0, warned: 0, jinja: 0)
        for (question, answer) in zip(questions, answers) {
            let values = question.values.map { TemplateValue(name: $0[0], text: $0[1]) }
            let rendered = TemplateRenderer(question.template).render(values)
            guard let answer else {
                #expect(rendered.diagnostics.map(\.code) == [.notRendered])
                counts.jinja += 1
                continue
            }
            let inOrder = question.template.map { Source($0).mlflowFormat(values).bytes }
            #expect(inOrder == answer.map { Array($0.utf8) }, "\(question)")
            if rendered.diagnostics.isEmpty {
                #expect(
                    rendered.texts?.map { Array($0.utf8) } == answer.map { Array($0.utf8) }, "\(question)")
                counts.same += 1
            } else {
                #expect(rendered.diagnostics.map(\.code) == [.mayRenderOtherwise], "\(question)")
                counts.warned += 1
            }
        }
        #expect(counts.same > 2500 && counts.warned > 200 && counts.jinja > 50, "\(counts)")
    }

    private static func question(_ generator: inout SeededGenerator) -> Question {
        let pieces = [
            "{{x}}", "{{ y }}", "{{a.b}}", "{{ axb }}", "{{\u{A0}_1\n}}", "{{x.y.z}}", "{", "}", "{{", "}}",
            " ", "\n",
            "text", "é", "\\", "\\1", "{% ", " %}", "x", "\r\n", "😀", "{{ x | upper }}", "{x}",
        ]
        let isChat = Bool.random(using: &generator)
        let template = (0..<(isChat ? Int.random(in: 1...3, using: &generator) : 1)).map { _ in
            generator.soup(of: pieces, length: 1...8)
        }
        var names = TemplateSyntax.analyze(registered: template).names
        names.shuffle(using: &generator)
        let values = names.map { [$0, generator.soup(of: pieces, length: 0...2)] }
        return Question(template: template, isChat: isChat, values: values)
    }
}
