import Diagnostics
import Testing

@testable import Templates

@Suite struct TemplateAnalysisTests {
    @Test func plainTextIsLeftAlone() {
        let text = "{x} {{y}} {{ z-1 }} {{> part}} {% if }"
        let analysis = TemplateSyntax.none.expectFindings(text)
        #expect(analysis.registered == [text])
        #expect(analysis.names == [])
    }

    @Test(arguments: [
        "{% if a %}{{ a }}", "{% set x = a | uper %}", "100 %} and {% 100", "{% nor this %}",
        "{% include x %}",
        "{% if a %}{{ a.__class__ }}{% endif %}",
    ])
    func whatMLflowTakesForJinja2HasToBeThat(text: String) {
        for syntax in [TemplateSyntax.mustache, .none, .jinja2] {
            #expect(syntax.analyze(text).hasErrors, "\(syntax): \(text)")
        }
        #expect(
            TemplateSyntax.mustache.analyze("{% for d in docs %}{{ d.title }}{% endfor %}").names == ["docs"])
    }

    @Test func namesOfMLflowsParametersAreTaken() throws {
        let names = [
            "self", "allow_partial", "use_jinja_sandbox", "prompt", "kwargs", "values", "key", "env", "x",
        ]
        for (name, isTaken) in zip(names, [true, true, true, true, false, false, false, false, false]) {
            let mustache = TemplateSyntax.mustache.analyze("a {{\(name)}} {{ \(name) }}").diagnostics.map(
                \.code)
            #expect(mustache == (isTaken ? [.reservedVariable] : []), "\(name)")
            let python = TemplateSyntax.python.analyze("{\(name)}").diagnostics.map(\.code)
            #expect(python == (isTaken ? [.reservedVariable] : []), "\(name)")
        }
        #expect(TemplateSyntax.jinja2.analyze("{% if prompt %}{{ self.b() }}{% endif %}").diagnostics.isEmpty)
        #expect(
            TemplateSyntax.jinja2.analyze("{% if allow_partial %}{% endif %}").diagnostics.map(\.code)
                == [.reservedVariable])
    }

    @Test func placesCountFromTheTextsStartInItsFile() {
        let start = SourceLocation(file: "chat.yaml", line: 12, column: 5)
        let part = TemplateText("a {x}\n{y} {{v}}\n{z}", start: start, indentation: 4)
        let analysis = TemplateSyntax.mustache.analyze([part])
        #expect(
            analysis.diagnostics.map(\.location) == [
                SourceLocation(file: "chat.yaml", line: 12, column: 7),
                SourceLocation(file: "chat.yaml", line: 13, column: 5),
                SourceLocation(file: "chat.yaml", line: 14, column: 5),
            ])
        #expect(
            analysis.variables.map(\.location) == [SourceLocation(file: "chat.yaml", line: 13, column: 11)])
    }

    @Test func messagesOfAChatShareTheirVariables() {
        let parts = [
            TemplateText("{a} {b}", start: SourceLocation(file: "c", line: 3)),
            TemplateText("{b} {c} {{}}", start: SourceLocation(file: "c", line: 6)),
        ]
        let analysis = TemplateSyntax.python.analyze(parts)
        #expect(analysis.registered == ["{{a}} {{b}}", "{{b}} {{c}} {}"])
        #expect(analysis.names == ["a", "b", "c"])
        #expect(analysis.variables.map(\.location.line) == [3, 3, 6])
    }

    @Test func oneMessageWithATagMakesAChatJinja2() {
        let parts = ["{% if a %}{{ a }}{% endif %}", "{{ b | upper }}"]
            .map { TemplateText($0, start: SourceLocation(file: "c")) }
        #expect(TemplateSyntax.jinja2.analyze(parts).diagnostics == [])
        #expect(
            TemplateSyntax.mustache.analyze(parts).diagnostics.map(summary) == [
                "1:1+2 warning renders-as-jinja2"
            ])
        #expect(
            TemplateSyntax.jinja2.analyze([parts[1]]).diagnostics.map(summary)
                == ["1:1+2 warning not-rendered-as-jinja2"])
    }

    @Test(arguments: [
        (["{{ d.title }}"], ["d.title"]), (["{{ x | upper }}"], []),
        (["{% for d in docs %}{{ d.title }}{% endfor %}"], ["docs"]),
        (["{% if vip %}Be kind.{% endif %} {{ question }}"], ["vip", "question"]),
        (["{{ x | upper }}", "{% if a %}{{ b.c }}{% endif %}"], ["x", "a", "b"]),
        (["{{ b.c }} {%", "%}"], ["b.c"]), (["{% nonsense %} {{ x }}"], []), ([], []),
    ])
    func aRegisteredPromptIsReadAsMLflowRendersIt(texts: [String], names: [String]) {
        #expect(TemplateSyntax.analyze(registered: texts).names == names)
    }

    @Test func aVariableNeededInOneMessageIsNotOptional() {
        let parts = ["{% if a %}{% set b = 1 %}{% endif %}{{ b }}", "{{ b }}"]
            .map { TemplateText($0, start: SourceLocation(file: "c")) }
        let analysis = TemplateSyntax.jinja2.analyze(parts)
        #expect(analysis.variables.map { "\($0.name) \($0.isOptional)" } == ["a false", "b false"])
        #expect(TemplateSyntax.jinja2.analyze([parts[0]]).variables.map(\.isOptional) == [false, true])
    }
}
