import Support

/// A version that an address names.
package struct ResolvedVersion: Hashable, Sendable {
    /// The prompt's full name.
    package var name: String
    /// The version.
    package var version: PromptVersion
    /// The prompt as it was observed on the way; nil where the address alone said which version it is.
    package var prompt: ObservedPrompt?

    /// The address that names this version for good, such as `prompts:/main.agent.prompt_cost/3`.
    package var uri: PromptURI { PromptURI(name: name, reference: .version(version.number)) }

    /// A version of a prompt.
    package init(name: String, version: PromptVersion, prompt: ObservedPrompt? = nil) {
        self.name = name
        self.version = version
        self.prompt = prompt
    }
}

extension PromptRegistry {
    /// Finds the version that an address names, as MLflow's `load_prompt` does: a name alone is its newest version.
    ///
    /// - Parameter uri: The address.
    /// - Returns: The version.
    /// - Throws: `RegistryError`; with `.notFound` where there is no such prompt, alias or version, and a hint to those
    ///   that there are.
    package func resolve(_ uri: PromptURI) async throws(RegistryError) -> ResolvedVersion {
        switch uri.reference {
        case .version(let number):
            return ResolvedVersion(name: uri.name, version: try await existing(number, of: uri.name))
        case .alias(let alias):
            let prompt = try await observe(existing: uri.name)
            guard let number = prompt.aliases[alias] else { throw prompt.notFound(alias: alias) }
            if let newest = prompt.newest, newest.number == number {
                return ResolvedVersion(name: uri.name, version: newest, prompt: prompt)
            }
            let version = try await version(number, of: uri.name)
            return ResolvedVersion(name: uri.name, version: version, prompt: prompt)
        case .latest, nil:
            let prompt = try await observe(existing: uri.name)
            guard let newest = prompt.newest else {
                throw RegistryError(.notFound, "the prompt '\(uri.name)' has no version yet")
            }
            return ResolvedVersion(name: uri.name, version: newest, prompt: prompt)
        }
    }

    /// Reads what the registry has of one prompt that has to be there.
    ///
    /// - Parameter name: The prompt's full name.
    /// - Returns: What there is.
    /// - Throws: `RegistryError`; with `.notFound` where there is no such prompt, and a hint to a near name.
    package func observe(existing name: String) async throws(RegistryError) -> ObservedPrompt {
        guard let prompt = try await observe([name])[name] else { throw await notFound(prompt: name) }
        return prompt
    }

    /// The error for a prompt that is not there.
    ///
    /// - Parameter name: The full name that was asked for.
    /// - Returns: The error, with a hint to a near name where the registry can list names.
    package func notFound(prompt name: String) async -> RegistryError {
        let near = await nearestExistingName(to: name)
        return RegistryError(
            .notFound, "there is no prompt '\(name)' in \(location)",
            hint: near.map { "did you mean '\($0)'?" }
                ?? "promptreg list --registry \(address) shows the prompts that there are")
    }

    /// Reads a version. Registries word a missing one in their own ways, and know no names that are near.
    private func existing(_ number: Int, of name: String) async throws(RegistryError) -> PromptVersion {
        do {
            return try await version(number, of: name)
        } catch let error where error.code == .notFound {
            let prompt = try await observe(existing: name)
            throw RegistryError(
                .notFound, "the prompt '\(name)' has no version \(number)",
                hint: prompt.newest.map { "its newest version is \($0.number)" } ?? "it has no version yet")
        }
    }

    /// The closest existing name, for a "did you mean" hint; nil where there is none, or names cannot be listed.
    private func nearestExistingName(to name: String) async -> String? {
        let wanted = QualifiedName(name)
        let query = PromptQuery(catalog: wanted.schema?.catalog, schema: wanted.schema?.name)
        // The error to report is that the prompt is missing, whatever keeps the names from being listed.
        guard let names = try? await names(matching: query) else { return nil }
        if let near = nearestName(to: name, in: names) { return near }
        // The user may have given the name within a job, which lacks the prefix.
        return names.first { full in
            let short = QualifiedName(full).name
            return short == wanted.name || short.hasSuffix("_" + wanted.name)
        }
    }
}

extension ObservedPrompt {
    /// The error for an alias that the prompt does not have.
    ///
    /// - Parameter alias: The alias that was asked for.
    /// - Returns: The error, with a hint to the aliases that there are.
    package func notFound(alias: String) -> RegistryError {
        let known = aliases.keys.sorted()
        let hint =
            nearestName(to: alias, in: known).map { "did you mean '\($0)'?" }
            ?? (known.isEmpty ? "it has no alias" : "its aliases are \(known.joined(separator: ", "))")
        return RegistryError(.notFound, "the prompt '\(name)' has no alias '\(alias)'", hint: hint)
    }
}
