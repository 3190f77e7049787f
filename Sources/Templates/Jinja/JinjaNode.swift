/// A name in a Jinja2 expression that is looked up when the template is rendered.
struct JinjaName {
    var name: String
    var offset: Int

    var range: Range<Int> { offset..<(offset + name.utf8.count) }
}

/// What an assignment binds.
struct JinjaTarget {
    var name: JinjaName
    /// Whether this is `ns.attribute`, which changes a namespace and binds no name.
    var isAttribute = false
}

/// A statement of a Jinja2 template, reduced to the names that it looks up and binds.
enum JinjaNode {
    /// Names looked up by `{{ … }}`, `print` or `include`.
    case lookups([JinjaName])
    case extends([JinjaName], range: Range<Int>)
    case assign([JinjaTarget], value: [JinjaName])
    case assignBlock([JinjaTarget], filter: [JinjaName], body: [JinjaNode])
    case importing(template: [JinjaName], names: [JinjaName])
    case conditional(JinjaConditional)
    case loop(JinjaLoop)
    case macro(name: JinjaName, JinjaSignature, body: [JinjaNode])
    case call([JinjaName], JinjaSignature, body: [JinjaNode])
    case filter([JinjaName], body: [JinjaNode])
    case with([JinjaTarget], values: [JinjaName], body: [JinjaNode])
    case autoescape([JinjaName], body: [JinjaNode])
    /// The place of a block, whose body is kept apart: it sees nothing of what surrounds it.
    case block
}

/// `if`, its `elif`s and its `else`.
struct JinjaConditional {
    var test: [JinjaName] = []
    var body: [JinjaNode] = []
    var alternatives: [JinjaConditional] = []
    var otherwise: [JinjaNode] = []
}

/// `for`.
struct JinjaLoop {
    var targets: [JinjaTarget]
    var iterated: [JinjaName]
    var test: [JinjaName]?
    var body: [JinjaNode] = []
    var otherwise: [JinjaNode] = []
    /// Whether `loop` is bound even if the body does not name it.
    var bindsLoop = false
}

/// The parameters of a macro or a `call`.
struct JinjaSignature {
    var parameters: [JinjaName] = []
    var defaults: [JinjaName] = []
    /// How many of the parameters, counted from the last, have a default.
    var defaultCount = 0
    var range: Range<Int> = 0..<0
}

/// `block`.
struct JinjaBlock {
    var name: JinjaName
    var body: [JinjaNode]
}
