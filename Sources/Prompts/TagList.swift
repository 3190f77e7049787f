/// Tags as MLflow's APIs write them: a list of objects with `key` and `value`.
package struct TagList: Codable, Hashable, Sendable {
    /// The tags; the last of equal keys counts.
    package var tags: [String: String]

    /// A list of tags.
    package init(_ tags: [String: String]) {
        self.tags = tags
    }

    package init(from decoder: any Decoder) throws {
        let entries = try decoder.singleValueContainer().decode([Entry].self)
        tags = Dictionary(entries.map { ($0.key, $0.value ?? "") }) { _, last in last }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(tags.sorted { $0.key < $1.key }.map { Entry(key: $0.key, value: $0.value) })
    }

    private struct Entry: Codable {
        var key: String
        var value: String?
    }
}
