/// Which prompts of a registry are wanted: those that match all that is said here.
package struct PromptQuery: Hashable, Sendable {
    /// The catalog, the part of a full name before its first dot; nil matches any.
    package var catalog: String?
    /// The schema, the part between the first dot and the second; nil matches any.
    package var schema: String?
    /// A tag that the prompt itself has, not its versions; nil matches any.
    package var tag: Tag?

    /// A tag with its value.
    package struct Tag: Hashable, Sendable {
        /// The key.
        package var key: String
        /// The value, which has to be equal.
        package var value: String

        /// A tag with its value.
        package init(key: String, value: String) {
            self.key = key
            self.value = value
        }
    }

    /// A query; one that says nothing matches every prompt.
    package init(catalog: String? = nil, schema: String? = nil, tag: Tag? = nil) {
        self.catalog = catalog
        self.schema = schema
        self.tag = tag
    }

    /// Whether a prompt's name is in the catalog and the schema.
    ///
    /// - Parameter name: The full name. One of fewer than three levels is in no schema.
    /// - Returns: Whether it is.
    package func matches(name: String) -> Bool {
        guard catalog != nil || schema != nil else { return true }
        guard let own = QualifiedName(name).schema else { return false }
        return own == .init(catalog: catalog ?? own.catalog, name: schema ?? own.name)
    }
}
