extension [JinjaNode] {
    /// Which of the names that Jinja2 provides where they are used (`loop`, `caller`, …) a body uses.
    ///
    /// This is `find_undeclared` of `jinja2.compiler`, in its order of visiting: once a name is bound anywhere,
    /// what follows means that one.
    func uses(_ names: Set<String>) -> Set<String> {
        var search = SpecialNameSearch(names: names)
        search.visit(self)
        return search.used
    }
}

private struct SpecialNameSearch {
    var names: Set<String>
    var used: Set<String> = []

    init(names: Set<String>) { self.names = names }

    mutating func visit(_ body: [JinjaNode]) {
        for node in body where !names.isEmpty { visit(node) }
    }

    private mutating func visit(_ node: JinjaNode) {
        switch node {
        case .lookups(let names), .extends(let names, _), .importing(let names, _): load(names)
        case .assign(let targets, let value):
            bind(targets)
            load(value)
        case .assignBlock(let targets, let filter, let body):
            bind(targets)
            load(filter)
            visit(body)
        case .conditional(let conditional): visit(conditional)
        case .loop(let loop):
            bind(loop.targets)
            load(loop.iterated)
            visit(loop.body)
            visit(loop.otherwise)
            load(loop.test ?? [])
        case .macro(_, let signature, let body):
            visit(signature)
            visit(body)
        case .call(let callee, let signature, let body):
            load(callee)
            visit(signature)
            visit(body)
        case .filter(let filter, let body):
            visit(body)
            load(filter)
        case .with(let targets, let values, let body):
            bind(targets)
            load(values)
            visit(body)
        case .autoescape(let option, let body):
            load(option)
            visit(body)
        case .block: break
        }
    }

    private mutating func visit(_ conditional: JinjaConditional) {
        load(conditional.test)
        visit(conditional.body)
        for alternative in conditional.alternatives { visit(alternative) }
        visit(conditional.otherwise)
    }

    private mutating func visit(_ signature: JinjaSignature) {
        for parameter in signature.parameters { names.remove(parameter.name) }
        load(signature.defaults)
    }

    private mutating func load(_ loaded: [JinjaName]) {
        for name in loaded where names.contains(name.name) { used.insert(name.name) }
    }

    private mutating func bind(_ targets: [JinjaTarget]) {
        for target in targets where !target.isAttribute { names.remove(target.name.name) }
    }
}
