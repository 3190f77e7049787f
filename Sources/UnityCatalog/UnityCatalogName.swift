import Prompts

/// Refuses what Unity Catalog would refuse.
enum UnityCatalogName {
    /// The catalog and the schema of a prompt's full name, as `catalog.schema`.
    static func schema(of name: String) -> String { QualifiedName(name).schema?.description ?? "" }

    static func check(name: String) throws(RegistryError) {
        guard let problem = NameRules.unityCatalogProblem(withName: name) else { return }
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
            if let problem = NameRules.unityCatalogProblem(withTagKey: key) {
                throw RegistryError(
                    .invalidValue, "the tag '\(key)' cannot be used: \(problem)",
                    hint: "write '\(key.map { ".,-=/:".contains($0) ? "_" : "\($0)" }.joined())', for example"
                )
            }
        }
    }
}
