import Prompts

/// A value that is about to be stored, as far as servers differ in how long it may be.
struct StoredValue {
    /// Where it is stored, which decides how long it may be.
    enum Storage {
        /// In a version's tag: at most 5,000 characters before MLflow 3.0.
        case versionTag
        /// In a prompt's tag: the same, and later as much as the database's column holds.
        case promptTag
        /// In a column of its own: as much as that holds.
        case column
    }

    /// What the user calls it.
    let field: String
    let text: String
    let storage: Storage

    /// How many characters it has, as MLflow counts them.
    var length: Int { text.unicodeScalars.count }

    /// Whether it is longer than what every server holds.
    var isLong: Bool {
        // A text has no more characters than bytes, so that most need not be counted.
        text.utf8.count > MLflowVersion.shortValue && length > MLflowVersion.shortValue
    }

    /// The long values among the descriptions and tags of a prompt.
    static func long(
        description: String?, tags: [String: String?], isOfVersion: Bool = false
    ) -> [StoredValue] {
        long([(isOfVersion ? "commit message" : "description", description)], in: .column)
            + (isOfVersion
                ? long(versionTags: tags) : long(tags.map { ("tag '\($0)'", $1) }, in: .promptTag))
    }

    private static func long(_ values: [(field: String, text: String?)], in storage: Storage) -> [StoredValue]
    {
        values.compactMap { field, text in
            text.map { StoredValue(field: field, text: $0, storage: storage) }
        }.filter(\.isLong).sorted { $0.field < $1.field }
    }

    private static func long(versionTags tags: [String: String?]) -> [StoredValue] {
        let names = [
            ReservedTag.text: "text", ReservedTag.responseFormat: "response_format",
            ReservedTag.modelConfig: "model_config",
        ]
        return long(tags.map { (names[$0] ?? "tag '\($0)' of the version", $1) }, in: .versionTag)
    }
}

extension StoredValue {
    /// The long values of a version.
    static func long(in version: VersionDraft) -> [StoredValue] {
        var tags = version.tags
        version.content.put(into: &tags)
        return long(description: version.description, tags: tags, isOfVersion: true)
    }

    /// The long values of everything that is to be written of a prompt.
    static func long(in write: PendingWrite) -> [StoredValue] {
        (write.prompt.map { long(description: $0.description, tags: $0.tags) } ?? [])
            + write.versions.flatMap(long)
            + write.changes.flatMap { changes in
                long(description: changes.description, tags: changes.promptTags)
                    + long(versionTags: changes.versionTags)
            }
    }
}
