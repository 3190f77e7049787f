/// Templates that each show one rule of Jinja2's scopes, grammar or lexer.
enum Jinja2Samples {
    static let templates = scopes + blocks + expressions + lexing + refused

    /// Names, and where they come from.
    private static let scopes = [
        "no variables", "{{ a }}", "{{ a }}{{ a.b }}{{ c[d] }}",
        "{{ range(3) }}{{ dict(a=b) }}{{ lipsum() }}",
        "{{ cycler('a') }}{{ joiner() }}{{ namespace(x=y) }}", "{% set a = b %}{{ a }}",
        "{{ a }}{% set a = b %}",
        "{% set a, b = c, d %}{{ a }}{{ b }}", "{% set (a, (b, c)) = d %}{{ a }}{{ b }}{{ c }}",
        "{% set ns = namespace(n=0) %}{% for i in x %}{% set ns.n = ns.n + i %}{% endfor %}{{ ns.n }}",
        "{% set ns.a = 1 %}", "{% set ns.a, b = c %}{{ b }}", "{% set a %}{{ b }}{% endset %}{{ a }}",
        "{% set a | upper %}x{% endset %}{{ a }}", "{% set a | replace(b, c) %}x{% endset %}{{ b }}{{ c }}",
        "{% set a %}{% set b = 1 %}{% endset %}{{ b }}",
        "{% for x in y %}{{ x }}{{ loop.index }}{% endfor %}{{ x }}{{ loop }}",
        "{% for x in x %}{{ x }}{% endfor %}",
        "{% for a, b in c %}{{ a }}{{ b }}{% endfor %}",
        "{% for (a, b), c in d %}{{ a }}{{ b }}{{ c }}{% endfor %}",
        "{% for x in y if x and z %}{{ x }}{% endfor %}", "{% for x in y if loop.index %}{% endfor %}",
        "{% for x in y %}{% else %}{{ x }}{{ loop }}{% endfor %}",
        "{% for x in y recursive %}{{ loop(x) }}{% endfor %}",
        "{% for x in y %}{% set z = x %}{% endfor %}{{ z }}",
        "{% for x in y %}{{ z }}{% endfor %}{% set z = 1 %}",
        "{{ z }}{% for x in y %}{% set z = 1 %}{% endfor %}",
        "{% for a in b %}{% for c in a %}{{ loop.index }}{% endfor %}{% endfor %}",
        "{% for a in b %}{% for c in a %}{% else %}{{ loop }}{% endfor %}{% endfor %}",
        "{% if a %}{% set b = 1 %}{% endif %}{{ b }}",
        "{% if a %}{% set b = 1 %}{% else %}{% set b = 2 %}{% endif %}",
        "{% set b = 0 %}{% if a %}{% set b = 1 %}{% endif %}{{ b }}",
        "{% if a %}{{ b }}{% elif c %}{% set b = 1 %}{% elif b %}{% else %}{{ d }}{% endif %}",
        "{% if a %}{% if b %}{% set c = 1 %}{% endif %}{{ c }}{% endif %}",
        "{% for x in y %}{% if x %}{% set z = 1 %}{% endif %}{{ z }}{% endfor %}",
        "{% set z = 0 %}{% for x in y %}{% if x %}{% set z = 1 %}{% endif %}{{ z }}{% endfor %}",
        "{% macro m(a, b=c) %}{{ a }}{{ b }}{{ d }}{% endmacro %}{{ m(e) }}",
        "{{ m() }}{% macro m() %}{% endmacro %}",
        "{% macro m(a=b, c=a) %}{% endmacro %}{{ a }}",
        "{% macro m() %}{{ caller() }}{{ varargs }}{{ kwargs }}{% endmacro %}{{ caller }}",
        "{% macro m() %}{% for x in varargs %}{{ x }}{% endfor %}{% endmacro %}",
        "{% macro m() %}{% set caller = 1 %}{{ caller }}{% endmacro %}",
        "{% macro m(caller=none) %}{{ caller }}{% endmacro %}",
        "{% macro m(kwargs) %}{{ kwargs }}{% endmacro %}",
        "{% call m(a) %}{{ b }}{% endcall %}", "{% call(x, y=z) m(a) %}{{ x }}{{ y }}{% endcall %}",
        "{% with %}{{ a }}{% endwith %}", "{% with a=b, c=a %}{{ a }}{{ c }}{% endwith %}{{ c }}",
        "{% with a, b = c %}{{ a }}{{ b }}{% endwith %}",
        "{% for x in y %}{% with outer=loop %}{{ outer }}{% endwith %}{% endfor %}",
        "{% filter upper %}{{ a }}{% set b = 1 %}{% endfilter %}{{ b }}",
        "{% filter replace(a, b) | trim %}c{% endfilter %}",
        "{% autoescape a %}{{ b }}{% set c = 1 %}{% endautoescape %}{{ c }}",
        "{% set range = 1 %}{{ range }}",
    ]

    /// Blocks and other templates.
    private static let blocks = [
        "{% block b %}{{ a }}{% endblock %}", "{% set a = 1 %}{% block b %}{{ a }}{% endblock b %}",
        "{% block b scoped %}{{ a }}{% endblock %}", "{% block b required %} {# x #}\n{% endblock %}",
        "{% for x in y %}{% block b scoped %}{{ x }}{{ loop }}{% endblock %}{% endfor %}",
        "{% block b %}{{ super() }}{{ self.b() }}{% endblock %}{{ self.b() }}{{ super }}",
        "{% block a %}{% block b %}{{ c }}{% endblock %}{% endblock %}",
        "{% extends 'x' %}{{ a }}{% block b %}{{ c }}{% endblock %}", "{% extends a %}",
        "{% if a %}{% extends b %}{% endif %}",
        "{% include a %}{% include 'b' ignore missing without context %}{% include [c, 'd'] %}",
        "{% import 'a' as b %}{{ b.c(d) }}", "{% import a as b with context %}{{ b }}",
        "{% from 'a' import b, c as d, e with context %}{{ b }}{{ c }}{{ d }}{{ e }}",
        "{% from a import b without context %}",
        "{{ b }}{% from 'a' import b %}", "{% for x in y %}{% import 'a' as loop %}{{ loop }}{% endfor %}",
    ]

    /// The grammar of expressions.
    private static let expressions = [
        "{{ a if b else c }}", "{{ a if b }}", "{{ a if b if c else d }}", "{{ a if b else c if d else e }}",
        "{{ a or b and not c }}", "{{ not a in b }}", "{{ a not in b }}", "{{ a < b <= c != d }}",
        "{{ a + -b ** +c // d % e ~ f }}",
        "{{ a is defined }}{{ b is not divisibleby 3 }}{{ c is divisibleby d }}{{ e is sameas(f) }}",
        "{{ a is defined and b is none or c }}", "{{ a is in [b] }}", "{{ a is number is string }}",
        "{{ a | default(b) | join(', ', attribute=c) }}", "{{ a | map(attribute='x') | list }}",
        "{{ a|upper() }}",
        "{{ (a)(b)(*c, **d) }}", "{{ f(a, b=c,) }}", "{{ f(*a, b=c) }}", "{{ a.b.c['d'][e].f(g) }}",
        "{{ a[1:b] }}{{ a[:] }}{{ a[::c] }}{{ a[b:c:d, e] }}{{ a[] }}", "{{ a.0.1 }}", "{{ a.1.5 }}",
        "{{ [a, b,] }}{{ (c,) }}{{ () }}{{ {d: e, 'f': g,} }}", "{{ a, b }}", "{{ a 'b' }}",
        "{{ 'a' 'b' c }}", "{{ 'a' \"b\" }}",
        "{{ -a.b|abs }}", "{{ true }}{{ True }}{{ none }}{{ None }}{{ false }}", "{{ and }}", "{{ if }}",
        "{{ a + not b }}",
        "{{ not }}", "{{ in }}", "{% print a, b %}", "{% print %}", "{% if a, b %}{% endif %}",
        "{% for x in a, b %}{% endfor %}",
        "{% for x in a recursive %}{% endfor %}", "{% for x in (a if b else c) %}{% endfor %}",
        "{% if a: %}{% endif %}",
        "{% call a.b(c) %}{% endcall %}", "{% set () = a %}", "{{ a|f.g }}",
    ]

    /// Marks, white space, comments, raw text, literals.
    private static let lexing = [
        "{#", "{#\n", "{# {{ a }} #}", "{#-#}", "{#- a -#}{{ b }}", "{% raw %}{{ a }}{% endraw %}{{ b }}",
        "{%- raw -%}{{ a }}{%- endraw -%}", "{%raw%}{% if %}{%+endraw+%}", "{% raw %}", "{% raw %}\n",
        "{% raw %} {% endraw",
        "{{-a-}}", "{{- -1 -}}", "{{+a}}", "{%+ if a -%}{%- endif +%}", "{{ {'a': {'b': c}} }}", "{{ {} }}",
        "{{ '}}' ~ a }}",
        "{{ \"%}\" }}", "{{ '\\'' ~ a }}", "{{ '\\u00e9' }}", "{{ 'a\nb' }}",
        "{{ 0x1F + 0b1 + 0o7 + 1_000 + 00 }}", "{{ 1.5e-3 }}",
        "{{ 1e5 }}", "{{ 1_0.0_1 }}", "{{ größe }}{{ _a1 }}{{ 名前 }}", "{\u{A0}{ a }}",
        "{{\u{3000}a\u{2028}}}", "{ { a } }",
        "a { b } c", "{% if a %}\r\nb\r{% endif %}\r\n", "{{ a }}\n\n", "{{ a\n}}",
    ]

    /// What Jinja2 refuses.
    private static let refused = [
        "{{", "{{ }}", "{{ a", "{{ a }", "{% if a %}", "{% if a %}{% endfor %}", "{% endif %}", "{% foo %}",
        "{% if %}{% endif %}",
        "{% for x %}{% endfor %}", "{% for in x %}{% endfor %}", "{% for x, in y %}{% endfor %}",
        "{% for a.b in c %}{% endfor %}",
        "{% set %}", "{% set a = %}",
        "{% set a.b.c = d %}", "{% set a[0] = b %}", "{% set 'a' = b %}", "{% set (a.b) = c %}",
        "{% set true = 1 %}", "{{ a b }}",
        "{{ a..b }}", "{{ a.}}", "{{ (a }}", "{{ a) }}", "{{ [a) }}", "{{ a | }}", "{{ a | 1 }}",
        "{{ a is }}", "{{ a is b is c }}",
        "{{ f(a=1, b) }}", "{{ a ? b }}", "{{ a! }}", "{{ 'a }}",
        "{{ a else b }}",
        "{{ a if b else c else d }}", "{{ x² }}", "{{ ² }}", "{{ a € }}", "{{ {a} }}", "{{ a: b }}",
        "{{ 1a }}",
        "{# a", "{% raw %} a", "{% macro m %}{% endmacro %}", "{% macro m(a.b) %}{% endmacro %}",
        "{% block %}{% endblock %}", "{% block a-b %}{% endblock %}", "{% import 'a' as b.c %}",
        "{% include %}", "{% with a %}{% endwith %}",
        "{% filter %}{% endfilter %}",
        "{{ a | nofilter }}", "{{ a is notest }}", "{% do a %}",
        "{% break %}", "{% trans %}",
        "{% if a %}{% else %}{% elif b %}{% endif %}", "{% print a b %}", "{{ a if else b }}", "{{ a[b }}",
        "{{ a[b;c] }}",
    ]

    /// What Jinja2 refuses and is not noticed here: mistakes that hardly anybody makes.
    static let passedOver = [
        "{{ f(**a, b) }}", "{{ f(*a, *b) }}", "{{ '\\x' }}", "{{ 01 }}",
        "{% macro m(a=1, b) %}{% endmacro %}",
        "{% macro m(caller) %}{{ caller }}{% endmacro %}", "{% call a %}{% endcall %}",
        "{% call (a)(b) %}{% endcall %}", "{% block a %}{% endblock b %}",
        "{% block a %}{% endblock %}{% block a %}{% endblock %}", "{% block a required %}x{% endblock %}",
        "{% for loop in a %}{% endfor %}", "{% for a in b %}{% set loop = 1 %}{% endfor %}",
        "{% for x in y %}{% extends 'a' %}{% endfor %}", "{% import 'a' %}", "{% from 'a' import %}",
        "{% from 'a' import b, %}", "{% from 'a' import _b %}", "{% set a | replace(b, 'c') %}{% endset %}",
    ]
}
