import HTTP
import Prompts
import Support

/// Reads many prompts with few requests.
///
/// A prompt that exists costs two, for no list tells its tags, its aliases and its newest version. One that does not
/// costs one, or next to none where a list of its schema says so.
struct UnityCatalogObserver: Sendable {
    /// How many prompts of a schema are cheaper to ask for than to list.
    static let fewNames = 16
    private static let concurrency = 16

    let api: UnityCatalogAPI
    let refusals: UnityCatalogRefusals

    /// Reads prompts.
    ///
    /// - Parameter names: Their full names, each once.
    /// - Returns: Those that exist, by name.
    /// - Throws: `RegistryError`, with `.notFound` where a schema does not exist.
    func observe(_ names: [String]) async throws(RegistryError) -> [String: ObservedPrompt] {
        var observed: [String: ObservedPrompt] = [:]
        let schemas = Dictionary(grouping: names, by: UnityCatalogName.schema)
        for (schema, names) in schemas.sorted(by: { $0.key < $1.key }) {
            observed.merge(try await observe(names, in: schema)) { _, new in new }
        }
        return observed
    }

    private func observe(
        _ names: [String], in schema: String
    ) async throws(RegistryError) -> [String: ObservedPrompt] {
        if names.count <= Self.fewNames {
            let found = try await get(names)
            // A prompt is missing also where its schema is, and that is better told now than while writing.
            if found.isEmpty { _ = try await page(of: schema) }
            return found
        }
        guard let listed = try await list(schema, budget: names.count / 4) else {
            return try await get(names)
        }
        // Unity Catalog does not tell names apart by case.
        let there = names.filter { listed.contains($0.lowercased()) }
        let missing = names.filter { !listed.contains($0.lowercased()) }
        // A list that leaves out what there is, as to someone who may not see all, must not be believed.
        if let probe = missing.first, try await !get([probe]).isEmpty { return try await get(names) }
        return try await get(there)
    }

    // MARK: - Lists

    /// The names of a schema's prompts in lower case; nil when the list is longer than it is worth.
    private func list(_ schema: String, budget: Int) async throws(RegistryError) -> Set<String>? {
        var names: Set<String> = []
        var pages = PageWalk()
        for _ in 0..<budget {
            let answer = try await page(of: schema, pages.token)
            names.formUnion((answer.prompts ?? []).map { $0.name.lowercased() })
            guard pages.goesOn(to: answer.nextPageToken) else { return names }
        }
        return nil
    }

    private func page(
        of schema: String, _ token: String? = nil
    ) async throws(RegistryError) -> UnityCatalogMessage.Prompts {
        let levels = schema.split(separator: ".").map(String.init)
        let location = UnityCatalogMessage.Schema(levels.first ?? "", levels.last ?? "")
        return try await refusals.explaining(.read, in: schema) { () async throws(HTTPError) in
            try await api.prompts(in: location, page: token)
        }
    }

    // MARK: - Single prompts

    /// Asks for each, several at a time.
    private func get(_ names: [String]) async throws(RegistryError) -> [String: ObservedPrompt] {
        let prompts = try await concurrentMap(names, limit: Self.concurrency, one)
        return Dictionary(prompts.compactMap { $0.map { ($0.name, $0) } }) { _, last in last }
    }

    @Sendable private func one(_ name: String) async throws(RegistryError) -> ObservedPrompt? {
        do throws(RegistryError) {
            return try await complete(name)
        } catch {
            throw error.about(name)
        }
    }

    private func complete(_ name: String) async throws(RegistryError) -> ObservedPrompt? {
        let found = try await refusals.explaining(.read, on: name) { () async throws(HTTPError) in
            let prompt = try await api.prompt(name)
            return (prompt, prompt == nil ? [] : try await api.versions(of: name))
        }
        guard var prompt = found.0 else { return nil }
        prompt.name = name
        var newest: (number: Int, version: UnityCatalogMessage.Version)?
        var aliases: [UnityCatalogMessage.Alias] = []
        for version in found.1 {
            let number = try version.number(of: name)
            if number > newest?.number ?? 0 { newest = (number, version) }
            aliases += (version.aliases ?? []).map { .init(alias: $0.alias, version: version.version) }
        }
        guard let newest else { return try prompt.observed(newest: nil, aliases: aliases) }
        let version = try await refusals.explaining(.read, on: name) { () async throws(HTTPError) in
            try await api.completed(newest.version, of: name) ?? newest.version
        }
        return try prompt.observed(newest: try version.promptVersion(of: name), aliases: aliases)
    }
}
