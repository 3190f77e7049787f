import HTTP
import Prompts

/// A registered model as the server describes it: a prompt, where it has the tag of one.
struct RegisteredModelMessage: Decodable, Sendable {
    var name: String
    var description: String?
    var tags: TagList?
    var aliases: [AliasMessage]?
    /// The newest version of each stage.
    var latestVersions: [ModelVersionMessage]?

    /// Whether it is a prompt.
    var isPrompt: Bool { tags.marksPrompt }

    /// The prompt that this is; `.nameTaken` when it is another model.
    func prompt() throws(RegistryError) -> ObservedPrompt {
        guard isPrompt else { throw Self.nameTaken(name) }
        var prompt = ObservedPrompt(name: name, description: description.nonEmpty, tags: tags?.tags ?? [:])
        prompt.tags[ReservedTag.isPrompt] = nil
        for alias in aliases ?? [] {
            prompt.aliases[alias.alias] = try PromptVersion.number(alias.version.text, of: name)
        }
        // An old stage may still have a version of its own, so that the newest may come after it.
        var newest: (number: Int, version: ModelVersionMessage)?
        for version in latestVersions ?? [] {
            let number = try PromptVersion.number(version.version.text, of: name)
            if number > newest?.number ?? 0 { newest = (number, version) }
        }
        prompt.newest = try newest?.version.promptVersion(of: name)
        return prompt
    }

    /// The error of a prompt's name that belongs to a model.
    static func nameTaken(_ name: String) -> RegistryError {
        RegistryError(
            .nameTaken, "'\(name)' is a registered model, not a prompt",
            hint: "change name_prefix or the schema, so that the prompt gets another name")
    }
}

/// A version of a registered model.
struct ModelVersionMessage: Decodable, Sendable {
    /// The model's name.
    var name: String?
    var version: Numeral
    var description: String?
    var tags: TagList?
    var creationTimestamp: Numeral?
    var userId: String?

    /// Whether it is a prompt's.
    var isPrompt: Bool { tags.marksPrompt }

    /// The version of a prompt that this is; `.corrupt` when it has no template.
    func promptVersion(of prompt: String) throws(RegistryError) -> PromptVersion {
        guard name.map({ $0.lowercased() == prompt.lowercased() }) ?? true else {
            throw .mixedUp("a version of '\(name ?? "")'", insteadOf: "one of '\(prompt)'")
        }
        let number = try PromptVersion.number(version.text, of: prompt)
        var tags = tags?.tags ?? [:]
        guard let content = PromptContent(takenFrom: &tags) else {
            var error = RegistryError(
                .corrupt, "version \(number) of '\(prompt)' has no tag '\(ReservedTag.text)'",
                hint: "delete that version, or register the prompt under another name")
            // So the server shows a version for a moment while it is being deleted.
            error.mayPass = true
            throw error
        }
        return PromptVersion(
            number: number, content: content, description: description.nonEmpty, tags: tags,
            createdAt: creationTimestamp.flatMap { Int($0.text) }, createdBy: userId.nonEmpty)
    }
}

/// An alias.
struct AliasMessage: Decodable, Sendable {
    var alias: String
    var version: Numeral
}

/// The answers of the API; what is not used of them is not read.
enum MLflowAnswer {
    /// To whatever creates, gets or changes a registered model.
    struct Model: Decodable, Sendable, AnswerAbout {
        var registeredModel: RegisteredModelMessage

        var subject: String? { registeredModel.name }
    }

    /// To whatever creates or gets a version.
    struct Version: Decodable, Sendable, AnswerAbout {
        var modelVersion: ModelVersionMessage

        var subject: String? { modelVersion.name }
    }

    /// To a search; a list without entries is omitted.
    struct Page: Decodable, Sendable {
        var registeredModels: [RegisteredModelMessage]?
        var modelVersions: [ModelVersionMessage]?
        var nextPageToken: String?
    }
}

extension TagList? {
    /// Whether these are the tags of a prompt, or of a prompt's version.
    fileprivate var marksPrompt: Bool { self?.tags[ReservedTag.isPrompt]?.lowercased() == "true" }
}

extension String? {
    /// The text; nil for an empty one, which the server does not tell from none.
    fileprivate var nonEmpty: String? { self?.isEmpty == false ? self : nil }
}
