import HTTP
package import Prompts
import Support

extension UnityCatalogRegistry {
    // MARK: - Prompts

    package func names(matching query: PromptQuery) async throws(RegistryError) -> [String] {
        guard let catalog = query.catalog, let schema = query.schema, !catalog.isEmpty, !schema.isEmpty else {
            throw RegistryError(
                .invalidValue, "Unity Catalog lists the prompts of one schema at a time",
                hint: "name it with --catalog and --schema")
        }
        let listed = try await refusals.explaining(.read, in: "\(catalog).\(schema)") {
            () async throws(HTTPError) in
            try await prompts(in: .init(catalogName: catalog, schemaName: schema))
        }
        guard let tag = query.tag else { return Set(listed.map(\.name)).sorted() }
        let tagged = try await concurrentMap(listed, limit: Self.concurrency) {
            prompt async throws(RegistryError) in
            try await self.tags(of: prompt)[tag.key] == tag.value ? prompt.name : nil
        }
        return Set(tagged.compactMap(\.self)).sorted()
    }

    private func prompts(
        in schema: UnityCatalogMessage.Schema
    ) async throws(HTTPError) -> [UnityCatalogMessage.Prompt] {
        var prompts: [UnityCatalogMessage.Prompt] = []
        try await readPages { token async throws(HTTPError) in
            let page = try await api.prompts(in: schema, page: token)
            // Other clients may have created prompts whose names no address can have.
            prompts += (page.prompts ?? []).filter { NameRules.unityCatalogProblem(withName: $0.name) == nil }
            return page.nextPageToken
        }
        return prompts
    }

    /// A prompt's tags, which a list may omit.
    private func tags(of prompt: UnityCatalogMessage.Prompt) async throws(RegistryError) -> [String: String] {
        if let tags = prompt.tags, !tags.tags.isEmpty { return tags.tags }
        return try await refusals.explaining(.read, on: prompt.name) { () async throws(HTTPError) in
            try await api.prompt(prompt.name)?.tags?.tags ?? [:]
        }
    }

    // MARK: - Versions

    package func versions(of name: String) async throws(RegistryError) -> [PromptVersion] {
        try UnityCatalogName.check(name: name)
        let listed = try await refusals.explaining(.read, on: name) { () async throws(HTTPError) in
            try await api.versions(of: name)
        }
        if listed.isEmpty { try await requirePrompt(name) }
        let versions = try await concurrentMap(listed, limit: Self.concurrency) {
            version async throws(RegistryError) in
            let complete = try await self.refusals.explaining(.read, on: name) { () async throws(HTTPError) in
                try await self.api.completed(version, of: name)
            }
            return try complete?.promptVersion(of: name)
        }
        return Dictionary(versions.compactMap(\.self).map { ($0.number, $0) }) { _, last in last }
            .values.sorted { $0.number > $1.number }
    }

    package func version(_ number: Int, of name: String) async throws(RegistryError) -> PromptVersion {
        try UnityCatalogName.check(name: name)
        let version = try await refusals.explaining(.read, on: name) { () async throws(HTTPError) in
            try await api.version(number, of: name)
        }
        if let version { return try version.promptVersion(of: name) }
        // It may be the version alone that is missing, or all of the prompt.
        try await requirePrompt(name)
        throw RegistryError(.notFound, "'\(name)' has no version \(number)")
    }

    private func requirePrompt(_ name: String) async throws(RegistryError) {
        let prompt = try await refusals.explaining(.read, on: name) { () async throws(HTTPError) in
            try await api.prompt(name)
        }
        if prompt == nil { throw RegistryError(.notFound, "there is no prompt '\(name)'") }
    }
}
