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
        let levels = name.split(separator: ".", omittingEmptySubsequences: false)
        if levels.count == 3, !levels[0].isEmpty, !levels[1].isEmpty {
            self = .schema(catalog: String(levels[0]), name: String(levels[1]))
        } else {
            self = .withoutSchema
        }
    }
}
