import Prompts

/// Unity Catalog's own rules for names, besides MLflow's.
enum UnityCatalogName {
    /// Why `name` cannot name a prompt in Unity Catalog; nil when it can.
    static func problem(with name: String) -> String? {
        if let problem = PromptName.problem(with: name) { return problem }
        let levels = name.split(separator: ".", omittingEmptySubsequences: false)
        guard levels.count == 3, levels.allSatisfy({ !$0.isEmpty }) else {
            return "Unity Catalog requires three levels, catalog.schema.name"
        }
        return nil
    }

    /// Why `key` cannot be a tag's key in Unity Catalog; nil when it can.
    static func problem(withTagKey key: String) -> String? {
        if key.isEmpty { return "a tag's key cannot be empty" }
        guard let character = key.first(where: { ".,-=/:".contains($0) }) else { return nil }
        return "Unity Catalog allows no '\(character)' in a tag's key"
    }

    /// The catalog and the schema of a prompt's full name.
    static func schema(of name: String) -> String {
        name.split(separator: ".", omittingEmptySubsequences: false).prefix(2).joined(separator: ".")
    }

    // MARK: - Checks

    static func check(name: String) throws(RegistryError) {
        guard let problem = problem(with: name) else { return }
        throw RegistryError(
            .invalidValue, "'\(name)' cannot be used: \(problem)",
            hint: "the catalog, the schema and the prompt's own name must not contain dots")
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
