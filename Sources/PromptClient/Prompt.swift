import Diagnostics
import FoundationEssentials
package import Prompts
import Support
import Templates

/// A version of a prompt, as an agent uses it; or the caller's own text where no version could be loaded.
///
/// ```swift
/// let prompt = try await client.load("cost_worker@production")
/// let text = try prompt.render(["query": question, "data": table])
/// ```
public struct Prompt: Hashable, Sendable {
    /// The kinds of templates.
    public enum Kind: String, Hashable, Sendable {
        /// One text.
        case text
        /// A list of messages.
        case chat
    }

    /// A message of a chat prompt.
    public struct Message: Hashable, Sendable {
        /// Who speaks, such as `system` or `user`.
        public let role: String
        /// The text.
        public let content: String
    }

    /// The full name in the registry, such as `main.agent.prompt_cost_worker`.
    public let name: String
    /// The version's number, from 1; nil where the template is the caller's fallback.
    public let version: Int?
    /// The aliases that pointed to the version when it was loaded, sorted; none where it was loaded by its number.
    public let aliases: [String]
    /// The kind of the template.
    public let kind: Kind
    /// The text, or a chat prompt's messages as a JSON list.
    public let template: String
    /// The model's settings as a JSON object; nil where there are none.
    public let modelConfig: String?
    /// The JSON Schema of the answer; nil where there is none.
    public let responseFormat: String?
    /// The version's tags.
    public let tags: [String: String]

    /// Why the template is the caller's fallback; nil where it is a registered version.
    public let fallbackReason: PromptClientError?

    /// Whether the template is the caller's fallback, and no registered version.
    public var isFallback: Bool { fallbackReason != nil }

    /// The URI that always loads this version, such as `prompts:/main.agent.prompt_cost_worker/3`; of a fallback, the
    /// prompt's.
    public var uri: String { PromptURI(name: name, reference: version.map { .version($0) }).description }

    /// The variables that have to be filled in, sorted.
    public var variables: [String] { content.variables }

    /// Fills in the variables, as MLflow's `PromptVersion.format` does.
    ///
    /// ```swift
    /// let text = try prompt.render(["query": question, "data": table])
    /// ```
    ///
    /// - Parameter values: The value of each variable by its name.
    /// - Returns: The text, or a chat prompt's messages as a JSON list.
    /// - Throws: `PromptClientError` with `.values` where a variable has no value or a value no variable, and with
    ///   `.failed` where MLflow would render the template with Jinja2.
    public func render(_ values: [String: String] = [:]) throws(PromptClientError) -> String {
        let values = values.sorted { $0.key < $1.key }.map { TemplateValue(name: $0.key, text: $0.value) }
        let rendering = PromptRendering(of: template, isChat: kind == .chat, values: values)
        if let text = rendering.text { return text }
        let errors = rendering.diagnostics.filter { $0.severity == .error }
        throw PromptClientError(
            TemplateSyntax.analyze(registered: [template]).syntax == .jinja2 ? .failed : .values,
            "'\(name)' cannot be rendered: " + errors.map(\.message).joined(separator: "; "),
            // What is missing has no other help than that of the command.
            hint: errors.lazy.filter { $0.code != .missingValue }.compactMap(\.help).first)
    }

    /// Fills in the variables, and returns what is sent to a chat model.
    ///
    /// ```swift
    /// let messages = try prompt.messages(["query": question]).map { ["role": $0.role, "content": $0.content] }
    /// ```
    ///
    /// - Parameter values: The value of each variable by its name.
    /// - Returns: A chat prompt's messages; a text is one message of the role `user`.
    /// - Throws: `PromptClientError`, as `render` does.
    public func messages(_ values: [String: String] = [:]) throws(PromptClientError) -> [Message] {
        let text = try render(values)
        guard kind == .chat else { return [Message(role: "user", content: text)] }
        do throws(ChatMessage.Problem) {
            return try ChatMessage.texts(in: text).map { Message(role: $0.role, content: $0.content) }
        } catch {
            throw PromptClientError(.failed, "'\(name)' cannot be rendered: \(error.reason)")
        }
    }

    /// Reads the model's settings into a type of the caller's.
    ///
    /// ```swift
    /// struct Settings: Decodable { var modelName: String?, temperature: Double?, maxTokens: Int? }
    /// let settings = try prompt.modelConfig(as: Settings.self)
    /// ```
    ///
    /// - Parameter type: The type; its `maxTokens` is `max_tokens` of the settings.
    /// - Returns: The settings; nil where there are none.
    /// - Throws: `PromptClientError` with `.failed` where they are not as the type wants them.
    public func modelConfig<Settings: Decodable>(
        as type: Settings.Type
    ) throws(PromptClientError) -> Settings? {
        guard let modelConfig else { return nil }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        do {
            return try decoder.decode(type, from: Data(modelConfig.utf8))
        } catch {
            let reason = (error as? DecodingError)?.reason ?? "\(error)"
            throw PromptClientError(.failed, "the model_config of '\(uri)' is not \(type): \(reason)")
        }
    }

    private var content: PromptContent {
        PromptContent(kind: kind == .chat ? .chat : .text, template: template)
    }
}

extension Prompt {
    /// A registered version.
    package init(_ resolved: ResolvedVersion) {
        let version = resolved.version
        self.init(
            name: resolved.name, version: version.number,
            aliases: resolved.prompt?.aliases(at: version.number) ?? [],
            kind: version.content.kind == .chat ? .chat : .text, template: version.content.template,
            modelConfig: version.content.modelConfig, responseFormat: version.content.responseFormat,
            tags: version.tags, fallbackReason: nil)
    }

    /// A text of the caller's, in place of a version that could not be loaded for a reason.
    init(fallback text: String, for name: String, _ reason: PromptClientError) {
        self.init(
            name: name, version: nil, aliases: [], kind: .text, template: text, modelConfig: nil,
            responseFormat: nil, tags: [:], fallbackReason: reason)
    }
}
