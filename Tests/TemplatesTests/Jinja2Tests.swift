import Diagnostics
import Testing

@testable import Templates

@Suite struct Jinja2Tests {
    @Test func variablesInOrderOfAppearanceWithTheirFirstPlaces() {
        let analysis = TemplateSyntax.jinja2.expectFindings(
            "{# query #}{% for c in cases %}\n{{ c.name ~ team }}{% endfor %}\n{{ query | upper }} {{ team }}"
        )
        #expect(analysis.names == ["cases", "team", "query"])
        #expect(
            analysis.variables.map { "\($0.location.line):\($0.location.column)" } == ["1:24", "2:13", "3:4"])
    }

    @Test(arguments: [
        "{% ‹!jinja2-syntax›if‹/› a %}{{ a }}",
        "{% for a in b %}{% ‹!jinja2-syntax›if‹/› a %}{% else %}x",
        "{% if a %}{% ‹!jinja2-syntax›endfor‹/› %}",
        "{% ‹!jinja2-syntax›endif‹/› %}",
        "{% if a %}{% else %}{% ‹!jinja2-syntax›elif‹/› b %}{% endif %}",
        "{% ‹!jinja2-syntax›fro‹/› a in b %}{% endfor %}",
        "{% ‹!jinja2-syntax›do‹/› a %}",
        "a\n{% set x = 1 %}‹!jinja2-syntax›{{‹/› x",
        "{% if a %}x{% endif %}‹!jinja2-syntax›{%‹/› if",
        "{% if ‹!jinja2-syntax›(‹/›a %}x{% endif %}",
        "{% if ‹!jinja2-syntax›[‹/›a) %}x{% endif %}",
        "{% if a ‹!jinja2-syntax›)‹/› %}x{% endif %}",
        "{% if a ‹!jinja2-syntax›b‹/› %}x{% endif %}",
        "{% if a == ‹!jinja2-syntax›%}‹/›x{% endif %}",
        "{% if ‹!jinja2-syntax›'‹/›a %}x{% endif %}",
        "{% if a ‹!jinja2-syntax›!‹/› b %}x{% endif %}",
        "{% if ä ‹!jinja2-syntax›€‹/› b %}x{% endif %}",
        "{% if x‹!jinja2-syntax›²‹/› %}x{% endif %}",
        "{% raw %}{{ x }}{% endraw %}‹!jinja2-syntax›{#‹/› never closed",
        "‹!jinja2-syntax›{% raw %}‹/›{{ x }}",
        "{% set a‹!jinja2-syntax›(‹/›) = 1 %}",
        "{% set ‹!jinja2-syntax›1‹/› = 1 %}",
        "{% set ‹!jinja2-syntax›true‹/› = 1 %}",
        "{% if a ‹!jinja2-syntax›=‹/› 1 %}x{% endif %}",
        "{% set a = f(b=1, ‹!jinja2-syntax›c‹/›) %}",
        "{% block a‹!jinja2-syntax›-‹/›b %}{% endblock %}",
        "{% set x = a | map(‹!jinja2-unknown-name›\"uper\"‹/›) | map(\"upper\") | map(attribute=\"nope\") %}",
        "{% set x = a | select(\"==\", 1) | selectattr(\"nope\", ‹!jinja2-unknown-name›\"eqx\"‹/›, 1) | selectattr(\"nope\") %}",
        "{% set x = a | reject(\"even\") | reject(‹!jinja2-unknown-name›\"nope\"‹/›) | reject(b) | rejectattr(\"x\", \"in\", b) %}",
        "{% set x = a | ‹!jinja2-unknown-name›uper‹/› %}{% set y = a is ‹!jinja2-unknown-name›evn‹/› %}",
        "{% if a is ‹!jinja2-unknown-name›evn‹/› %}{% elif a|‹jinja2-unknown-name›f‹/› %}{% endif %}",
        "{% if a and b is ‹jinja2-unknown-name›evn‹/› %}{% if c|‹jinja2-unknown-name›f‹/› %}{% endif %}{% endif %}",
        "{% for a in b %}{% if a|‹jinja2-unknown-name›f‹/› %}{% endif %}{% endfor %}",
        "{% if a %}{{ b | ‹jinja2-unknown-name›my.filter‹/› }}{% endif %}",
        "{% set x = (a|‹jinja2-unknown-name›f‹/› if b else c|‹jinja2-unknown-name›g‹/›) ~ d|‹!jinja2-unknown-name›h‹/› %}",
        "{{ a if b|‹!jinja2-unknown-name›f‹/› else c|‹jinja2-unknown-name›g‹/› }}{% if a %}{% endif %}",
        "{% set x = d ~ (a if b is ‹!jinja2-unknown-name›f‹/› else c) %}",
        "{{ a if (b if c|‹!jinja2-unknown-name›f‹/› else d) else e if g|‹jinja2-unknown-name›h‹/› }}{% if a %}{% endif %}",
        "{{ a and (b if c|‹jinja2-unknown-name›f‹/› else d) }}{% if a %}{% endif %}",
        "{{ a if b or c|‹jinja2-unknown-name›f‹/› else d }}{{ 1 < a < (b if c|‹jinja2-unknown-name›f‹/›) }}{% if a %}{% endif %}",
        "{% if (a|‹jinja2-unknown-name›f‹/› if b else c) %}{{ a if b|‹jinja2-unknown-name›f‹/› else c }}{% endif %}",
        "{% for a in (b if c|‹jinja2-unknown-name›f‹/› else d) %}{% endfor %}",
        "{% ‹!jinja2-loader›include‹/› 'a' ignore missing %}{% ‹!jinja2-loader›import‹/› 'a' as b with context %}",
        "{% ‹!jinja2-loader›extends‹/› 'a' %}{% ‹!jinja2-loader›from‹/› 'a' import b, c as d %}",
        "‹not-rendered-as-jinja2›{{‹/› x | upper }} {{ y.z }}",
        "{{ x }} ‹not-rendered-as-jinja2›{#‹/› remark #} {{- y }}",
        "{{ x }} ‹not-rendered-as-jinja2›{{‹/› y.z }}",
        "{{ x }} {{y}}",
        "{#- {% %} -#}{{ x | upper }}",
    ])
    func findings(marked: String) { TemplateSyntax.jinja2.expectFindings(marked) }

    @Test func helpSaysWhatToWrite() {
        let help = { (text: String) in TemplateSyntax.jinja2.analyze(text).diagnostics.map { $0.help ?? "" } }
        #expect(help("{% for a in b %}") == ["close it with '{% endfor %}'"])
        #expect(help("{% if a %}{% endfor %}") == ["close it with '{% endif %}' first"])
        #expect(help("{% inclde 'x' %}") == ["did you mean 'include'?"])
        #expect(help("{% set x = y | uper %}") == ["did you mean 'upper'?"])
        #expect(help("{{ x | upper }}")[0].contains("{#- {% %} -#}"))
    }

    @Test func nestingIsBounded() {
        let nested = { (open: String, middle: String, close: String, count: Int) in
            "{% set x = " + String(repeating: open, count: count) + middle
                + String(repeating: close, count: count) + " %}"
        }
        #expect(TemplateSyntax.jinja2.analyze(nested("(", "a", ")", 60)).names == ["a"])
        #expect(TemplateSyntax.jinja2.analyze(nested("[", "a", "]", 60)).names == ["a"])
        #expect(TemplateSyntax.jinja2.analyze(nested("(", "a", ")", 70)).diagnostics.count == 1)
        let blocks =
            String(repeating: "{% if a %}", count: 4_000) + String(repeating: "{% endif %}", count: 4_000)
        #expect(TemplateSyntax.jinja2.analyze(blocks).names == ["a"])
        for piece in ["(", "[", "{", "{\"a\":", "f(", "a[", "(a,", "a|f(", "not ", "- ", "a if ", "a is b "] {
            let text =
                "{% set x = "
                + String(repeating: piece, count: (piece == "(" ? 99_900 : 20_000) / piece.utf8.count)
            #expect(TemplateSyntax.jinja2.analyze(text).hasErrors)
        }
        for tag in [
            "{% if a %}", "{% for a in b %}", "{% macro m() %}", "{% set a %}", "{% block b %}", "{% with %}",
        ] {
            let text = String(repeating: tag, count: 20_000 / tag.utf8.count)
            #expect(TemplateSyntax.jinja2.analyze(text).hasErrors)
        }
    }

    @Test func hostileTextsAreRead() {
        let reads = { (text: String, names: Int) in
            let analysis = TemplateSyntax.jinja2.analyze(text)
            #expect(analysis.variables.count == names)
            #expect(!analysis.hasErrors)
        }
        reads((0..<9_000).map { "{{ a\($0) }}" }.joined(), 9_000)
        reads((0..<3_000).map { "{% if a\($0) %}{% endif %}" }.joined(), 3_000)
        reads((0..<3_000).map { "{% if a %}{% set b\($0) = 1 %}{% endif %}" }.joined(), 3_001)
        let deep = String(repeating: "{% for a in b %}", count: 3_000)
        let end = String(repeating: "{% endfor %}", count: 3_000)
        reads(deep + (0..<9_000).map { "{{ a\($0) }}" }.joined() + end, 9_001)
        reads("{% set x = a" + String(repeating: ".a", count: 49_000) + " %}", 1)
        reads("{% set x = a" + String(repeating: " + a", count: 24_000) + " %}", 1)
        reads("{% set x = \u{E9}" + String(repeating: " + \u{E9}", count: 19_000) + " %}", 1)
        reads("{% set x = '" + String(repeating: "\\'", count: 49_000) + "' %}", 0)
        reads(
            "{% raw %}{{" + String(repeating: "{% ", count: 30_000)
                + "{% endraw %}", 0)
        reads(
            String(repeating: "{##}", count: 24_000) + "{% set x = 1 %}", 0)
        for text in ["{", "}", "{%", "{{", "{#", "{% ", "{{ ", "{% raw %}", "%}"] {
            let repeated = String(repeating: text, count: 99_999 / text.utf8.count)
            #expect(TemplateSyntax.jinja2.analyze(repeated).diagnostics.count <= 2)
        }
    }
}
