package import Prompts
import Support

/// A lock file as JSON.
package enum LockFileJSON {
    /// The JSON Schema (draft 2020-12) of lock files, ended by a newline.
    package static var schema: String {
        let head: JSONSchema = [
            "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "promptreg lock file",
            "description":
                "The versions of a job's prompts. A later release may add keys within the same schema_version.",
        ]
        return head.adding(PromptLock.schema).json.document
    }

    /// The lock file over several lines, ended by a newline: the same for the same versions.
    package static func render(_ lock: PromptLock) -> String { lock.json.document }
}

extension PromptLock: JSONObject {
    static let fields: [JSONField<Self>] = [
        .init("schema_version", "The version of the format.", \.schemaVersion, ["const": 1]),
        .init("job", "The job's name.", \.job),
        .init("target", "The target in use.", \.target),
        .init("registry", "The registry's address; a relative folder is relative to this file.", \.registry),
        .init("workspace", "The workspace behind the address; null if the address says it all.", \.workspace),
        .init("alias", "The alias whose versions were taken; null: the newest ones.", \.alias),
        .init("prompts", "The prompts, by their full names.", \.prompts),
    ]
}

extension LockedPrompt: JSONObject {
    static let fields: [JSONField<Self>] = [
        .init("name", "The name within the job.", \.name),
        .init("full_name", "The name in the registry.", \.fullName),
        .init("uri", "The version's URI, to load it.", \.uri),
        .init("version", "The version's number.", \.version, ["minimum": 1]),
        .init(
            "content_hash", "The digest of kind, template, model_config and response_format.", \.contentHash,
            ["pattern": "^sha256:[0-9a-f]{64}$"]),
        .init("commit", "The commit that the version came from; null if unknown.", \.commit),
        .init("dirty", "Whether its files had changes that are not in the commit.", \.dirty),
        .init("bundle", "The files with its content; null where only the registry has it.", \.bundle),
    ]
}

extension LockedPrompt.Bundle: JSONObject {
    static let fields: [JSONField<Self>] = [
        .init("kind", "The kind of the template.", \.kind),
        .init("file", "The template, relative to this file.", \.file),
        .init("settings_file", "model_config and response_format; null if there are none.", \.settingsFile),
    ]
}

extension PromptContent.Kind: JSONRepresentable {}
