import HTTP
package import Prompts
import Support

// Many prompts are read with few requests.
//
// A prompt that exists takes two, as no list has its tags, aliases and newest version. One that does not exist takes
// one, or none where a list of its schema shows that.
extension UnityCatalogRegistry {
    /// Up to how many prompts of a schema are cheaper to ask for than to list.
    static let fewNames = 16
    /// How many prompts or versions are read at a time.
    static let concurrency = 16

    package func observe(_ names: [String]) async throws(RegistryError) -> [String: ObservedPrompt] {
        var observed: [String: ObservedPrompt] = [:]
        var schemas: [QualifiedName.Schema: [String]] = [:]
        for name in names {
            try UnityCatalogName.check(name: name)
            if let schema = QualifiedName(name).schema { schemas[schema, default: []].append(name) }
        }
        for (schema, names) in schemas.sorted(by: { $0.key.description < $1.key.description }) {
            observed.merge(try await observe(names, in: schema)) { _, new in new }
        }
        return observed
    }

    private func observe(
        _ names: [String], in schema: QualifiedName.Schema
    ) async throws(RegistryError) -> [String: ObservedPrompt] {
        if names.count <= Self.fewNames {
            let found = try await get(names)
            // All prompts are missing where the schema is, which is better reported now than on the first write.
            if found.isEmpty { _ = try await page(of: schema) }
            return found
        }
        guard let listed = try await list(schema, budget: names.count / 4) else {
            return try await get(names)
        }
        // Unity Catalog ignores the case of names.
        let existing = names.filter { listed.contains($0.lowercased()) }
        let missing = names.filter { !listed.contains($0.lowercased()) }
        // A list may omit what the principal is not allowed to see, and cannot be trusted then.
        if let probe = missing.first, try await !get([probe]).isEmpty { return try await get(names) }
        return try await get(existing)
    }

    // MARK: - Lists

    /// The names of a schema's prompts in lower case; nil when the list has more pages than it is worth.
    private func list(
        _ schema: QualifiedName.Schema, budget: Int
    ) async throws(RegistryError) -> Set<String>? {
        var names: Set<String> = []
        var (pages, isComplete) = (0, false)
        try await readPages(failing: RegistryError.init) { token async throws(RegistryError) in
            let page = try await page(of: schema, token)
            let listed = (page.prompts ?? []).map { $0.name.lowercased() }
            names.formUnion(listed)
            pages += 1
            isComplete = page.nextPageToken?.isEmpty ?? true
            return PageLink(pages < budget ? page.nextPageToken : nil, after: listed)
        }
        return isComplete || pages < budget ? names : nil
    }

    private func page(
        of schema: QualifiedName.Schema, _ token: String? = nil
    ) async throws(RegistryError) -> UnityCatalogMessage.Page {
        try await refusals.explaining(.read, in: schema.description) { () async throws(HTTPError) in
            try await api.prompts(
                in: .init(catalogName: schema.catalog, schemaName: schema.name), page: token)
        }
    }

    // MARK: - Single prompts

    /// Asks for several prompts at a time.
    private func get(_ names: [String]) async throws(RegistryError) -> [String: ObservedPrompt] {
        let prompts = try await concurrentMap(names, limit: Self.concurrency) {
            name async throws(RegistryError) in
            do throws(RegistryError) {
                return try await self.get(name)
            } catch {
                throw error.about(name)
            }
        }
        return Dictionary(prompts.compactMap { $0.map { ($0.name, $0) } }) { _, last in last }
    }

    private func get(
        _ name: String, attemptsLeft: Int = 3
    ) async throws(RegistryError) -> ObservedPrompt? {
        // Of each page of versions, only the newest and the aliases are kept.
        var (newest, listed): (UnityCatalogMessage.Version?, UnityCatalogMessage.Version?)
        var aliases: [UnityCatalogMessage.Alias] = []
        var invalid: UnityCatalogMessage.Version?
        let found = try await refusals.explaining(.read, on: name) { () async throws(HTTPError) in
            guard let prompt = try await api.prompt(name) else { return nil as UnityCatalogMessage.Prompt? }
            try await api.readVersions(of: name) { page in
                newest = (page + [newest].compactMap(\.self)).max { $0.number ?? 0 < $1.number ?? 0 }
                invalid = invalid ?? page.first { $0.number == nil }
                for version in page {
                    aliases += (version.aliases ?? []).map {
                        .init(alias: $0.alias, version: version.version)
                    }
                }
            }
            listed = newest
            if let listed { newest = try await api.completed(listed, of: name) }
            return prompt
        }
        // What was the newest version is deleted by now.
        if listed != nil, newest == nil, attemptsLeft > 1 {
            return try await get(name, attemptsLeft: attemptsLeft - 1)
        }
        guard var prompt = found else { return nil }
        if let invalid { _ = try invalid.number(of: name) }
        prompt.name = name
        return try prompt.observed(newest: try (newest ?? listed)?.promptVersion(of: name), aliases: aliases)
    }
}
