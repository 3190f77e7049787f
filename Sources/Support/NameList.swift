extension [String] {
    /// The first of them in a sentence, and how many more there are, such as `a, b and 3 more`.
    ///
    /// - Parameter limit: How many are named.
    /// - Returns: The list.
    package func listed(_ limit: Int) -> String {
        prefix(limit).joined(separator: ", ") + (count > limit ? " and \(count - limit) more" : "")
    }
}
