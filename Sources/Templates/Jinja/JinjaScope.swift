/// The names of one scope of a template, as `jinja2.idtracking` follows them.
///
/// A scope is read in one pass before those within it, so a name that it binds anywhere is bound for them. The
/// branches of an `if` belong to the scope around it; each is read into a layer of its own, then joined.
final class JinjaScope {
    /// What a scope knows about a name.
    struct Binding {
        /// Whether the name's value comes from outside the template.
        var isLookedUp = false
        /// Whether the scope assigns to it.
        var isStored = false
        /// Whether a value from outside is needed only where no branch has assigned one.
        var isOptional = false
        /// Where the value from outside is used first.
        var firstUse: Int?
        /// Where the scope assigns to it first.
        var firstStore: Int?
    }

    private let parent: JinjaScope?
    private var layers: [[String: Binding]] = [[:]]

    init(within parent: JinjaScope?) { self.parent = parent }

    /// The names whose values come from outside the template.
    var lookedUp: [FoundName] {
        layers.joined().filter(\.value.isLookedUp).map {
            FoundName(
                name: $0.key, offset: $0.value.firstUse ?? $0.value.firstStore ?? 0,
                isOptional: $0.value.isOptional)
        }
    }

    /// Notes that names are looked up.
    func load(_ names: [JinjaName]) {
        for name in names where !noteUse(of: name) {
            layers[layers.count - 1][name.name] = Binding(isLookedUp: true, firstUse: name.offset)
        }
    }

    /// Notes that a name is assigned to.
    func store(_ name: JinjaName) {
        var binding = own(name.name) ?? Binding()
        binding.isStored = true
        binding.firstStore = binding.firstStore ?? name.offset
        layers[layers.count - 1][name.name] = binding
    }

    /// Notes assignments.
    func store(_ targets: [JinjaTarget]) {
        for target in targets {
            if target.isAttribute { load([target.name]) } else { store(target.name) }
        }
    }

    /// Notes that a name has a value from the start, as a parameter has.
    func bind(_ name: String) { layers[layers.count - 1][name] = Binding(isStored: true) }

    /// Whether the scope or one around it knows a name.
    func isKnown(_ name: String) -> Bool {
        own(name) != nil || (parent?.isKnown(name) ?? false)
    }

    /// Reads branches of which at most one is taken.
    ///
    /// A name that one of them assigns may be unset after them, so Jinja2 looks it up first.
    func branch(_ branches: [() -> Void]) {
        var joined: [String: Binding] = [:]
        for branch in branches {
            layers.append([:])
            branch()
            joined.merge(layers.removeLast(), uniquingKeysWith: Self.join)
        }
        for (name, binding) in joined {
            let before = own(name)
            var after = binding
            if binding.isStored, before?.isStored != true {
                after.isOptional = before.map(\.isOptional) ?? (!binding.isLookedUp || binding.isOptional)
                after.isLookedUp = !(parent?.isKnown(name) ?? false)
            }
            layers[layers.count - 1][name] = after
        }
    }

    private func own(_ name: String) -> Binding? {
        for layer in layers.reversed() {
            if let binding = layer[name] { return binding }
        }
        return nil
    }

    /// Notes that a known name is used; returns whether it is known.
    private func noteUse(of name: JinjaName) -> Bool {
        for index in layers.indices.reversed() {
            guard let binding = layers[index][name.name] else { continue }
            if binding.isLookedUp, binding.firstUse.map({ name.offset < $0 }) ?? true {
                layers[index][name.name]?.firstUse = name.offset
            }
            return true
        }
        return parent?.noteUse(of: name) ?? false
    }

    /// What two branches together know about a name: it is needed when one of them needs it.
    private static func join(_ one: Binding, _ other: Binding) -> Binding {
        Binding(
            isLookedUp: one.isLookedUp || other.isLookedUp,
            isStored: one.isStored || other.isStored,
            isOptional: (one.isOptional || !one.isLookedUp) && (other.isOptional || !other.isLookedUp),
            firstUse: [one.firstUse, other.firstUse].compactMap(\.self).min(),
            firstStore: [one.firstStore, other.firstStore].compactMap(\.self).min())
    }
}
