import Prompts

/// Checks whether runs can use a registry.
package protocol HealthCheck: Sendable {
    /// Checks all that a run needs, and writes nothing to the registry.
    ///
    /// After a failure the other checks go on where they can; those that cannot are skipped.
    ///
    /// - Parameter scope: What is to be registered there.
    /// - Returns: A result for each thing that matters to this kind of registry, in the order for people.
    func run(for scope: HealthCheckScope) async -> [HealthCheckResult]
}

/// What a registry is to be used for, as far as that decides what it needs.
package enum HealthCheckScope: Hashable, Sendable {
    /// Nothing was named.
    case unknown
    /// Prompts of a schema, and the ids of the experiments that are to show them.
    case schema(catalog: String, name: String, experiments: [String] = [])
    /// Prompts whose names have no catalog and no schema.
    case withoutSchema

    /// What prompts of these names are in.
    ///
    /// - Parameters:
    ///   - names: Full names, which all have the same catalog and schema.
    ///   - experiments: The ids of the experiments that are to show them.
    package init(ofPrompts names: some Sequence<String>, experiments: [String] = []) {
        var names = names.makeIterator()
        guard let name = names.next() else {
            self = .unknown
            return
        }
        let qualified = QualifiedName(name)
        if let schema = qualified.schema, qualified.hasThreeLevels {
            self = .schema(catalog: schema.catalog, name: schema.name, experiments: experiments)
        } else {
            self = .withoutSchema
        }
    }
}
