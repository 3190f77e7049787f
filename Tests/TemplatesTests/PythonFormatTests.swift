import Diagnostics
import Testing

@testable import Templates

@Suite struct PythonFormatTests {
    @Test func convertsToMLflowsForm() {
        let analysis = TemplateSyntax.python.expectFindings(
            "Hi {name}: {{\"a\": \"{x!s:}\"}}\n{{{x}}} {name}")
        #expect(analysis.registered == ["Hi {{name}}: {\"a\": \"{{x}}\"}\n{{{x}}} {{name}}"])
        #expect(analysis.names == ["name", "x"])
        #expect(analysis.variables.map { "\($0.location.line):\($0.location.column)" } == ["1:5", "1:21"])
    }

    @Test(arguments: [
        "{x‹!format-conversion›!r‹/›} {x‹!format-conversion›!é‹/›}",
        "{x‹!format-brace›!s‹/›!}",
        "{x‹!format-spec›:>10‹/›} {x‹!format-spec›:{width}‹/›}",
        "{x‹!format-conversion›!a‹/›‹!format-spec›:>10‹/›}",
        "{x‹!format-access›.y‹/›} {x‹!format-access›[0]‹/›} {x‹!format-access›[:!}]‹/›} {x‹!format-access›.y‹/›‹!format-conversion›!r‹/›}",
        "‹!format-positional›{}‹/› ‹!format-positional›{0}‹/› ‹!format-positional›{:‹/›>10}",
        "‹!variable-name›{my-var}‹/› ‹!variable-name›{x y}‹/› ‹!variable-name›{ x }‹/› ‹!variable-name›{größe}‹/›",
        "‹!variable-name›{\"a\":‹/› 1}",
        "a ‹!format-brace›}‹/› b {",
        "a ‹!format-brace›{‹/›x",
        "a ‹!format-brace›{‹/›x!r",
        "a ‹!format-brace›{‹/›x!",
        "a {x‹!format-spec›:{y}‹/›} ‹!format-brace›{‹/›x:{y}",
        "a {x‹!format-brace›!r‹/›r}",
        "a {x‹!format-brace›{‹/›y}}",
        "{{{{ ‹!format-brace›{‹/›",
        "a ‹!literal-is-live›{{{{x}}}}‹/› b {x}",
        "{x} ‹!literal-is-live›{{{{ x.y }}}}‹/›",
        "{{‹!literal-is-live›{{{{x}}}}‹/›}}",
        "‹!literal-is-live›{{%‹/› if {x} %}}",
        "100{{% of {x}",
    ])
    func findings(marked: String) { TemplateSyntax.python.expectFindings(marked) }

    @Test func helpSaysWhatToWrite() {
        let help = { (text: String) in TemplateSyntax.python.analyze(text).diagnostics.map { $0.help ?? "" } }
        #expect(help("{my-var}") == ["write {my_var}"])
        #expect(help("{ x }") == ["write {x}"])
        #expect(help("{}")[0].contains("{name}"))
        #expect(help("{\"a\": 1}")[0].hasSuffix("write '{{' and '}}' for literal braces"))
        #expect(help("}") == ["write '}}' for a literal brace"])
    }

    @Test func hostileTextsEndInOneFinding() {
        for text in [
            String(repeating: "{", count: 99_999), String(repeating: "}", count: 99_999),
            "{" + String(repeating: "x", count: 99_000), "{x:" + String(repeating: "{", count: 99_000),
            "{x[" + String(repeating: "[", count: 99_000), String(repeating: "{{{", count: 33_333),
        ] {
            #expect(TemplateSyntax.python.analyze(text).diagnostics.count == 1)
        }
        let literal = String(repeating: "{", count: 100_000)
        #expect(TemplateSyntax.python.analyze(literal).registered == [String(repeating: "{", count: 50_000)])
    }

    private struct Question: Encodable {
        var text: String
        var registered: String
        var variables: [String]
    }

    private struct Answer: Decodable {
        /// The fields' names; nil when Python refuses the text.
        var fields: [String]?
        /// What Python and MLflow make of the text with the same values; nil where one of them fails.
        var python: String?
        var mlflow: String?
    }

    private static let script = """
        import string
        utils = mlflow_module("genai/prompts/utils.py")
        pattern = mlflow_module("prompt/constants.py").PROMPT_TEMPLATE_VARIABLE_PATTERN
        answer = []
        for item in items:
            text, registered = item["text"], item["registered"]
            values = {name: "<" + name + "\\\\n>" for name in item["variables"]}
            result = {}
            try:
                result["fields"] = [field[1] for field in string.Formatter().parse(text) if field[1] is not None]
                result["python"] = text.format(**values)
            except (ValueError, LookupError, AttributeError):
                pass
            jinja = "{%" in registered and "%}" in registered
            if not jinja and set(pattern.findall(registered)) == set(values):
                result["mlflow"] = utils.format_prompt(registered, **values)
            answer.append(result)
        """

    @Test func agreesWithStrFormat() throws {
        var generator = SeededGenerator(seed: 3)
        let pieces = [
            "{", "}", "{{", "}}", "{{", "}}", "{x}", "{y_2}", "{x}", "{x!s}", "{x:}", "{x!r}", "{x:>9}",
            "{x.y}", "{x[0]}",
            "{}", "{0}", "{x-y}", "{ x }", "{é}", "x", " ", "!", ":", "[", "]", ".", "\n", "%", "é", "{{x}}",
            "{{{{x}}}}",
            "{{%", "%}}", "'", "\\",
        ]
        let few = ["{{", "}}", "{x}", "{y}", "x", " ", "{{{x}}}", "\n", "{%", "%", "é", "\\d"]
        let texts =
            (0..<2500).map { _ in generator.soup(of: pieces, length: 1...12) }
            + (0..<2500).map { _ in generator.soup(of: few, length: 1...16) }
        let analyses = texts.map { TemplateSyntax.python.analyze($0) }
        let questions = zip(texts, analyses).map {
            Question(text: $0, registered: $1.registered[0], variables: $1.names)
        }
        let answers: [Answer] = try GroundTruth.ask(Self.script, about: questions)
        var clean = 0
        for ((text, analysis), answer) in zip(zip(texts, analyses), answers) {
            let about = Comment(rawValue: text.debugDescription)
            #expect(analysis.isComplete == (answer.fields != nil), about)
            guard !analysis.hasErrors else { continue }
            clean += 1
            #expect(Set(analysis.names) == Set(answer.fields ?? ["?"]), about)
            #expect(answer.python != nil, about)
            #expect(answer.python == answer.mlflow, about)
        }
        #expect(clean > 800)
        #expect(clean < texts.count - 800)
    }
}
