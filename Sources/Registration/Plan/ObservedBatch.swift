import PromptRegistry

/// What a registry holds of prompts that are to be worked on, with those of their versions that matter.
struct ObservedBatch: Sendable {
    /// The prompts that there are, by full name.
    let prompts: [String: ObservedPrompt]
    private let versions: [Key: PromptVersion]

    private struct Key: Hashable, Sendable {
        let name: String
        let number: Int
    }

    /// Reads prompts, and the versions that some of their aliases point to.
    ///
    /// - Parameters:
    ///   - names: The full names, each once.
    ///   - aliases: The aliases whose versions are read, as far as they exist.
    ///   - registry: The registry; nothing is written to it.
    ///   - concurrency: How many versions are read at a time.
    /// - Throws: `RegistryError`, the first one in the order of the names.
    init(
        _ names: [String], versionsOf aliases: [String], in registry: any PromptRegistry, concurrency: Int
    ) async throws(RegistryError) {
        let prompts = try await registry.observe(names)
        var wanted: [Key] = []
        for name in names {
            let numbers = Set(aliases.compactMap { prompts[name]?.aliases[$0] })
            wanted += numbers.filter { $0 != prompts[name]?.newest?.number }.sorted()
                .map { Key(name: name, number: $0) }
        }
        self.prompts = prompts
        versions = try await Self.read(wanted, in: registry, concurrency: concurrency)
    }

    /// The version that an alias of a prompt points to; nil where there is no such prompt or alias.
    func version(of name: String, at alias: String) -> PromptVersion? {
        guard let prompt = prompts[name], let number = prompt.aliases[alias] else { return nil }
        return number == prompt.newest?.number ? prompt.newest : versions[Key(name: name, number: number)]
    }

    private static func read(
        _ wanted: [Key], in registry: any PromptRegistry, concurrency: Int
    ) async throws(RegistryError) -> [Key: PromptVersion] {
        var versions: [Key: PromptVersion] = [:]
        var failures: [Int: RegistryError] = [:]
        await concurrently(Array(wanted.indices), at: concurrency) { index in
            let key = wanted[index]
            return await Result<PromptVersion, RegistryError>(of: { () async throws(RegistryError) in
                try await registry.version(key.number, of: key.name)
            })
        } onResult: { index, result in
            switch result {
            case .success(let version): versions[wanted[index]] = version
            case .failure(var failure):
                failure.prompt = wanted[index].name
                failures[index] = failure
            }
            return failures.isEmpty && !Task.isCancelled
        }
        if let first = failures.min(by: { $0.key < $1.key }) { throw first.value }
        if Task.isCancelled { throw RegistryError(.failed, "stopped while reading the registry") }
        return versions
    }
}
