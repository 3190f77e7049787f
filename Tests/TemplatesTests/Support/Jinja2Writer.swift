/// Writes Jinja2 templates at random, most of them correct, with few names so that scopes get in each other's way.
struct Jinja2Writer {
    private var generator: SeededGenerator
    private var blocks = 0

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    mutating func template() -> String {
        blocks = 0
        return body(depth: 0)
    }

    private mutating func chance(_ part: Int, of whole: Int) -> Bool {
        Int.random(in: 0..<whole, using: &generator) < part
    }

    private mutating func name() -> String {
        generator.pick(["a", "b", "c", "d", "a", "b", "loop", "self", "range", "super"])
    }

    /// A name to bind: none that Jinja2 provides itself.
    private mutating func boundName() -> String { generator.pick(["a", "b", "c", "d", "e"]) }

    private mutating func target() -> String {
        if chance(1, of: 8) { return "\(boundName()), \(boundName())" }
        if chance(1, of: 16) { return "(\(boundName()), (\(boundName()), e))" }
        return boundName()
    }

    private mutating func expression(depth: Int = 0) -> String {
        guard depth < 3 else { return name() }
        let part = { (writer: inout Jinja2Writer) in writer.expression(depth: depth + 1) }
        switch Int.random(in: 0..<20, using: &generator) {
        case 0: return "(\(part(&self)))"
        case 1: return "[\(part(&self)), \(part(&self))]"
        case 2: return "{\(part(&self)): \(part(&self))}"
        case 3: return "\(name()).\(name())"
        case 4: return "\(name())[\(part(&self))]"
        case 5: return "\(name())(\(part(&self)), b=\(part(&self)))"
        case 6: return "\(part(&self)) | default(\(part(&self)))"
        case 7: return "\(part(&self)) is defined"
        case 8: return "\(part(&self)) is divisibleby \(name())"
        case 9:
            return
                "\(part(&self)) \(generator.pick(["+", "-", "~", "and", "or", "in", "not in", "==", "**"])) \(part(&self))"
        case 10: return "\(part(&self)) if \(part(&self)) else \(part(&self))"
        case 11: return generator.pick(["1", "'a'", "true", "none", "1.5"])
        case 12: return "\(generator.pick(["not ", "-"]))\(part(&self))"
        default: return name()
        }
    }

    private mutating func body(depth: Int) -> String {
        (0..<Int.random(in: 0...(depth == 0 ? 5 : 3), using: &generator)).map { _ in statement(depth: depth) }
            .joined()
    }

    private mutating func statement(depth: Int) -> String {
        let kind = Int.random(in: 0..<(depth < 4 ? 24 : 8), using: &generator)
        switch kind {
        case 0...3: return "{{ \(expression()) }}"
        case 4, 5: return "{% set \(target()) = \(expression()) %}"
        case 6: return "{% set \(boundName()).x = \(expression()) %}"
        case 7: return importing()
        case 8...11: return conditional(depth: depth + 1)
        case 12...15: return loop(depth: depth + 1)
        case 16, 17: return macro(depth: depth + 1)
        case 18: return "{% with \(target()) = \(expression()) %}\(body(depth: depth + 1)){% endwith %}"
        case 19: return "{% set \(target()) %}\(body(depth: depth + 1)){% endset %}"
        case 20: return "{% set \(target()) | replace('a', 'x') %}\(body(depth: depth + 1)){% endset %}"
        case 21: return "{% filter replace(\(expression()), 'x') %}\(body(depth: depth + 1)){% endfilter %}"
        case 22: return "{% autoescape \(expression()) %}\(body(depth: depth + 1)){% endautoescape %}"
        default: return block(depth: depth + 1)
        }
    }

    private mutating func importing() -> String {
        switch Int.random(in: 0..<3, using: &generator) {
        case 0: "{% include \(expression()) %}"
        case 1: "{% import 'x' as \(boundName()) %}"
        default: "{% from \(expression()) import a as \(boundName()), b %}"
        }
    }

    private mutating func conditional(depth: Int) -> String {
        var result = "{% if \(expression()) %}" + body(depth: depth)
        while chance(1, of: 4) { result += "{% elif \(expression()) %}" + body(depth: depth) }
        if chance(1, of: 2) { result += "{% else %}" + body(depth: depth) }
        return result + "{% endif %}"
    }

    private mutating func loop(depth: Int) -> String {
        var result = "{% for \(target()) in (\(expression()))"
        if chance(1, of: 4) { result += " if (\(expression()))" }
        if chance(1, of: 6) { result += " recursive" }
        result += " %}" + body(depth: depth)
        if chance(1, of: 4) { result += "{% else %}" + body(depth: depth) }
        return result + "{% endfor %}"
    }

    private mutating func macro(depth: Int) -> String {
        let parameters = generator.pick(["", "a", "a, b", "a, b=\(expression())"])
        return chance(1, of: 3)
            ? "{% call(\(parameters)) \(name())(\(expression())) %}\(body(depth: depth)){% endcall %}"
            : "{% macro \(generator.pick(["m", "a", "b"]))(\(parameters)) %}\(body(depth: depth)){% endmacro %}"
    }

    private mutating func block(depth: Int) -> String {
        blocks += 1
        return "{% block x\(blocks)\(chance(1, of: 3) ? " scoped" : "") %}\(body(depth: depth)){% endblock %}"
    }
}
