/// The content of a version: the template and the settings that belong to it.
package struct PromptContent: Hashable, Sendable, Codable {
    /// The kinds of templates.
    package enum Kind: String, Sendable, Codable, CaseIterable {
        /// One text.
        case text
        /// A list of messages.
        case chat
    }

    /// The kind of the template.
    package var kind: Kind
    /// The text, or a chat prompt's messages as a JSON list of `{"role": …, "content": …}`.
    package var template: String
    /// The model's settings as a JSON object; nil when there are none.
    package var modelConfig: String?
    /// The response format as a JSON object; nil when there is none.
    package var responseFormat: String?

    /// Content.
    package init(
        kind: Kind, template: String, modelConfig: String? = nil, responseFormat: String? = nil
    ) {
        self.kind = kind
        self.template = template
        self.modelConfig = modelConfig
        self.responseFormat = responseFormat
    }
}

/// A version of a prompt in a registry. Its content never changes; its description and tags may.
package struct PromptVersion: Hashable, Sendable, Codable {
    /// The number that the registry gave it, from 1.
    package var number: Int
    /// The content.
    package var content: PromptContent
    /// Its commit message.
    package var description: String?
    /// Its tags, without those that carry the content.
    package var tags: [String: String]
    /// The creation time, in milliseconds since 1970; nil where it is unknown.
    package var createdAt: Int?
    /// Who made it, where the registry says so.
    package var createdBy: String?

    /// A version.
    package init(
        number: Int, content: PromptContent, description: String? = nil, tags: [String: String] = [:],
        createdAt: Int? = nil, createdBy: String? = nil
    ) {
        self.number = number
        self.content = content
        self.description = description
        self.tags = tags
        self.createdAt = createdAt
        self.createdBy = createdBy ?? tags["mlflow.user"]
    }

    /// The largest version number: MLflow's column for it has 32 bits.
    package static let largestNumber = Int(Int32.max)

    /// Reads a version number, ASCII digits without a sign; nil unless it is from 1 to `largestNumber`.
    package static func number(parsing text: some StringProtocol) -> Int? {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int32(text), number > 0
        else { return nil }
        return Int(number)
    }

    /// The version number that a registry gives a version or an alias.
    ///
    /// - Parameters:
    ///   - text: The number as the registry writes it.
    ///   - prompt: The prompt's name.
    ///   - isNew: Whether the version has just been created.
    /// - Returns: The number.
    /// - Throws: `RegistryError` with `.corrupt` where it is not a version number.
    package static func number(
        _ text: String, of prompt: String, isNew: Bool = false
    ) throws(RegistryError) -> Int {
        if let number = number(parsing: text) { return number }
        var error = RegistryError(
            .corrupt, "the registry gives '\(prompt)' the version number '\(text.prefix(40))'",
            hint: "version numbers go from 1 to \(largestNumber)")
        error.outcomeIsUnknown = isNew
        throw error
    }

    /// This version, as the answer to a request for one of its number.
    ///
    /// - Parameters:
    ///   - number: The number that was asked for.
    ///   - prompt: The prompt's name.
    /// - Returns: The version.
    /// - Throws: `RegistryError` where it has another number.
    package func checked(isNumber number: Int, of prompt: String) throws(RegistryError) -> PromptVersion {
        if self.number == number { return self }
        throw .mixedUp("version \(self.number) of '\(prompt)'", insteadOf: "version \(number)")
    }
}

/// A prompt in a registry at one moment.
package struct ObservedPrompt: Hashable, Sendable, Codable {
    /// The full name.
    package var name: String
    /// The prompt's own description.
    package var description: String?
    /// The prompt's own tags, without the one that marks it as a prompt.
    package var tags: [String: String]
    /// The version that each alias points to.
    package var aliases: [String: Int]
    /// The version with the highest number; nil for a prompt without versions.
    package var newest: PromptVersion?

    /// A prompt.
    package init(
        name: String, description: String? = nil, tags: [String: String] = [:], aliases: [String: Int] = [:],
        newest: PromptVersion? = nil
    ) {
        self.name = name
        self.description = description
        self.tags = tags
        self.aliases = aliases
        self.newest = newest
    }
}

extension ObservedPrompt {
    /// The job that the prompt belongs to; nil where none registered it.
    package var owner: String? { tags[ProvenanceTag.job] ?? newest?.tags[ProvenanceTag.job] }

    /// The experiments that show the prompt.
    package var experiments: [String] {
        ExperimentTag.experiments(in: tags[ReservedTag.experimentIDs])
    }

    /// The aliases that point to a version, sorted.
    package func aliases(at version: Int) -> [String] {
        aliases.filter { $0.value == version }.keys.sorted()
    }
}
