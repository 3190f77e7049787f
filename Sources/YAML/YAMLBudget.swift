import Support

/// What a document has used of its limits, aliases expanded.
struct YAMLBudget {
    /// How much a value is.
    struct Size {
        var nodes = 0
        var bytes = 0
        /// How many collections lie inside one another.
        var height = 0
    }

    private let limits: DocumentLimits
    private var nodes = 0
    private var bytes = 0
    private var expandedAliases = false
    /// The depth of the deepest collection since the innermost open measurement.
    private var deepest = 0

    init(limits: DocumentLimits) { self.limits = limits }

    /// Counts a scalar or, with no node, a key.
    ///
    /// - Returns: What to tell the user when this is too much.
    mutating func add(nodes: Int, bytes: Int) -> String? {
        self.nodes += nodes
        self.bytes += bytes
        if self.nodes > limits.maxValues { return exceeded("\(limits.maxValues) values") }
        if self.bytes > limits.maxTextBytes {
            return exceeded("\(limits.maxTextBytes) bytes of text")
        }
        return nil
    }

    /// Counts an anchored value again, where an alias puts it.
    mutating func addAlias(of size: Size, depth: Int) -> String? {
        expandedAliases = true
        if let message = add(nodes: size.nodes, bytes: size.bytes) { return message }
        return reach(depth: depth - 1 + size.height)
    }

    /// Counts a collection at a depth.
    mutating func addCollection(depth: Int) -> String? {
        add(nodes: 1, bytes: 0) ?? reach(depth: depth)
    }

    private mutating func reach(depth: Int) -> String? {
        deepest = max(deepest, depth)
        guard depth > limits.maxDepth else { return nil }
        return "lists and mappings are nested more than \(limits.maxDepth) deep"
    }

    private func exceeded(_ limit: String) -> String {
        expandedAliases
            ? "the document expands to more than \(limit) through its aliases"
            : "the document holds more than \(limit)"
    }

    // MARK: Measuring anchored collections

    /// What a measurement has to remember from its beginning.
    struct Measurement {
        fileprivate var nodes: Int
        fileprivate var bytes: Int
        fileprivate var deepest: Int
    }

    /// Begins to measure a collection, before it is counted.
    mutating func beginMeasuring() -> Measurement {
        defer { deepest = 0 }
        return Measurement(nodes: nodes, bytes: bytes, deepest: deepest)
    }

    /// The size of all that was counted since the beginning of a measurement of a collection at a depth.
    mutating func endMeasuring(_ start: Measurement, depth: Int) -> Size {
        let size = Size(nodes: nodes - start.nodes, bytes: bytes - start.bytes, height: deepest - depth + 1)
        deepest = max(deepest, start.deepest)
        return size
    }
}
