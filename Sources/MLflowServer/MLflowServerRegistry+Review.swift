package import Prompts
import Support

// What the server's version, or its database, does not hold or show.
extension MLflowServerRegistry {
    package func review(
        _ writes: [PendingWrite], isPreview: Bool
    ) async throws(RegistryError) -> WriteReview {
        let long = writes.map { (name: $0.name, values: StoredValue.long(in: $0)) }
            .filter { !$0.values.isEmpty }
        let hidden = Self.needs.map { need in (need.capability, writes.filter(need.isIn).map(\.name)) }
            .filter { !$0.1.isEmpty }
        var review = WriteReview()
        // Most runs need nothing that an older server lacks, and so do not ask for its version. A server without any of
        // the prompts may be one that is too old to have any.
        let isAllNew = isPreview && !writes.isEmpty && writes.allSatisfy { $0.prompt != nil }
        guard !long.isEmpty || !hidden.isEmpty || isAllNew else { return review }
        let version = await api.address.version()
        if let problem = version?.problem { throw RegistryError(problem) }
        for (name, values) in long { review.problems[name] = version.flatMap { Self.problem(values, $0) } }
        review.warnings = Self.warnings(long.filter { review.problems[$0.name] == nil })
        guard let version else { return review }
        for (capability, names) in hidden where !version.can(capability) {
            review.warnings.append(
                "MLflow \(version.text) \(capability.limitation): \(names.listed(Self.shownNames)); "
                    + "use a server and clients of MLflow \(capability.firstVersion) or later")
        }
        return review
    }

    /// What prompts may need that older clients do not show.
    private static let needs:
        [(capability: MLflowVersion.Capability, isIn: @Sendable (PendingWrite) -> Bool)] = [
            (.chatPrompts, { $0.versions.contains { $0.content.kind == .chat } }),
            (.responseFormat, { $0.versions.contains { $0.content.responseFormat != nil } }),
            (.modelConfig, { $0.versions.contains { $0.content.modelConfig != nil } }),
        ]

    /// Why a server of a version cannot hold some long values; nil when it can, or the database decides.
    private static func problem(_ values: [StoredValue], _ version: MLflowVersion) -> RegistryError? {
        guard !version.can(.longValues), let value = values.first(where: { $0.storage != .column })
        else { return nil }
        return RegistryError(
            .invalidValue,
            "\(value.field) has \(value.length) characters, and MLflow \(version.text) "
                + MLflowVersion.Capability.longValues.limitation,
            hint: "shorten it, or upgrade the server to MLflow "
                + "\(MLflowVersion.Capability.longValues.firstVersion) or later")
    }

    /// Warnings about values that some databases do not hold, one for each field.
    private static func warnings(_ long: [(name: String, values: [StoredValue])]) -> [String] {
        let values = long.flatMap { name, values in values.map { (name: name, value: $0) } }
            .filter { $0.value.storage != .versionTag }
        return Dictionary(grouping: values, by: \.value.field).sorted { $0.key < $1.key }.map {
            field, values in
            "\(field) has more than \(MLflowVersion.shortValue) characters: \(values.map(\.name).listed(shownNames)); "
                + "\(tooLongForDatabase); MLflow does not tell which database the server has, so shorten it to be safe"
        }
    }

    /// How many names fit a line.
    private static let shownNames = 3

    /// What servers on some databases do with long descriptions and tags.
    static let tooLongForDatabase =
        "a server on PostgreSQL or MySQL holds at most \(MLflowVersion.shortValue) (SQLite has no such limit)"
}
