/// Limits for reading a JSON or YAML document; the defaults are far beyond any job spec or registry file.
package struct DocumentLimits: Hashable, Sendable {
    /// The most bytes that a document may have.
    package var maxBytes = 8 << 20
    /// How deep lists and mappings may be nested, counted after aliases are expanded.
    package var maxDepth = 64
    /// The most values that a document may hold, counted after aliases are expanded.
    package var maxValues = 200_000
    /// The most bytes of text that keys and values may hold, counted after aliases are expanded.
    package var maxTextBytes = 32 << 20

    /// The default limits, but for the depth.
    package init(maxDepth: Int = 64) { self.maxDepth = maxDepth }
}
