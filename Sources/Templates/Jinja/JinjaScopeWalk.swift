/// Walks a template's scopes, as `jinja2.compiler` does, and collects the names that come from outside it.
struct JinjaScopeWalk {
    private var scopes: [JinjaScope] = []
    /// What Jinja2 cannot compile.
    private(set) var findings: [Finding] = []
    /// Whether a top-level `extends` was passed, after which a second one ends the template.
    private var hasExtended = false

    /// Walks the template and its blocks.
    mutating func walk(_ template: [JinjaNode], blocks: [JinjaBlock]) {
        let root = JinjaScope(within: nil)
        if template.uses(["self"]).contains("self") { root.bind("self") }
        read(template, into: root)
        keep(root)
        walk(template, in: root, Position(isTopLevel: true, isRoot: true))
        var known: Set<String> = []
        for block in blocks {
            if !known.insert(block.name.name).inserted {
                findings.append(
                    .error(
                        .jinjaSyntax, "the block '\(block.name.name)' is defined twice", at: block.name.range)
                )
            }
            // A block is filled by other templates too, so it sees no names of this one.
            let scope = JinjaScope(within: nil)
            for name in block.body.uses(["self", "super"]) { scope.bind(name) }
            read(block.body, into: scope)
            keep(scope)
            walk(block.body, in: scope, Position())
        }
    }

    /// Where in the template a body stands.
    private struct Position {
        var isTopLevel = false
        var isRoot = false
    }

    private mutating func keep(_ scope: JinjaScope) { scopes.append(scope) }

    /// The names that come from outside; one occurs once for each scope that looks it up.
    var found: [FoundName] { scopes.flatMap(\.lookedUp) }
}

// MARK: - One scope

extension JinjaScopeWalk {
    /// Notes what statements look up and bind in their own scope.
    private func read(_ body: [JinjaNode], into scope: JinjaScope) {
        for node in body {
            switch node {
            case .lookups(let names), .extends(let names, _), .call(let names, _, _), .filter(let names, _):
                scope.load(names)
            case .assign(let targets, let value):
                scope.load(value)
                scope.store(targets)
            case .assignBlock(let targets, _, _): scope.store(targets)
            case .importing(let template, let names):
                scope.load(template)
                for name in names { scope.store(name) }
            case .conditional(let conditional): read(conditional, into: scope)
            case .loop(let loop): scope.load(loop.iterated)
            case .macro(let name, _, _): scope.store(name)
            case .with(_, let values, _): scope.load(values)
            case .autoescape, .block: break
            }
        }
    }

    private func read(_ conditional: JinjaConditional, into scope: JinjaScope) {
        scope.load(conditional.test)
        scope.branch([
            { read(conditional.body, into: scope) },
            { for alternative in conditional.alternatives { read(alternative, into: scope) } },
            { read(conditional.otherwise, into: scope) },
        ])
    }
}

// MARK: - The scopes within

extension JinjaScopeWalk {
    /// Opens the scopes within a scope's statements.
    private mutating func walk(_ body: [JinjaNode], in scope: JinjaScope, _ position: Position) {
        for node in body {
            switch node {
            case .lookups, .assign, .importing, .block: break
            case .extends(_, let range):
                if !position.isTopLevel {
                    findings.append(
                        .error(.jinjaSyntax, "'extends' stands at the top level of a template", at: range))
                }
                if hasExtended { return }
                if position.isRoot { hasExtended = true }
            case .conditional(let conditional): walk(conditional, in: scope, position)
            case .loop(let loop): walk(loop, in: scope)
            case .macro(_, let signature, let body), .call(_, let signature, let body):
                walk(signature, body, in: scope)
            case .filter(_, let body): walk(body, within: scope)
            case .with(let targets, _, let body):
                walk(body, within: scope) { inner in for target in targets { inner.bind(target.name.name) } }
            case .autoescape(let option, let body): walk(body, within: scope) { inner in inner.load(option) }
            case .assignBlock(_, let filter, let body): walkAssignBlock(filter, body, in: scope)
            }
        }
    }

    private mutating func walk(
        _ conditional: JinjaConditional, in scope: JinjaScope, _ position: Position
    ) {
        let inner = Position(isTopLevel: position.isTopLevel)
        walk(conditional.body, in: scope, inner)
        for alternative in conditional.alternatives { walk(alternative.body, in: scope, inner) }
        walk(conditional.otherwise, in: scope, inner)
    }

    /// Walks a body that is a scope of its own.
    private mutating func walk(
        _ body: [JinjaNode], within parent: JinjaScope, prepare: (JinjaScope) -> Void = { _ in }
    ) {
        let scope = JinjaScope(within: parent)
        prepare(scope)
        read(body, into: scope)
        keep(scope)
        walk(body, in: scope, Position())
    }

    private mutating func walk(_ loop: JinjaLoop, in parent: JinjaScope) {
        let bindsLoop = loop.bindsLoop || !loop.body.uses(["loop"]).isEmpty
        if let test = loop.test {
            let scope = JinjaScope(within: parent)
            for target in loop.targets { scope.bind(target.name.name) }
            scope.load(test)
            keep(scope)
        }
        walk(loop.body, within: parent) { scope in
            if bindsLoop { scope.bind("loop") }
            for target in loop.targets { scope.bind(target.name.name) }
        }
        walk(loop.otherwise, within: parent)
    }

    private mutating func walk(_ signature: JinjaSignature, _ body: [JinjaNode], in parent: JinjaScope) {
        let special = body.uses(["caller", "kwargs", "varargs"])
        if special.contains("caller"),
            let index = signature.parameters.firstIndex(where: { $0.name == "caller" }),
            signature.parameters.count - index > signature.defaultCount
        {
            findings.append(
                .error(
                    .jinjaSyntax, "the parameter 'caller' needs a default",
                    at: signature.parameters[index].range))
        }
        walk(body, within: parent) { scope in
            for name in special { scope.bind(name) }
            for parameter in signature.parameters { scope.bind(parameter.name) }
            scope.load(signature.defaults)
        }
    }

    private mutating func walkAssignBlock(
        _ filter: [JinjaName], _ body: [JinjaNode], in parent: JinjaScope
    ) {
        let scope = JinjaScope(within: parent)
        read(body, into: scope)
        keep(scope)
        // Jinja2 forgets to look these names up, and fails on those that nothing else makes known.
        for name in filter where !scope.isKnown(name.name) {
            findings.append(
                .error(
                    .jinjaSyntax,
                    "Jinja2 cannot use the variable '\(name.name)' in the filter of a 'set' block",
                    at: name.range,
                    help: "set a name to '\(name.name)' first, or filter where the text is used"))
        }
        walk(body, in: scope, Position())
    }
}
