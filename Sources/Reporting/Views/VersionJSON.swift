import Prompts
import Support
package import Views

/// Versions of prompts as JSON, in MLflow's words.
package enum VersionJSON {
    /// A version as JSON, ended by a newline.
    ///
    /// - Parameter details: The version.
    /// - Returns: The text. It holds nothing that would steer a terminal.
    package static func render(_ details: VersionDetails) -> String {
        value(of: details.version, of: details.prompt).document
    }

    /// A prompt with all its versions as JSON, ended by a newline.
    ///
    /// - Parameter details: The prompt.
    /// - Returns: The text. It holds nothing that would steer a terminal.
    package static func render(_ details: PromptDetails) -> String {
        let prompt = details.prompt
        return JSONValue.object([
            .init("registry", .string(details.registry.address)),
            .init("workspace", JSONValue(details.registry.workspace)), .init("name", .string(prompt.name)),
            .init("url", JSONValue(details.url)), .init("description", JSONValue(prompt.description)),
            .init("tags", tags(prompt.tags)), .init("aliases", aliases(of: prompt)),
            .init("versions", .array(details.versions.map { value(of: $0, of: prompt) })),
        ]).document
    }

    /// A version as JSON. What a registry holds as JSON is JSON here too, as it was written.
    private static func value(of version: PromptVersion, of prompt: ObservedPrompt) -> JSONValue {
        let content = version.content
        let uri = PromptURI(name: prompt.name, reference: .version(version.number)).description
        let isChat = content.kind == .chat
        return .object([
            .init("name", .string(prompt.name)), .init("version", JSONValue(version.number)),
            .init("uri", .string(uri)), .init("kind", .string(content.kind.rawValue)),
            .init("template", isChat ? JSONValue(stored: content.template) : .string(content.template)),
            .init("variables", JSONValue(content.variables)),
            .init("model_config", JSONValue(stored: content.modelConfig)),
            .init("response_format", JSONValue(stored: content.responseFormat)),
            .init("description", JSONValue(version.description)), .init("tags", tags(version.tags)),
            .init("aliases", JSONValue(prompt.aliases(at: version.number))),
            .init("created_at", JSONValue(Moment(version.createdAt)?.text)),
        ])
    }

    /// The aliases of a prompt with the versions that they point to.
    static func aliases(of prompt: ObservedPrompt?) -> JSONValue {
        .object(
            (prompt?.aliases ?? [:]).sorted { $0.key < $1.key }
                .map { JSONValue.Member($0.key, JSONValue($0.value)) })
    }

    /// Tags by their keys; without the journal of alias moves, which `history` shows.
    static func tags(_ tags: [String: String]) -> JSONValue {
        .object(
            tags.filter { $0.key != AliasLog.tag }.sorted { $0.key < $1.key }
                .map { JSONValue.Member($0.key, .string($0.value)) })
    }
}
