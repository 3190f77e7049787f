import HTTP
package import Prompts
import Support
import Synchronization

// Many prompts are read with few requests.
//
// One or two are fetched one by one. More are searched for by name, as many at a time as fit a request's first line: a
// search takes a server as long as two or three that are fetched, and each further prompt little.
extension MLflowServerRegistry {
    /// Up to how many prompts are cheaper to fetch than to search for.
    static let fewNames = 2
    /// Of how many prompts a search is not halved again that something in between refuses.
    private static let smallestSearch = 16
    /// The longest list of names in a search; web servers refuse first lines of 8 kB.
    private static let longestList = 5500
    private static let concurrency = 8

    package func observe(_ names: [String]) async throws(RegistryError) -> [String: ObservedPrompt] {
        for name in names { try MLflowRules.check(name: name) }
        let observed = try await readAgainIfTorn { () async throws(RegistryError) in try await read(names) }
        remember(observed.keys)
        return observed
    }

    /// Reads a few existing prompts with one search, which takes a server as long as two that are got by name.
    package func reread(_ names: [String]) async throws(RegistryError) -> [String: ObservedPrompt] {
        try await readAgainIfTorn { () async throws(RegistryError) in
            if names.count > Self.fewNames, let found = try await search(names, isPrompt: true),
                found.count == names.count
            {
                return found
            }
            return try await get(names)
        }
    }

    package func rereadsTogether(_ count: Int) -> Bool {
        count > Self.fewNames && nameLists.withLock { $0 != .refused }
    }

    private func read(_ names: [String]) async throws(RegistryError) -> [String: ObservedPrompt] {
        guard names.count > Self.fewNames, let prompts = try await search(names, isPrompt: true) else {
            return try await get(names)
        }
        let missing = names.filter { prompts[$0] == nil }
        guard let probe = missing.first else { return prompts }
        // Servers differ in what they can search by. One that misses an existing prompt cannot be trusted.
        async let probed = Result(of: { () async throws(RegistryError) in try await get([probe]) })
        async let others = Result(of: { () async throws(RegistryError) in
            try await search(missing, isPrompt: false)
        })
        let (found, models) = (await probed, await others)
        guard try found.get().isEmpty, try models.get() != nil else {
            return prompts.merging(try await get(missing)) { _, new in new }
        }
        return prompts
    }

    private func get(_ names: [String]) async throws(RegistryError) -> [String: ObservedPrompt] {
        try await collect(names.map { [$0] }, getEach)
    }

    @Sendable private func getEach(
        _ names: ArraySlice<String>
    ) async throws(RegistryError) -> [RegisteredModelMessage] {
        try await withRegistryErrors { () async throws(HTTPError) in
            var models: [RegisteredModelMessage] = []
            for name in names {
                if let model = try await api.model(name) { models.append(model) }
            }
            return models
        }
    }

    /// Searches for names; nil where the server refuses lists of names, as MLflow before 3.17 does.
    private func search(
        _ names: [String], isPrompt: Bool
    ) async throws(RegistryError) -> [String: ObservedPrompt]? {
        var batches = Self.batches(of: names)[...]
        var found: [String: ObservedPrompt] = [:]
        while !batches.isEmpty {
            // The first search finds out whether the server takes lists, before others are sent.
            let next: ArraySlice<ArraySlice<String>>
            switch nameLists.withLock(\.self) {
            case .refused: return nil
            case .untried: next = batches.prefix(1)
            case .taken: next = batches
            }
            let prompts = try await collect(Array(next)) { batch async throws(RegistryError) in
                try await self.search(batch: batch, isPrompt: isPrompt)
            }
            found.merge(prompts) { _, new in new }
            batches = batches.dropFirst(next.count)
        }
        return nameLists.withLock(\.self) == .refused ? nil : found
    }

    /// Searches for the names of one batch, or of smaller ones where something in between refuses the long address.
    private func search(
        batch: ArraySlice<String>, isPrompt: Bool
    ) async throws(RegistryError) -> [RegisteredModelMessage] {
        let list = batch.map { "'\($0)'" }.joined(separator: ",")
        let kind = isPrompt ? " AND tag.`\(ReservedTag.isPrompt)` = 'true'" : ""
        do throws(HTTPError) {
            var models: [RegisteredModelMessage] = []
            try await readPages { token async throws(HTTPError) in
                let page = try await api.models(
                    "name IN (\(list))\(kind)", limit: batch.count, page: token)
                let found = page.registeredModels ?? []
                models += found
                return PageLink(
                    models.count < batch.count ? page.nextPageToken : nil, after: found.map(\.name))
            }
            nameLists.withLock { if $0 == .untried { $0 = .taken } }
            return models
        } catch {
            if error.status == 400, error.apiCode == "INVALID_PARAMETER_VALUE" {
                nameLists.withLock { $0 = .refused }
                return []
            }
            guard error.status == 400 || error.status == 414 || error.status == 431 else {
                throw RegistryError(error)
            }
        }
        if batch.count <= Self.smallestSearch { return try await getEach(batch) }
        let middle = batch.startIndex + batch.count / 2
        let first = try await search(batch: batch[..<middle], isPrompt: isPrompt)
        return try await first + search(batch: batch[middle...], isPrompt: isPrompt)
    }

    /// The names in as few lists as there can be.
    static func batches(of names: [String]) -> [ArraySlice<String>] {
        var batches: [ArraySlice<String>] = []
        var start = 0
        var length = 0
        for (index, name) in names.enumerated() {
            // Two quotation marks and a comma, each three characters once it is percent-encoded.
            let added = name.utf8.count + 9
            if length + added > longestList, index > start {
                batches.append(names[start..<index])
                start = index
                length = 0
            }
            length += added
        }
        if start < names.count { batches.append(names[start...]) }
        return batches
    }

    /// Reads several batches at a time, and keeps what was asked for.
    private func collect(
        _ batches: [ArraySlice<String>],
        _ read:
            @escaping @Sendable (ArraySlice<String>) async throws(RegistryError) -> [RegisteredModelMessage]
    ) async throws(RegistryError) -> [String: ObservedPrompt] {
        let parts = try await concurrentMap(batches, limit: Self.concurrency) {
            batch async throws(RegistryError) in
            let wanted = Set(batch)
            var prompts: [ObservedPrompt] = []
            for model in try await read(batch) where wanted.contains(model.name) {
                do throws(RegistryError) {
                    prompts.append(try model.prompt())
                } catch {
                    throw error.about(model.name)
                }
            }
            return prompts
        }
        return Dictionary(parts.joined().map { ($0.name, $0) }) { _, last in last }
    }
}

/// What is known of a server's searches for lists of names.
enum NameLists: Sendable { case untried, taken, refused }
