import Diagnostics
import Testing

@testable import Templates

@Suite struct MustacheTests {
    @Test func variablesInOrderOfAppearanceWithTheirFirstPlaces() {
        let analysis = TemplateSyntax.mustache.expectFindings(
            "Frage: {{query}}\näö {{ user.name }} und {{\tquery }}, {{_x1}}")
        #expect(analysis.names == ["query", "user.name", "_x1"])
        #expect(
            analysis.variables.map { "\($0.location.line):\($0.location.column)" } == ["1:10", "2:7", "2:39"])
        #expect(analysis.registered == ["Frage: {{query}}\näö {{ user.name }} und {{\tquery }}, {{_x1}}"])
    }

    @Test(arguments: [
        "‹single-brace›{x}‹/› and {x} again, {{x}}, ‹single-brace›{y_1}‹/›",
        "{{x}} in JSON: {\"a\": {\"b\": 1}, \"c\": ‹single-brace›{d}‹/›}",
        "{ x } { } {1} {x y} {x-y} {} {x: 1}",
        "‹single-brace›{a:.2f}‹/› ‹single-brace›{b!r}‹/› ‹single-brace›{c:,}‹/› ‹single-brace›{d!s:>8}‹/›",
        "‹single-brace›{e:02d}‹/› ‹single-brace›{f:.1%}‹/› {g:.5} {h:1} {i:red} {j:d} {k!x} {l:} {m!} {n:?}",
        "‹not-a-variable›{{ x-y }}‹/› {{ x-y }} ‹not-a-variable›{{1}}‹/› ‹not-a-variable›{{}}‹/›",
        "‹not-a-variable›{{ x | upper }}‹/› ‹not-a-variable›{{ f(x) }}‹/› ‹not-a-variable›{{ größe }}‹/›",
        "‹not-a-variable›{{#each}}‹/›{{x}}‹not-a-variable›{{/each}}‹/› ‹not-a-variable›{{> part}}‹/›",
        "‹not-a-variable›{{\"a\": 1}}‹/› ‹not-a-variable›{{x.}}‹/›",
        "a ‹unclosed-variable›{{x‹/› b {{y",
        "{{ {{x}} }}",
        "‹triple-brace›{{{x}}}‹/› {{{x}}} ‹triple-brace›{{{ y.z }}}‹/› ‹triple-brace›{{{{y}}}}‹/› {{{x}} } { {{x}}}",
        "\\frac{{{x}}}{2} ${{{x}}} \\{{{x}}}\n\n```\n‹triple-brace›{{{x}}}‹/›\n```",
        "‹single-brace›{user.name}‹/› ‹single-brace›{items[0]}‹/› ‹single-brace›{a.b[c].d:>8}‹/› {a[} {a.} {a[x y]}",
        "‹single-brace›{0}‹/› and ‹single-brace›{1:>3}‹/›, ‹single-brace›{0.name}‹/› but [0-9]{2} a{1} (x){3} \\d{4} {{5}",
        "{1} {2} [a-z]{0} x{0}",
        "{{\n  \"a\": 1",
        "‹renders-as-jinja2›{%‹/› if x %}{{ x | upper }}{% endif %}",
        "100 %} and {% ‹!jinja2-syntax›100‹/›",
        "{{x}} 100 %} ‹not-a-variable›{{# no tag #}}‹/›",
        "${a} `{b}` ``{c}` {d}`` ‹single-brace›{e}‹/› ` ‹single-brace›{f}‹/›\n\n`{g}` \\{h}",
        "```{a}``` ‹single-brace›{b}‹/›\n```json\n{c}\n``\n{d}\n````\n‹single-brace›{e}‹/›",
        "> ~~~\n> {a}\n> ~~~\n- ```\n  {b}\n  ```\n2. ~~~~\n{c}\n~~~\n{d}",
        "\\frac{a}{b} \\sqrt[3]{c} \\begin{d}[h]{e} \\text{f {g} h} \\sum_{i}^{n} x_{j} \\a*{k}{l} ‹single-brace›{m}‹/›",
        "\\n‹single-brace›{a}‹/› \\frac{b} ‹single-brace›{c}‹/› file_‹single-brace›{d}‹/› e^{f}",
    ])
    func findings(marked: String) { TemplateSyntax.mustache.expectFindings(marked) }

    @Test func helpSaysWhatToWrite() {
        let help = { (text: String) in TemplateSyntax.mustache.analyze(text).diagnostics.map { $0.help ?? "" }
        }
        #expect(help("{x}")[0].contains("{{x}}"))
        #expect(help("{x.y}")[0].hasPrefix("write {{x.y}};"))
        #expect(help("{x[0]}")[0].contains("{{value}}"))
        #expect(help("{{{x}}}")[0].hasPrefix("write {{x}}, as"))
        #expect(help("{x:.2f}")[0].hasPrefix("write {{x}} and pass it as it is to be shown"))
        #expect(help("{{ $x }}") == ["write {{x}}; the '$' is Semantic Kernel's"])
        #expect(help("{{ x-y z }}") == ["write {{x_y_z}}"])
        #expect(help("{{ x | upper }}")[0].contains("syntax: jinja2"))
        #expect(help("{{#x}}")[0].contains("sections"))
        #expect(help("{{ > x}}") == ["write {{> x}}, without a blank, to put that file in"])
        #expect(help("{{\"a\": 1}}")[0].contains("syntax: python"))
        #expect(help("{{x")[0].contains("{{x}}"))
    }

    @Test func hostileTextsGiveFewFindings() {
        for text in [
            String(repeating: "{", count: 100_000), String(repeating: "{{", count: 50_000) + "x",
            String(repeating: "{{ ", count: 33_000), String(repeating: "{{a", count: 33_000),
            String(repeating: "`{a}", count: 25_000), String(repeating: "\\a{", count: 33_000),
            String(repeating: "```\n", count: 25_000), String(repeating: "[{_^", count: 25_000),
            (1...400).map { String(repeating: "`", count: $0) }.joined(separator: " {a}"),
            "{{" + String(repeating: " ", count: 99_000), "{{" + String(repeating: "a", count: 99_000),
            String(repeating: "{a}", count: 33_000), String(repeating: "}", count: 100_000),
            String(repeating: "{{ - }}", count: 14_000), "{{" + String(repeating: "a.", count: 49_000),
        ] {
            #expect(TemplateSyntax.mustache.analyze(text).diagnostics.count <= 1)
        }
        let many = (0..<14_000).map { "{{a\($0)}}" }.joined()
        #expect(TemplateSyntax.mustache.analyze(many).variables.count == 14_000)
    }

    @Test func agreesWithMLflowsPattern() throws {
        var generator = SeededGenerator(seed: 17)
        let pieces = [
            "{", "{", "{{", "}}", "}", " ", "\n", "\t", "x", "query", "user.name", ".", "_", "9", "-", "|",
            "é",
            "\u{A0}", "\u{85}", "\u{1C}", "\u{1680}", "\u{2003}", "\u{2028}", "\u{202F}", "\u{205F}",
            "\u{3000}",
            "\u{200B}", "\u{180E}", "{{ x }}", "{{x.y}}", "{{\u{3000}x\u{2029}}}", "{% ", " %}", "\r\n",
        ]
        let texts = (0..<3000).map { _ in generator.soup(of: pieces, length: 1...24) }
        let expected: [[String]] = try GroundTruth.ask(
            """
            pattern = mlflow_module("prompt/constants.py").PROMPT_TEMPLATE_VARIABLE_PATTERN
            answer = [list(dict.fromkeys(pattern.findall(text))) for text in items]
            """, about: texts)
        #expect(expected.filter { $0.count > 1 }.count > 300)
        for (text, names) in zip(texts, expected) {
            let source = Source(text)
            let found = source.mustacheMatches().map { source.text($0.name) }
            #expect(
                found.reduce(into: []) { if !$0.contains($1) { $0.append($1) } } == names,
                "\(text.debugDescription)")
        }
    }
}
