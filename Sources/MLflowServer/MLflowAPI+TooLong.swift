import HTTP
import Prompts

extension MLflowAPI.Fields {
    /// How databases say that a value does not fit its column: PostgreSQL, MySQL and SQL Server.
    private static let tooLong = [
        "value too long for type", "Data too long for column", "data would be truncated",
    ]

    /// The error of a write, naming the value that the server's database cannot hold, if that is why it was refused.
    func explaining(_ error: HTTPError, isOfVersion: Bool) -> HTTPError {
        guard error.status == 400, Self.tooLong.contains(where: error.apiMessage.contains),
            let value = longValues(isOfVersion: isOfVersion).first
        else { return error }
        var explained = error
        explained.message =
            "the server's database cannot hold the \(value.field): it has \(value.length) characters; "
            + MLflowServerRegistry.tooLongForDatabase
        explained.hint = "shorten it to \(MLflowVersion.shortValue) characters"
        return explained
    }

    private func longValues(isOfVersion: Bool) -> [StoredValue] {
        var tags = tags?.tags.mapValues(Optional.some) ?? [:]
        if let key { tags[key] = value }
        return StoredValue.long(description: description, tags: tags, isOfVersion: isOfVersion)
    }
}
