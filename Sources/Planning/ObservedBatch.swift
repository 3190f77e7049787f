import Prompts
import Support

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
    /// - Throws: `RegistryError`.
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
        let versions = try await concurrentMap(wanted, limit: concurrency) {
            (key) async throws(RegistryError) in
            try RegistryError.checkCancellation()
            do throws(RegistryError) {
                return try await registry.version(key.number, of: key.name)
            } catch {
                throw error.about(key.name)
            }
        }
        return Dictionary(zip(wanted, versions)) { first, _ in first }
    }
}
