import Support

/// The version that a prompt URI refers to.
package struct ResolvedVersion: Hashable, Sendable {
    /// The prompt's full name.
    package var name: String
    /// The version.
    package var version: PromptVersion
    /// The prompt; nil where only the version was read.
    package var prompt: ObservedPrompt?

    /// The URI that always refers to this version, such as `prompts:/main.agent.prompt_cost/3`.
    package var uri: PromptURI { PromptURI(name: name, reference: .version(version.number)) }

    /// A version of a prompt.
    package init(name: String, version: PromptVersion, prompt: ObservedPrompt? = nil) {
        self.name = name
        self.version = version
        self.prompt = prompt
    }
}

extension PromptRegistry {
    /// Reads the version that a URI refers to. As in MLflow's `load_prompt`, a name alone is its newest version.
    ///
    /// - Parameter uri: The URI.
    /// - Returns: The version.
    /// - Throws: `RegistryError`; with `.notFound`, and a hint to what exists, where there is no such version.
    package func resolve(_ uri: PromptURI) async throws(RegistryError) -> ResolvedVersion {
        if case .version(let number) = uri.reference {
            return ResolvedVersion(name: uri.name, version: try await existing(number, of: uri.name))
        }
        let prompt = try await observe(existing: uri.name)
        guard case .alias(let alias) = uri.reference else {
            guard let newest = prompt.newest else {
                throw RegistryError(.notFound, "the prompt '\(uri.name)' has no version yet")
            }
            return ResolvedVersion(name: uri.name, version: newest, prompt: prompt)
        }
        guard let number = prompt.aliases[alias] else { throw prompt.notFound(alias: alias) }
        if let newest = prompt.newest, newest.number == number {
            return ResolvedVersion(name: uri.name, version: newest, prompt: prompt)
        }
        let version = try await version(number, of: uri.name)
        return ResolvedVersion(name: uri.name, version: version, prompt: prompt)
    }

    /// Reads a prompt that has to exist.
    ///
    /// - Parameter name: The prompt's full name.
    /// - Returns: The prompt.
    /// - Throws: `RegistryError`; with `.notFound`, and a hint to the closest name, where it does not exist.
    package func observe(existing name: String) async throws(RegistryError) -> ObservedPrompt {
        guard let prompt = try await observe([name])[name] else { throw await notFound(prompt: name) }
        return prompt
    }

    /// The error for a prompt that does not exist.
    ///
    /// - Parameter name: The full name that was asked for.
    /// - Returns: The error, with a hint to the closest name where the registry can list names.
    package func notFound(prompt name: String) async -> RegistryError {
        RegistryError(
            .notFound, "there is no prompt '\(name)' in \(location)",
            hint: await nearestExistingName(to: name).map { "did you mean '\($0)'?" }
                ?? "promptreg list --registry \(address.shellWord) shows the existing prompts"
        ).about(name)
    }

    /// Reads a version. Registries word the error for a missing one differently, so that it is replaced.
    private func existing(_ number: Int, of name: String) async throws(RegistryError) -> PromptVersion {
        do {
            return try await version(number, of: name)
        } catch let error where error.code == .notFound {
            let prompt = try await observe(existing: name)
            throw .notFound(version: number, of: name, newest: prompt.newest?.number)
        }
    }

    /// The closest existing name, for a "did you mean" hint; nil where there is none, or names cannot be listed.
    private func nearestExistingName(to name: String) async -> String? {
        let wanted = QualifiedName(name)
        let query = PromptQuery(catalog: wanted.schema?.catalog, schema: wanted.schema?.name)
        // The error to report is that the prompt is missing, whatever keeps the names from being listed.
        guard var names = try? await names(matching: query) else { return nil }
        // In a folder, it costs nothing to look into other schemas, too.
        if names.isEmpty, address.hasPrefix("file:"), let all = try? await self.names(matching: PromptQuery())
        {
            names = all
        }
        return wanted.nearest(in: names)
    }
}

extension QualifiedName {
    /// The full name nearest to one that does not exist; nil where none is near.
    ///
    /// - Parameter names: The full names that exist.
    /// - Returns: A name that is written nearly so, also in a catalog and a schema that are, or else the one of which the
    ///   user may have given the name within a job, which lacks the prefix.
    package func nearest(in names: [String]) -> String? {
        if let near = nearestName(to: description, in: names) { return near }
        guard let schema else { return names.first { QualifiedName($0).isNamed(name) } }
        let schemas = Set(names.compactMap { QualifiedName($0).schema?.description }).sorted()
        guard let near = nearestName(to: schema.description, in: schemas) else { return nil }
        let there = names.filter { QualifiedName($0).schema?.description == near }
        return nearestName(to: "\(near).\(name)", in: there)
            ?? there.first { QualifiedName($0).isNamed(name) }
    }

    /// Whether it has a name, with or without a job's prefix.
    private func isNamed(_ short: String) -> Bool { name == short || name.hasSuffix("_" + short) }
}

extension ObservedPrompt {
    /// The error for an alias that does not exist, with a hint to those that do.
    package func notFound(alias: String) -> RegistryError {
        let known = aliases.keys.sorted()
        let listed = known.prefix(20).joined(separator: ", ") + (known.count > 20 ? " and more" : "")
        let hint =
            nearestName(to: alias, in: known).map { "did you mean '\($0)'?" }
            ?? (known.isEmpty ? "it has no alias" : "its aliases are \(listed)")
        return RegistryError(.notFound, "the prompt '\(name)' has no alias '\(alias)'", hint: hint)
    }
}
