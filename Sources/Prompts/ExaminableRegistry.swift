/// A registry that can be looked at to find out whether runs can use it.
package protocol ExaminableRegistry: Sendable {
    /// Looks at all that a run needs, and writes nothing to the registry.
    ///
    /// What can still be looked at after something failed is; what cannot is among the findings as skipped.
    ///
    /// - Parameter scope: What is to be registered there.
    /// - Returns: A finding for each thing that matters to this kind of registry, in the order for people.
    func examine(_ scope: ExaminationScope) async -> [RegistryFinding]
}

/// What a registry is to be used for, as far as that decides what it has to have.
package enum ExaminationScope: Hashable, Sendable {
    /// Nothing was said.
    case unknown
    /// Prompts of a schema.
    case schema(catalog: String, name: String)
    /// Prompts whose names have no catalog and no schema.
    case withoutSchema

    /// What prompts of these names are in.
    ///
    /// - Parameter names: Full names, which all begin alike.
    package init(ofPrompts names: some Sequence<String>) {
        var names = names.makeIterator()
        guard let name = names.next() else {
            self = .unknown
            return
        }
        let qualified = QualifiedName(name)
        if let schema = qualified.schema, qualified.hasThreeLevels {
            self = .schema(catalog: schema.catalog, name: schema.name)
        } else {
            self = .withoutSchema
        }
    }
}
