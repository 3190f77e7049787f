import Prompts
package import Views
import YAML

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
        return JSONText.object([
            .init("registry", .string(details.registry.address)),
            .init("workspace", JSONText(details.registry.workspace)), .init("name", .string(prompt.name)),
            .init("url", JSONText(details.url)), .init("description", JSONText(prompt.description)),
            .init("tags", tags(prompt.tags)), .init("aliases", aliases(of: prompt)),
            .init("versions", .array(details.versions.map { value(of: $0, of: prompt) })),
        ]).document
    }

    /// A version as JSON. What a registry holds as JSON is JSON here too, as it was written.
    private static func value(of version: PromptVersion, of prompt: ObservedPrompt) -> JSONText {
        let content = version.content
        let uri = PromptURI(name: prompt.name, reference: .version(version.number)).description
        let isChat = content.kind == .chat
        return .object([
            .init("name", .string(prompt.name)), .init("version", JSONText(version.number)),
            .init("uri", .string(uri)), .init("kind", .string(content.kind.rawValue)),
            .init("template", isChat ? JSONText(stored: content.template) : .string(content.template)),
            .init("variables", JSONText(content.variables)),
            .init("model_config", JSONText(stored: content.modelConfig)),
            .init("response_format", JSONText(stored: content.responseFormat)),
            .init("description", JSONText(version.description)), .init("tags", tags(version.tags)),
            .init("aliases", JSONText(prompt.aliases(at: version.number))),
            .init("created_at", JSONText(Moment(version.createdAt)?.text)),
        ])
    }

    /// The aliases of a prompt with the versions that they point to.
    static func aliases(of prompt: ObservedPrompt?) -> JSONText {
        .object(
            (prompt?.aliases ?? [:]).sorted { $0.key < $1.key }
                .map { JSONText.Member($0.key, JSONText($0.value)) })
    }

    /// Tags by their keys; without the journal of alias moves, which `history` shows.
    static func tags(_ tags: [String: String]) -> JSONText {
        .object(
            tags.filter { $0.key != AliasLog.tag }.sorted { $0.key < $1.key }
                .map { JSONText.Member($0.key, .string($0.value)) })
    }
}
