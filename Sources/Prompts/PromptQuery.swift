/// A query for the prompts of a registry that meet all conditions.
package struct PromptQuery: Hashable, Sendable {
    /// The catalog; nil matches any.
    package var catalog: String?
    /// The schema; nil matches any.
    package var schema: String?
    /// A tag of the prompt, not of its versions; nil matches any.
    package var tag: Tag?
    /// Full names in lower case that the caller does not ask for; a registry may leave them out.
    package var known: Set<String> = []

    /// A tag with its value.
    package struct Tag: Hashable, Sendable {
        /// The key.
        package var key: String
        /// The value.
        package var value: String

        /// A tag with its value.
        package init(key: String, value: String) {
            self.key = key
            self.value = value
        }
    }

    /// A query; without conditions it matches every prompt.
    package init(catalog: String? = nil, schema: String? = nil, tag: Tag? = nil) {
        self.catalog = catalog
        self.schema = schema
        self.tag = tag
    }

    /// Whether a prompt's full name is in the catalog and the schema; one of fewer than three levels is in neither.
    package func matches(name: String) -> Bool {
        guard catalog != nil || schema != nil else { return true }
        guard let own = QualifiedName(name).schema else { return false }
        return own == .init(catalog: catalog ?? own.catalog, name: schema ?? own.name)
    }
}
