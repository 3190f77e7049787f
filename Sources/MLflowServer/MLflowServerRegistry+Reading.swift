import HTTP
package import Prompts

extension MLflowServerRegistry {
    /// How many versions a page has. Each includes its text; a page of the longest texts still fits an answer.
    private static let pageSize = 100

    // MARK: - Prompts

    package func names(matching query: PromptQuery) async throws(RegistryError) -> [String] {
        var names: Set<String> = []
        try await readModels(matching: query) { models in names.formUnion(models.map(\.name)) }
        return names.sorted()
    }

    package func observe(
        matching query: PromptQuery, _ take: ([ObservedPrompt]) -> Void
    ) async throws(RegistryError) -> Bool {
        try await readModels(matching: query) { models throws(RegistryError) in
            var prompts: [ObservedPrompt] = []
            for model in models {
                do throws(RegistryError) {
                    prompts.append(try model.prompt())
                } catch {
                    throw error.about(model.name)
                }
            }
            remember(prompts.map(\.name))
            take(prompts)
        }
        return true
    }

    /// Reads the prompts that match, page by page.
    private func readModels(
        matching query: PromptQuery, _ take: ([RegisteredModelMessage]) throws(RegistryError) -> Void
    ) async throws(RegistryError) {
        guard let filter = Self.filter(query) else { return }
        var size = PageSize()
        try await readPages(failing: RegistryError.init) { token async throws(RegistryError) in
            let page = try await page(filter, &size, token)
            let models = page.registeredModels ?? []
            size.fit(models)
            try take(models.filter { Self.matches($0, query) })
            return PageLink(page.nextPageToken, after: models.map(\.name))
        }
    }

    /// Reads a page of a search, again with fewer prompts where the answer is too large.
    private func page(
        _ filter: String, _ size: inout PageSize, _ token: String?
    ) async throws(RegistryError) -> MLflowAnswer.Page {
        do throws(HTTPError) {
            return try await api.models(filter, limit: size.count, page: token)
        } catch {
            guard error.code == .failed, error.status == nil, size.reset() else { throw RegistryError(error) }
        }
        return try await withRegistryErrors { () async throws(HTTPError) in
            try await api.models(filter, limit: PageSize.smallest, page: token)
        }
    }

    /// A filter for the server that finds all that matches, and maybe more; nil when nothing can match.
    static func filter(_ query: PromptQuery) -> String? {
        var clauses = ["tag.`\(ReservedTag.isPrompt)` = 'true'"]
        if query.catalog != nil || query.schema != nil {
            for level in [query.catalog, query.schema].compactMap(\.self) {
                guard NameRules.problem(withName: level) == nil, !level.contains(".") else { return nil }
            }
            clauses.append("name LIKE '\(query.catalog ?? "%").\(query.schema ?? "%").%'")
        }
        if let tag = query.tag, canBeQuoted(tag.key), canBeQuoted(tag.value) {
            clauses.append("tag.`\(tag.key)` = '\(tag.value)'")
        }
        return clauses.joined(separator: " AND ")
    }

    /// Whether a text can be quoted in a filter. MLflow's filters have no escapes, and are part of an address, which
    /// must stay short.
    private static func canBeQuoted(_ text: String) -> Bool {
        let special = "'\"`\\".utf8
        return 1...250 ~= text.utf8.count
            && text.utf8.allSatisfy { 0x20...0x7E ~= $0 && !special.contains($0) }
    }

    /// Whether a model that was found matches: in the search, `_` stood for any character.
    private static func matches(_ model: RegisteredModelMessage, _ query: PromptQuery) -> Bool {
        // Other clients may have created prompts whose names no address can have.
        guard model.isPrompt, NameRules.problem(withName: model.name) == nil, query.matches(name: model.name)
        else { return false }
        guard let tag = query.tag else { return true }
        return model.tags?.tags[tag.key] == tag.value
    }

    // MARK: - Versions

    /// Reads again what something else was just writing.
    func readAgainIfTorn<Value>(
        _ read: () async throws(RegistryError) -> Value
    ) async throws(RegistryError) -> Value {
        for attempt in 0..<3 {
            do {
                return try await read()
            } catch {
                guard error.mayPass else { throw error }
                try? await Task.sleep(for: .milliseconds(50 << attempt))
            }
        }
        return try await read()
    }

    package func versions(of name: String) async throws(RegistryError) -> [PromptVersion] {
        try MLflowRules.check(name: name)
        let versions = try await readAgainIfTorn { () async throws(RegistryError) in
            try await listedVersions(of: name)
        }
        // The search finds as little of a prompt without versions as of one that does not exist.
        guard versions.isEmpty, try await checkedPrompt(name).latestVersions?.isEmpty == false else {
            return versions
        }
        // One may have been registered meanwhile.
        let again = try await listedVersions(of: name)
        guard again.isEmpty else { return again }
        throw RegistryError(
            .failed, "the MLflow server lists no version of '\(name)', though it says that there is one",
            hint: "check what is between this machine and the server, such as a cache")
    }

    private func listedVersions(of name: String) async throws(RegistryError) -> [PromptVersion] {
        let filter = "name = '\(name)' AND tag.`\(ReservedTag.isPrompt)` = 'true'"
        var versions: [Int: PromptVersion] = [:]
        try await readPages(failing: RegistryError.init) { token async throws(RegistryError) in
            let page = try await withRegistryErrors { () async throws(HTTPError) in
                try await api.versions(filter, limit: Self.pageSize, page: token)
            }
            let read = try (page.modelVersions ?? []).map { message throws(RegistryError) in
                try message.promptVersion(of: name)
            }
            for version in read { versions[version.number] = version }
            return PageLink(page.nextPageToken, after: read.map(\.number))
        }
        return versions.values.sorted { $0.number > $1.number }
    }

    package func version(_ number: Int, of name: String) async throws(RegistryError) -> PromptVersion {
        try MLflowRules.check(name: name)
        let found = try await withRegistryErrors { () async throws(HTTPError) in
            try await api.version(number, of: name)
        }
        if let found, found.isPrompt {
            return try found.promptVersion(of: name).checked(isNumber: number, of: name)
        }
        // It may be the version alone that is missing, or all of the prompt.
        try await checkedPrompt(name)
        throw RegistryError(.notFound, "'\(name)' has no version \(number)")
    }

    /// Asks the server whether a name is a prompt's.
    ///
    /// - Parameter name: The name.
    /// - Returns: What the server has of it.
    /// - Throws: `RegistryError`, also where it is another model's.
    @discardableResult
    func checkedPrompt(_ name: String) async throws(RegistryError) -> RegisteredModelMessage {
        let model = try await withRegistryErrors { () async throws(HTTPError) in try await api.model(name) }
        guard let model else { throw RegistryError.notFound(prompt: name) }
        guard model.isPrompt else { throw RegisteredModelMessage.nameTaken(name) }
        return model
    }
}
