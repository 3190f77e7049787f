/// The values that MLflow refuses in any registry (`mlflow.utils.validation` of MLflow 3.17.2); a check throws
/// `RegistryError` with `.invalidValue`.
package enum MLflowRules {
    /// Everything that makes up a version is kept in a tag.
    private static let longestValue = 100_000

    /// Checks a prompt that is to be created.
    package static func check(_ prompt: PromptDraft) throws(RegistryError) {
        try check(name: prompt.name)
        try check(tags: prompt.tags, reserved: [ReservedTag.isPrompt])
    }

    /// Checks a version that is to be registered.
    package static func check(_ version: VersionDraft) throws(RegistryError) {
        let content = version.content
        try check(length: content.template, of: "the prompt's text")
        try check(length: content.modelConfig ?? "", of: "the model's settings")
        try check(length: content.responseFormat ?? "", of: "the response format")
        try check(tags: version.tags, reserved: ReservedTag.content)
    }

    /// Checks a prompt's full name.
    package static func check(name: String) throws(RegistryError) {
        guard let problem = NameRules.problem(withName: name) else { return }
        throw RegistryError(.invalidValue, "'\(name)' cannot be used: \(problem)")
    }

    /// Checks an alias.
    package static func check(alias: String) throws(RegistryError) {
        guard let problem = NameRules.problem(withAlias: alias) else { return }
        throw RegistryError(.invalidValue, "the alias '\(alias)' cannot be used: \(problem)")
    }

    /// Checks tags that are to be set or, where they are nil, removed; the user cannot set the reserved ones.
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

    private static func check(length text: String, of what: String) throws(RegistryError) {
        // A text has no more characters than bytes, so that most need not be counted.
        guard text.utf8.count > longestValue, text.unicodeScalars.count > longestValue else { return }
        throw RegistryError(.invalidValue, "\(what) is longer than \(longestValue) characters")
    }
}
