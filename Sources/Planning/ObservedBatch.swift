import Prompts
import Support

/// What a registry holds of some prompts, with the versions that some of their aliases point to.
struct ObservedBatch: Sendable {
    /// The prompts that exist, by full name.
    let prompts: [String: ObservedPrompt]
    private let versions: [Key: PromptVersion]

    private struct Key: Hashable, Sendable {
        let name: String
        let number: Int
    }

    /// Reads prompts, and the versions that these of their aliases point to, so many at a time; where aliases are to go
    /// elsewhere, one that is not there may be missing.
    init(
        _ names: [String], versionsOf aliases: [String], mayBeMissing: Bool = false,
        in registry: any PromptRegistry, concurrency: Int
    ) async throws(RegistryError) {
        let prompts = try await registry.observe(names)
        let wanted = names.flatMap { name in
            Set(aliases.compactMap { prompts[name]?.aliases[$0] }).sorted()
                .filter { $0 != prompts[name]?.newest?.number }.map { Key(name: name, number: $0) }
        }
        let versions = try await concurrentMap(wanted, limit: concurrency) {
            (key) async throws(RegistryError) -> PromptVersion? in
            try RegistryError.checkCancellation()
            do throws(RegistryError) {
                return try await registry.version(key.number, of: key.name)
            } catch {
                guard error.code == .notFound else { throw error.about(key.name) }
                if mayBeMissing { return nil }
                guard let prompt = prompts[key.name], let newest = prompt.newest?.number, newest < key.number,
                    let alias = aliases.first(where: { prompt.aliases[$0] == key.number })
                else { throw error.about(key.name) }
                throw .misplaced(alias, of: key.name, at: key.number, newest: newest)
            }
        }
        self.prompts = prompts
        self.versions = Dictionary(
            zip(wanted, versions).compactMap { key, version in version.map { (key, $0) } }
        ) { first, _ in first }
    }

    /// The version that an alias of a prompt points to; nil where there is no such prompt or alias.
    func version(of name: String, at alias: String) -> PromptVersion? {
        guard let prompt = prompts[name], let number = prompt.aliases[alias] else { return nil }
        return number == prompt.newest?.number ? prompt.newest : versions[Key(name: name, number: number)]
    }
}
