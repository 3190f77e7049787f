import Prompts

/// The rules that Unity Catalog adds to MLflow's for names.
package enum UnityCatalogName {
    /// Why `name` cannot name a prompt in Unity Catalog; nil when it can.
    package static func problem(with name: String) -> String? {
        NameRules.unityCatalogProblem(withName: name)
    }

    /// Why `key` cannot be a tag's key in Unity Catalog; nil when it can.
    package static func problem(withTagKey key: String) -> String? {
        NameRules.unityCatalogProblem(withTagKey: key)
    }

    /// The catalog and the schema of a prompt's full name.
    static func schema(of name: String) -> String {
        QualifiedName(name).schema?.description ?? ""
    }

    // MARK: - Checks

    /// Checks a prompt that is to be made.
    static func check(_ prompt: PromptDraft) throws(RegistryError) {
        try check(name: prompt.name)
        try check(tags: prompt.tags, reserved: [ReservedTag.isPrompt])
    }

    /// Checks a version that is to be made.
    static func check(_ version: VersionDraft) throws(RegistryError) {
        try check(tags: version.tags, reserved: ReservedTag.content)
    }

    static func check(name: String) throws(RegistryError) {
        guard let problem = problem(with: name) else { return }
        throw RegistryError(
            .invalidValue, "'\(name)' cannot be used: \(problem)",
            hint: "the catalog, the schema and the prompt's own name have no dots in them")
    }

    static func check(tags: [String: String?], reserved: Set<String>) throws(RegistryError) {
        for key in tags.keys.sorted() {
            if reserved.contains(key) {
                throw RegistryError(
                    .invalidValue, "the tag '\(key)' is MLflow's own and cannot be set as a tag")
            }
            if let problem = problem(withTagKey: key) {
                throw RegistryError(
                    .invalidValue, "the tag '\(key)' cannot be used: \(problem)",
                    hint: "write '\(key.map { ".,-=/:".contains($0) ? "_" : "\($0)" }.joined())', for example"
                )
            }
        }
    }
}
