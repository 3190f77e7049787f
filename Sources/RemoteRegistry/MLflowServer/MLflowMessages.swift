import Prompts

/// A registered model as the server tells of it: a prompt, where it carries the tag of one.
struct RegisteredModelMessage: Decodable, Sendable {
    var name: String
    var description: String?
    var tags: [TagMessage]?
    var aliases: [AliasMessage]?
    /// The newest version of each stage.
    var latestVersions: [ModelVersionMessage]?

    /// Whether it is a prompt.
    var isPrompt: Bool { TagMessage.markPrompt(tags) }

    /// The prompt that this is.
    ///
    /// - Returns: The prompt.
    /// - Throws: `RegistryError` with `.nameTaken` when it is none.
    func prompt() throws(RegistryError) -> ObservedPrompt {
        guard isPrompt else { throw Self.nameTaken(name) }
        var tags = TagMessage.dictionary(tags)
        tags[ReservedTag.isPrompt] = nil
        var prompt = ObservedPrompt(name: name, description: description.nonEmpty, tags: tags)
        for alias in aliases ?? [] { prompt.aliases[alias.alias] = alias.version.value }
        // An old stage may still have a version of its own, so that the newest may come after it.
        let newest = latestVersions?.max { $0.version.value < $1.version.value }
        prompt.newest = try newest?.promptVersion(of: name)
        return prompt
    }

    /// The error of a prompt's name that belongs to a model.
    static func nameTaken(_ name: String) -> RegistryError {
        RegistryError(
            .nameTaken, "'\(name)' is a registered model, and no prompt",
            hint: "change name_prefix or the schema, so that the prompt gets another name")
    }

    private enum CodingKeys: String, CodingKey {
        case name, description, tags, aliases
        case latestVersions = "latest_versions"
    }
}

/// A version of a registered model.
struct ModelVersionMessage: Decodable, Sendable {
    var version: IntegerMessage
    var description: String?
    var tags: [TagMessage]?
    var creationTimestamp: IntegerMessage?

    /// Whether it is a prompt's.
    var isPrompt: Bool { TagMessage.markPrompt(tags) }

    /// The version of a prompt that this is.
    ///
    /// - Parameter name: The prompt's name.
    /// - Returns: The version.
    /// - Throws: `RegistryError` with `.corrupt` when it has no template.
    func promptVersion(of name: String) throws(RegistryError) -> PromptVersion {
        var tags = TagMessage.dictionary(tags)
        guard let content = PromptContent(takenFrom: &tags) else {
            throw RegistryError(
                .corrupt, "version \(version.value) of '\(name)' has no tag '\(ReservedTag.text)'",
                hint: "delete that version, or register the prompt under another name")
        }
        return PromptVersion(
            number: version.value, content: content, description: description.nonEmpty, tags: tags,
            createdAt: creationTimestamp?.value)
    }

    private enum CodingKeys: String, CodingKey {
        case version, description, tags
        case creationTimestamp = "creation_timestamp"
    }
}

/// A tag.
struct TagMessage: Codable, Hashable, Sendable {
    var key: String
    var value: String?
}

/// An alias.
struct AliasMessage: Decodable, Sendable {
    var alias: String
    var version: IntegerMessage
}

/// A whole number, which travels as a number in some answers and as a string in others.
struct IntegerMessage: Decodable, Hashable, Sendable {
    var value: Int

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let number = try? container.decode(Int.self) {
            value = number
            return
        }
        let text = try container.decode(String.self)
        guard let number = Int(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "no whole number")
        }
        value = number
    }
}

/// The answers of the API; what is not used of them is not read.
enum MLflowAnswer {
    /// Of whatever makes, gets or changes a registered model.
    struct Model: Decodable, Sendable {
        var registeredModel: RegisteredModelMessage

        private enum CodingKeys: String, CodingKey {
            case registeredModel = "registered_model"
        }
    }

    /// Of a search for registered models; without any, the list is left out.
    struct Models: Decodable, Sendable {
        var registeredModels: [RegisteredModelMessage]?
        var nextPageToken: String?

        private enum CodingKeys: String, CodingKey {
            case registeredModels = "registered_models"
            case nextPageToken = "next_page_token"
        }
    }

    /// Of whatever makes or gets a version.
    struct Version: Decodable, Sendable {
        var modelVersion: ModelVersionMessage

        private enum CodingKeys: String, CodingKey {
            case modelVersion = "model_version"
        }
    }

    /// Of a search for versions; without any, the list is left out.
    struct Versions: Decodable, Sendable {
        var modelVersions: [ModelVersionMessage]?
        var nextPageToken: String?

        private enum CodingKeys: String, CodingKey {
            case modelVersions = "model_versions"
            case nextPageToken = "next_page_token"
        }
    }
}

extension TagMessage {
    /// Tags as messages, by key.
    static func list(_ tags: [String: String]) -> [TagMessage] {
        tags.sorted { $0.key < $1.key }.map { TagMessage(key: $0.key, value: $0.value) }
    }

    /// Messages as tags; the last of equal keys counts.
    static func dictionary(_ tags: [TagMessage]?) -> [String: String] {
        Dictionary((tags ?? []).map { ($0.key, $0.value ?? "") }) { _, last in last }
    }

    /// Whether these are the tags of a prompt, or of a prompt's version.
    fileprivate static func markPrompt(_ tags: [TagMessage]?) -> Bool {
        tags?.last { $0.key == ReservedTag.isPrompt }?.value?.lowercased() == "true"
    }
}

extension String? {
    /// The text; nil for an empty one, which the server does not tell from none.
    fileprivate var nonEmpty: String? { self?.isEmpty == false ? self : nil }
}
