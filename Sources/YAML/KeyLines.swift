/// The lines of a mapping's keys, to find duplicates in constant time without a table for small mappings.
struct KeyLines {
    private var keys: [(text: String, line: Int)] = []
    private var table: [String: Int] = [:]

    private static let longestScan = 12

    /// Adds a key.
    ///
    /// - Returns: The line of the same key when it is there already.
    mutating func add(_ text: String, line: Int) -> Int? {
        if table.isEmpty {
            if let known = keys.first(where: { $0.text == text }) { return known.line }
            keys.append((text, line))
            guard keys.count > Self.longestScan else { return nil }
            for key in keys { table[key.text] = key.line }
            keys = []
            return nil
        }
        if let known = table[text] { return known }
        table[text] = line
        return nil
    }
}
