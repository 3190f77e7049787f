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
        let location = UnityCatalogMessage.Schema(catalogName: catalog, schemaName: schema)
        let found = try await refusals.explaining(.read, in: "\(catalog).\(schema)") {
            () async throws(HTTPError) in
            try await candidates(query, in: location)
        }
        guard let tag = query.tag else { return found.matching.sorted() }
        let tagged = try await concurrentMap(Array(found.unsure), limit: Self.concurrency) {
            name async throws(RegistryError) in
            try await self.tags(of: name)[tag.key] == tag.value ? name : nil
        }
        return found.matching.union(tagged.compactMap(\.self)).sorted()
    }

    /// What lists tell of the prompts that a query may match, by their full names.
    private struct Candidates {
        var matching: Set<String> = []
        /// The lists do not tell whether these match.
        var unsure: Set<String> = []
        /// Whether the lists had any of the prompts that the caller knows.
        var hadKnown = false

        var isEmpty: Bool { matching.isEmpty && unsure.isEmpty && !hadKnown }
    }

    /// The prompts that a query may match, without those that the caller knows.
    ///
    /// Lists are without tags, and whoever wants to know them has to get each prompt. The service can search by tag,
    /// as MLflow's own client lets it do for experiments. A search that is refused, or that finds none of the known
    /// prompts though the schema has some, is not relied on.
    private func candidates(
        _ query: PromptQuery, in schema: UnityCatalogMessage.Schema
    ) async throws(HTTPError) -> Candidates {
        guard let tag = query.tag, Self.canBeQuoted(tag.key), Self.canBeQuoted(tag.value) else {
            return try await candidates(query, in: schema, filter: nil)
        }
        let filtered: Candidates
        do throws(HTTPError) {
            filtered = try await candidates(query, in: schema, filter: "tags.`\(tag.key)` = '\(tag.value)'")
        } catch  where error.status == 400 {
            return try await candidates(query, in: schema, filter: nil)
        }
        if !filtered.isEmpty { return filtered }
        let all = try await candidates(query, in: schema, filter: nil)
        return all.hadKnown || query.known.isEmpty ? all : filtered
    }

    private func candidates(
        _ query: PromptQuery, in schema: UnityCatalogMessage.Schema, filter: String?
    ) async throws(HTTPError) -> Candidates {
        var candidates = Candidates()
        try await readPages { token async throws(HTTPError) in
            let page = try await api.prompts(in: schema, filter: filter, page: token)
            // Other clients may have created prompts whose names no address can have.
            for prompt in page.prompts ?? [] where NameRules.unityCatalogProblem(withName: prompt.name) == nil
            {
                if query.known.contains(prompt.name.lowercased()) {
                    candidates.hadKnown = true
                    continue
                }
                switch Self.has(query.tag, prompt) {
                case true?: candidates.matching.insert(prompt.name)
                case false?: continue
                case nil: candidates.unsure.insert(prompt.name)
                }
            }
            return PageLink(page.nextPageToken, after: (page.prompts ?? []).map(\.name))
        }
        return candidates
    }

    /// Whether a listed prompt has a tag; nil where the list is without tags.
    private static func has(_ tag: PromptQuery.Tag?, _ prompt: UnityCatalogMessage.Prompt) -> Bool? {
        guard let tag else { return true }
        guard let tags = prompt.tags?.tags, !tags.isEmpty else { return nil }
        return tags[tag.key] == tag.value
    }

    /// Whether a text can be quoted in a filter, which has no escapes.
    private static func canBeQuoted(_ text: String) -> Bool {
        !text.isEmpty && !text.utf8.contains { $0 < 0x20 || "'\"`\\%".utf8.contains($0) }
    }

    private func tags(of name: String) async throws(RegistryError) -> [String: String] {
        try await refusals.explaining(.read, on: name) { () async throws(HTTPError) in
            try await api.prompt(name)?.tags?.tags ?? [:]
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
            guard let number = version.number else { return try complete?.promptVersion(of: name) }
            return try complete?.promptVersion(of: name).checked(isNumber: number, of: name)
        }
        return Dictionary(versions.compactMap(\.self).map { ($0.number, $0) }) { _, last in last }
            .values.sorted { $0.number > $1.number }
    }

    package func version(_ number: Int, of name: String) async throws(RegistryError) -> PromptVersion {
        try UnityCatalogName.check(name: name)
        let version = try await refusals.explaining(.read, on: name) { () async throws(HTTPError) in
            try await api.version(number, of: name)
        }
        if let version { return try version.promptVersion(of: name).checked(isNumber: number, of: name) }
        // It may be the version alone that is missing, or all of the prompt.
        try await requirePrompt(name)
        throw RegistryError(.notFound, "'\(name)' has no version \(number)")
    }

    private func requirePrompt(_ name: String) async throws(RegistryError) {
        let prompt = try await refusals.explaining(.read, on: name) { () async throws(HTTPError) in
            try await api.prompt(name)
        }
        if prompt == nil { throw RegistryError.notFound(prompt: name) }
    }
}
