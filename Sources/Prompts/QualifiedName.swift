/// A prompt's full name in its parts: `catalog.schema.name`, or a name of fewer levels, which is in no schema.
package struct QualifiedName: Hashable, Sendable, CustomStringConvertible {
    /// A schema and the catalog that it is in.
    package struct Schema: Hashable, Sendable, CustomStringConvertible {
        /// The catalog.
        package var catalog: String
        /// The schema's own name.
        package var name: String

        /// A schema of a catalog.
        package init(catalog: String, name: String) {
            self.catalog = catalog
            self.name = name
        }

        /// The full name, such as `main.agent`.
        package var description: String { "\(catalog).\(name)" }
    }

    /// The schema; nil for a name of fewer than three levels.
    package var schema: Schema?
    /// The rest, which may contain dots; all of a name that is in no schema.
    package var name: String

    /// A name in a schema.
    package init(schema: Schema?, name: String) {
        self.schema = schema
        self.name = name
    }

    /// Splits a full name.
    package init(_ fullName: String) {
        let levels = fullName.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false)
        if levels.count == 3 {
            schema = Schema(catalog: String(levels[0]), name: String(levels[1]))
        }
        name = schema == nil ? fullName : String(levels[2])
    }

    /// The full name.
    package var description: String { schema.map { "\($0).\(name)" } ?? name }

    /// Whether there are exactly three levels, none of them empty, as Unity Catalog requires.
    package var hasThreeLevels: Bool {
        guard let schema else { return false }
        return ![schema.catalog, schema.name, name].contains("") && !name.contains(".")
    }
}
