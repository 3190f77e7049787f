/// What MLflow refuses, whatever a registry holds already (`mlflow.utils.validation` of MLflow 3.17.2).
package enum MLflowRules {
    private static let longestValue = 100_000

    /// Checks a prompt that is to be made.
    ///
    /// - Parameter prompt: The prompt.
    /// - Throws: `RegistryError` with `.invalidValue`.
    package static func check(_ prompt: PromptDraft) throws(RegistryError) {
        try check(name: prompt.name)
        try check(tags: prompt.tags, reserved: [ReservedTag.isPrompt])
    }

    /// Checks a version that is to be made.
    ///
    /// - Parameter version: The version.
    /// - Throws: `RegistryError` with `.invalidValue`.
    package static func check(_ version: VersionDraft) throws(RegistryError) {
        let content = version.content
        try check(length: content.template, of: "the prompt's text")
        try check(length: content.modelConfig ?? "", of: "the model's settings")
        try check(length: content.responseFormat ?? "", of: "the response format")
        try check(tags: version.tags, reserved: ReservedTag.content)
    }

    /// Checks a prompt's name.
    ///
    /// - Parameter name: The full name.
    /// - Throws: `RegistryError` with `.invalidValue`.
    package static func check(name: String) throws(RegistryError) {
        guard let problem = NameRules.problem(withName: name) else { return }
        throw RegistryError(.invalidValue, "'\(name)' cannot be used: \(problem)")
    }

    /// Checks an alias.
    ///
    /// - Parameter alias: The alias.
    /// - Throws: `RegistryError` with `.invalidValue`.
    package static func check(alias: String) throws(RegistryError) {
        guard let problem = NameRules.problem(withAlias: alias) else { return }
        throw RegistryError(.invalidValue, "the alias '\(alias)' cannot be used: \(problem)")
    }

    /// Checks tags that are to be set, or taken away where they have no value.
    ///
    /// - Parameters:
    ///   - tags: The tags.
    ///   - reserved: Keys that are not the user's to write.
    /// - Throws: `RegistryError` with `.invalidValue`.
    package static func check(tags: [String: String?], reserved: Set<String>) throws(RegistryError) {
        for (key, value) in tags.sorted(by: { $0.key < $1.key }) {
            if reserved.contains(key) {
                throw RegistryError(
                    .invalidValue, "the tag '\(key)' is MLflow's own and cannot be set as a tag")
            }
            if let problem = NameRules.problem(withTagKey: key) {
                throw RegistryError(.invalidValue, "the tag '\(key)' cannot be used: \(problem)")
            }
            try check(length: value ?? "", of: "the value of the tag '\(key)'")
        }
    }

    /// Everything that makes a version is kept in a tag.
    private static func check(length text: String, of what: String) throws(RegistryError) {
        // A text has no more characters than bytes: most need not be counted.
        guard text.utf8.count > longestValue, text.unicodeScalars.count > longestValue else { return }
        throw RegistryError(.invalidValue, "\(what) is longer than \(longestValue) characters")
    }
}
