/// How large a document may be before reading it is given up.
package struct YAMLLimits: Hashable, Sendable {
    /// The most bytes that a document may have.
    package var maxBytes: Int
    /// The most lists and mappings that may lie inside one another, counted after aliases are expanded.
    package var maxDepth: Int
    /// The most values that a document may hold, counted after aliases are expanded.
    package var maxNodes: Int
    /// The most bytes of text that keys and values may hold, counted after aliases are expanded.
    package var maxExpandedBytes: Int

    /// Limits; the defaults are far beyond any job spec or registry file.
    ///
    /// - Parameters:
    ///   - maxBytes: The most bytes that a document may have.
    ///   - maxDepth: The most lists and mappings that may lie inside one another.
    ///   - maxNodes: The most values that a document may hold.
    ///   - maxExpandedBytes: The most bytes of text that keys and values may hold.
    package init(
        maxBytes: Int = 8 << 20, maxDepth: Int = 64, maxNodes: Int = 200_000,
        maxExpandedBytes: Int = 32 << 20
    ) {
        self.maxBytes = maxBytes
        self.maxDepth = maxDepth
        self.maxNodes = maxNodes
        self.maxExpandedBytes = maxExpandedBytes
    }
}
