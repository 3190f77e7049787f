import FoundationEssentials
import HTTP
import Prompts
import Support

/// The messages of Unity Catalog's prompt service, without what is not used of answers.
enum UnityCatalogMessage {
    /// A prompt, without its versions.
    struct Prompt: Codable, Sendable, AnswerAbout {
        var name: String
        var description: String?
        var tags: TagList?
        var aliases: [Alias]?

        var subject: String? { name }
    }

    /// A version.
    struct Version: Codable, Sendable, AnswerAbout {
        var name: String?
        var version: Numeral?
        var description: String?
        /// The template as JSON: a text, or a list of messages.
        var template: String?
        var tags: TagList?
        var aliases: [Alias]?
        var creationTimestamp: String?

        var subject: String? { name }
    }

    /// An alias.
    struct Alias: Codable, Sendable {
        var alias: String
        var version: Numeral?
    }

    /// Where to search.
    struct Schema: Encodable, Sendable {
        var catalogName: String
        var schemaName: String
    }

    /// The body of any request: each has some of these fields.
    struct Request: Encodable, Sendable {
        var name: String?
        var prompt: Prompt?
        var promptVersion: Version?
        var alias: String?
        var version: String?
        var key: String?
        var value: String?
        var catalogSchema: Schema?
        var filter: String?
        var maxResults: Int?
        var pageToken: String?
    }

    /// A page of prompts or of versions.
    struct Page: Decodable, Sendable {
        var prompts: [Prompt]?
        var promptVersions: [Version]?
        var nextPageToken: String?
    }
}

// MARK: - What they mean

extension UnityCatalogMessage.Prompt {
    /// The message that creates a prompt.
    init(_ draft: PromptDraft) {
        name = draft.name
        description = draft.description.nonEmpty
        tags = draft.tags.isEmpty ? nil : TagList(draft.tags)
    }

    /// The prompt that this describes, with its newest version.
    func observed(
        newest: PromptVersion?, aliases more: [UnityCatalogMessage.Alias]
    ) throws(RegistryError) -> ObservedPrompt {
        var prompt = ObservedPrompt(
            name: name, description: description.nonEmpty,
            tags: tags?.tags ?? [:], newest: newest)
        for alias in more + (aliases ?? []) {
            guard let version = alias.version else { continue }
            prompt.aliases[alias.alias] = try PromptVersion.number(version.text, of: name)
        }
        return prompt
    }
}

extension UnityCatalogMessage.Version {
    /// The message that creates a version, with a mark that tells it from all others.
    init(_ draft: VersionDraft, of name: String, mark: String) throws(RegistryError) {
        let content = draft.content
        var tags = draft.tags
        tags[ReservedTag.kind] = content.kind.rawValue
        tags[ReservedTag.modelConfig] = content.modelConfig
        tags[ReservedTag.responseFormat] = content.responseFormat
        tags[RunMark.tag] = mark
        self.name = name
        self.tags = TagList(tags)
        description = draft.description.nonEmpty
        template = try Self.template(of: content)
    }

    private static func template(of content: PromptContent) throws(RegistryError) -> String {
        guard content.kind == .text else { return content.template }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes]
        guard let data = try? encoder.encode(content.template) else {
            throw RegistryError(.invalidValue, "the template cannot be written as JSON")
        }
        return String(decoding: data, as: UTF8.self)
    }

    /// Whether it has what a version's content is read from, which a list may omit.
    var isComplete: Bool { template?.isEmpty == false && tags?.tags.isEmpty == false }

    /// The version's number; nil where it is missing or not valid.
    var number: Int? { version.flatMap { PromptVersion.number(parsing: $0.text) } }

    /// The version's number; an error where it is missing or not valid.
    func number(of prompt: String) throws(RegistryError) -> Int {
        try PromptVersion.number(version?.text ?? "", of: prompt)
    }

    /// The version of a prompt that this describes.
    func promptVersion(of prompt: String) throws(RegistryError) -> PromptVersion {
        let number = try number(of: prompt)
        var tags = tags?.tags ?? [:]
        let (kind, text) = try Self.content(template ?? "", version: number, of: prompt)
        tags[ReservedTag.kind] = nil
        let content = PromptContent(
            kind: kind, template: text, modelConfig: tags.removeValue(forKey: ReservedTag.modelConfig),
            responseFormat: tags.removeValue(forKey: ReservedTag.responseFormat))
        return PromptVersion(
            number: number, content: content, description: description.nonEmpty,
            tags: tags, createdAt: creationTimestamp.flatMap(Self.milliseconds))
    }

    /// The milliseconds since 1970 of a time in UTC such as `2025-04-15T08:49:18.699Z`; nil for any other form.
    static func milliseconds(_ text: String) -> Int? {
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: text.contains("."))
        guard text.hasSuffix("Z"), let date = try? style.parse(text) else { return nil }
        return Int(exactly: (date.timeIntervalSince1970 * 1000).rounded())
    }

    /// The content of a template. As for MLflow, its JSON decides the kind, whatever the tag says.
    private static func content(
        _ template: String, version: Int, of prompt: String
    ) throws(RegistryError) -> (PromptContent.Kind, String) {
        let data = Data(template.utf8)
        if template.utf8.first(where: { $0 > 0x20 }) == UInt8(ascii: "[") { return (.chat, template) }
        guard let text = try? JSONDecoder().decode(String.self, from: data) else {
            throw RegistryError(
                .corrupt, "the template of version \(version) of '\(prompt)' is not JSON text",
                hint: "MLflow cannot load it either; delete that version")
        }
        return (.text, text)
    }
}

extension String? {
    /// The text; nil for an empty one.
    fileprivate var nonEmpty: String? { self?.isEmpty == false ? self : nil }
}
