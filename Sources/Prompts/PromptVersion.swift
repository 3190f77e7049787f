/// What a version says: its template and the settings that belong to it. Two versions whose contents are equal
/// are the same to an agent that loads them.
package struct PromptContent: Hashable, Sendable, Codable {
    /// What kind of template a version holds.
    package enum Kind: String, Sendable, Codable {
        /// One text.
        case text
        /// A list of messages.
        case chat
    }

    /// What kind of template this is.
    package var kind: Kind
    /// The text, or a chat prompt's messages as a JSON list of `{"role": …, "content": …}`.
    package var template: String
    /// The model's settings as a JSON object; nil when there are none.
    package var modelConfig: String?
    /// The shape of the answer as a JSON object; nil when none is asked for.
    package var responseFormat: String?

    /// A content.
    package init(
        kind: Kind, template: String, modelConfig: String? = nil, responseFormat: String? = nil
    ) {
        self.kind = kind
        self.template = template
        self.modelConfig = modelConfig
        self.responseFormat = responseFormat
    }
}

/// One version of a prompt, as a registry holds it. Its content never changes; its description and tags may.
package struct PromptVersion: Hashable, Sendable, Codable {
    /// The number that the registry gave it, from 1.
    package var number: Int
    /// What it says.
    package var content: PromptContent
    /// Its commit message.
    package var description: String?
    /// Its tags, without those that carry the content.
    package var tags: [String: String]
    /// When it was made, in milliseconds since 1970; nil when the registry does not say.
    package var createdAt: Int?

    /// A version.
    package init(
        number: Int, content: PromptContent, description: String? = nil, tags: [String: String] = [:],
        createdAt: Int? = nil
    ) {
        self.number = number
        self.content = content
        self.description = description
        self.tags = tags
        self.createdAt = createdAt
    }

    /// The version number that a text is.
    ///
    /// - Parameter text: ASCII digits, as a registry, a file or a user writes them.
    /// - Returns: The number; nil where it is none from 1 to 2147483647, the largest that MLflow's databases hold.
    package static func number(parsing text: some StringProtocol) -> Int? {
        guard text.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }),
            let number = Int32(text), number > 0
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
            hint: "version numbers go from 1 to \(Int32.max)")
        error.outcomeIsUnknown = isNew
        throw error
    }
}

/// What a registry holds of one prompt at one moment.
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

    /// An observation.
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
    /// The experiments that show the prompt.
    package var experiments: [String] {
        (tags[ReservedTag.experimentIDs] ?? "").split(separator: ",").map(String.init)
    }

    /// The aliases that point to a version, sorted.
    package func aliases(at version: Int) -> [String] {
        aliases.filter { $0.value == version }.keys.sorted()
    }
}
