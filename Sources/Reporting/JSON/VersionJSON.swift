import Prompts
package import Views
import YAML

/// Versions of prompts as JSON, in MLflow's terms.
package enum VersionJSON {
    /// A version as JSON, ended by a newline.
    ///
    /// - Parameter details: The version.
    /// - Returns: The text, without characters that would control a terminal.
    package static func render(_ details: VersionDetails) -> String {
        value(of: details.version, of: details.prompt).document
    }

    /// A prompt with all its versions as JSON, ended by a newline.
    ///
    /// - Parameter details: The prompt.
    /// - Returns: The text, without characters that would control a terminal.
    package static func render(_ details: PromptDetails) -> String {
        let prompt = details.prompt
        return JSONText([
            "registry": details.registry.address, "workspace": details.registry.workspace,
            "name": prompt.name, "url": details.url, "description": prompt.description,
            "tags": tags(prompt.tags), "aliases": prompt.aliases,
            "versions": details.versions.map { value(of: $0, of: prompt) },
        ]).document
    }

    /// A version as JSON. What the registry stores as JSON text is JSON here too, as it was written.
    private static func value(of version: PromptVersion, of prompt: ObservedPrompt) -> JSONText {
        let content = version.content
        return JSONText([
            "name": prompt.name, "version": version.number,
            "uri": PromptURI(name: prompt.name, reference: .version(version.number)).description,
            "kind": content.kind.rawValue,
            "template": content.kind == .chat
                ? JSONText(stored: content.template) : .string(content.template),
            "variables": content.variables, "model_config": JSONText(stored: content.modelConfig),
            "response_format": JSONText(stored: content.responseFormat), "description": version.description,
            "tags": tags(version.tags), "aliases": prompt.aliases(at: version.number),
            "created_at": Moment(version.createdAt)?.text,
        ])
    }

    /// Tags without the journal of alias moves, which `history` shows.
    static func tags(_ tags: [String: String]) -> [String: String] { tags.filter { $0.key != AliasLog.tag } }
}
