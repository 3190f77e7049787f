package import Prompts

/// A prompt with all its versions.
package struct PromptDetails: Hashable, Sendable {
    /// Where the registry is.
    package var registry: RegistryLocation
    /// The page that shows the prompt in the browser; nil if there is none.
    package var url: String?
    /// The prompt.
    package var prompt: ObservedPrompt
    /// Its versions, newest first.
    package var versions: [PromptVersion]
}

extension PromptDetails {
    /// Reads a prompt with all its versions.
    ///
    /// - Parameters:
    ///   - name: The full name.
    ///   - registry: The registry.
    /// - Throws: `RegistryError`, with `.notFound` if there is no such prompt.
    package init(of name: String, in registry: any PromptRegistry) async throws(RegistryError) {
        self.registry = registry.location
        prompt = try await registry.observe(existing: name)
        versions = try await registry.versions(of: name)
        url = registry.page(of: name, version: nil, experiment: prompt.experiments.first)
    }
}

/// A version with its prompt.
package struct VersionDetails: Hashable, Sendable {
    /// Where the registry is.
    package var registry: RegistryLocation
    /// The page that shows the version in the browser; nil if there is none.
    package var url: String?
    /// The prompt.
    package var prompt: ObservedPrompt
    /// The version.
    package var version: PromptVersion
}

extension VersionDetails {
    /// A version that was read already, with what is known of its prompt.
    package init(registry: RegistryLocation, prompt: ObservedPrompt, version: PromptVersion) {
        self.init(registry: registry, url: nil, prompt: prompt, version: version)
    }

    /// The URI of the version.
    package var uri: String { PromptURI(name: prompt.name, reference: .version(version.number)).description }

    /// The aliases that point to the version, sorted.
    package var aliases: [String] { prompt.aliases(at: version.number) }

    /// Reads a version with its prompt.
    ///
    /// - Parameters:
    ///   - uri: The URI.
    ///   - registry: The registry.
    /// - Throws: `RegistryError`, with `.notFound` if there is no such prompt, alias or version.
    package init(of uri: PromptURI, in registry: any PromptRegistry) async throws(RegistryError) {
        let found = try await registry.resolve(uri)
        if let prompt = found.prompt {
            self.prompt = prompt
        } else {
            prompt = try await registry.observe(existing: uri.name)
        }
        version = found.version
        self.registry = registry.location
        url = registry.page(of: uri.name, version: version.number, experiment: prompt.experiments.first)
    }
}
