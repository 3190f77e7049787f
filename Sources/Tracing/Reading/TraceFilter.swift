/// What traces have to meet, in the words of MLflow's search.
enum TraceFilter {
    /// The most characters of a tag's key.
    private static let longestKey = 250

    /// That a version is linked, by the association that MLflow's clients make.
    static func linked(_ version: TraceRecord.Prompt) -> String {
        "prompt = '\(version.name)/\(version.version)'"
    }

    /// That promptreg's own tag names the version.
    static func tagged(_ version: TraceRecord.Prompt) -> String {
        "\(tag(version.name)) = '\(version.version)'"
    }

    /// That promptreg's own tag names another version.
    static func taggedElse(_ version: TraceRecord.Prompt) -> String {
        "\(tag(version.name)) != '\(version.version)'"
    }

    /// That promptreg's own tag names no version of the prompt.
    static func untagged(_ name: String) -> String { "\(tag(name)) IS NULL" }

    /// That promptreg's own tag names the version, in the words of metrics.
    static func metric(_ version: TraceRecord.Prompt) -> String { "trace." + tagged(version) }

    /// Whether the cost is unknown.
    static let unpriced = "metadata.`\(TraceRecord.costKey)` IS NULL"
    /// Whether the cost is known.
    static let priced = "metadata.`\(TraceRecord.costKey)` IS NOT NULL"

    /// Whether it failed.
    static let failed = "status = 'ERROR'"
    /// Whether it did not fail.
    static let notFailed = "status != 'ERROR'"

    /// Whether traces can have promptreg's own tag for a prompt.
    static func canTag(_ name: String) -> Bool {
        (TraceRecord.ownTagPrefix + name).unicodeScalars.count <= longestKey
    }

    private static func tag(_ name: String) -> String { "tag.`\(TraceRecord.ownTagPrefix)\(name)`" }
}
