import Execution
import Support

extension RunReport.Git: JSONObject {
    static let fields: [JSONField<Self>] = [
        .init("commit", "The commit that is checked out, or that --commit or the CI system names.", \.commit),
        .init(
            "dirty", "Whether any of the files differs from the commit; null where git does not say.", \.dirty
        ),
        .init("branch", "The branch, where --branch or the CI system names it.", \.branch),
        .init(
            "repository", "The repository's page, where --repository or the CI system names it.",
            \.repository),
        .init("url", "The commit's page.", \.url),
    ]

    /// Only what git always knows is always there.
    static var schema: JSONSchema {
        let properties = JSONValue.object(fields.map { .init($0.key, $0.schema.json) })
        return ["type": "object", "required": ["commit", "dirty"], "properties": properties]
    }

    var json: JSONValue {
        .object(
            Self.fields.map { .init($0.key, $0.json(self)) }
                .filter { ["commit", "dirty"].contains($0.key) || $0.value != .null })
    }
}
