package import HTTP
package import Prompts
import Support
import Synchronization

/// A registry in Databricks Unity Catalog, where a prompt has three levels of names.
package final class UnityCatalogRegistry: PromptRegistry {
    private typealias Message = UnityCatalogMessage

    let api: UnityCatalogAPI
    let refusals: UnityCatalogRefusals
    private let authorizer: DatabricksAuthorizer?
    private let workspaceID: String?
    private let profile: String?
    /// The prompts that this run created: no version of theirs had an alias before.
    private let created = Mutex<Set<String>>([])
    /// Tells this run's versions from all others.
    private let marks = RunMark()

    /// A registry that is reached as the Databricks configuration says; nothing is sent yet.
    ///
    /// - Parameters:
    ///   - profile: The profile that the registry's address names.
    ///   - environment: The environment's variables.
    ///   - settings: How requests are sent.
    /// - Throws: `RegistryError` when there are no credentials, or they contradict each other.
    package convenience init(
        profile: String?, environment: [String: String], settings: HTTPSettings = HTTPSettings()
    ) throws(RegistryError) {
        do throws(HTTPError) {
            let credentials = try ResolvedCredentials(
                profile: profile, environment: environment, readFile: CredentialFiles.read)
            let options = TransportOptions(environment: environment)
            try options.check(for: credentials.host)
            let (client, authorizer) = credentials.client(over: try settings.connect(options), settings)
            self.init(
                host: credentials.host, client: client, authorizer: authorizer,
                workspaceID: credentials.workspaceID, profile: profile)
        } catch {
            throw RegistryError(error)
        }
    }

    /// A registry in a workspace, whose identifier, where it is known, is for links.
    init(
        host: HTTPURL, client: HTTPClient, authorizer: DatabricksAuthorizer? = nil,
        workspaceID: String? = nil, profile: String? = nil
    ) {
        api = UnityCatalogAPI(host: host, client: client)
        refusals = UnityCatalogRefusals(api: api)
        self.authorizer = authorizer
        self.workspaceID = workspaceID
        self.profile = profile
    }

    package var address: String { RegistryAddress.unityCatalog(profile: profile).description }

    package var workspace: String? { api.host.text }

    package var requestCount: Int { api.client.requestCount + (authorizer?.requestCount ?? 0) }

    // Databricks shows prompts only in experiments.
    package func page(of name: String, version: Int? = nil, experiment: String?) -> String? {
        guard let experiment else { return nil }
        var query: [(String, String)] = []
        if let workspaceID { query.append(("o", workspaceID)) }
        if let version { query.append(("promptVersion", "\(version)")) }
        return api.host.appending(["ml", "experiments", experiment, "prompts", name], query: query).text
    }

    package func check(_ prompt: PromptDraft, _ version: VersionDraft) throws(RegistryError) {
        try UnityCatalogName.check(name: prompt.name)
        try UnityCatalogName.check(tags: prompt.tags, reserved: [ReservedTag.isPrompt])
        try UnityCatalogName.check(tags: version.tags, reserved: ReservedTag.content)
    }

    package func reread(_ names: [String]) async throws(RegistryError) -> [String: ObservedPrompt] {
        let prompts = try await concurrentMap(names, limit: Self.concurrency) {
            (name) async throws(RegistryError) in
            try UnityCatalogName.check(name: name)
            return try await self.rereadOne(name)
        }
        return Dictionary(prompts.compactMap { $0.map { ($0.name, $0) } }) { _, last in last }
    }

    package func rereadsTogether(_ count: Int) -> Bool { false }

    private func rereadOne(_ name: String) async throws(RegistryError) -> ObservedPrompt? {
        let found = try await refusals.explaining(.read, on: name) { () async throws(HTTPError) in
            try await current(name)
        }
        guard var prompt = found else { return nil }
        prompt.name = name
        return try prompt.observed(newest: nil, aliases: prompt.aliases ?? [])
    }

    /// A prompt with its aliases, wherever the service tells them.
    private func current(_ name: String) async throws(HTTPError) -> Message.Prompt? {
        guard var prompt = try await api.prompt(name) else { return nil }
        let isNew = created.withLock { $0.contains(name) }
        if prompt.aliases?.isEmpty == false || isNew { return prompt }
        // They may be told with the versions only.
        prompt.aliases = try await api.versions(of: name).flatMap { version in
            (version.aliases ?? []).map { Message.Alias(alias: $0.alias, version: version.version) }
        }
        return prompt
    }

    // MARK: - Prompts and versions

    package func createPrompt(
        _ prompt: PromptDraft, firstVersion version: VersionDraft,
        ifTaken check: @Sendable (ObservedPrompt) async throws(RegistryError) -> Void
    ) async throws(RegistryError) -> CreatedVersion {
        try self.check(prompt, version)
        try await createPrompt(prompt, ifTaken: check)
        return try await addVersion(version, to: prompt.name)
    }

    package func createVersion(
        of name: String, _ version: VersionDraft
    ) async throws(RegistryError) -> CreatedVersion {
        try UnityCatalogName.check(name: name)
        try UnityCatalogName.check(tags: version.tags, reserved: ReservedTag.content)
        return try await addVersion(version, to: name)
    }

    /// Creates a prompt without versions. One that something else created first gets what the draft adds to it.
    private func createPrompt(
        _ prompt: PromptDraft, ifTaken check: (ObservedPrompt) async throws(RegistryError) -> Void
    ) async throws(RegistryError) {
        let body = Message.Request(name: prompt.name, prompt: Message.Prompt(prompt))
        let existing = try await refusals.explaining(.create, on: prompt.name) {
            () async throws(HTTPError) -> Message.Prompt? in
            do throws(HTTPError) {
                let created = try await api.writeOnce(
                    .post, [], body, as: Message.Prompt.self, isRefusedTwice: true
                ) {
                    () async throws(HTTPError) in
                    try await self.api.prompt(prompt.name)
                }
                return created.isLookedUp ? created.answer : nil
            } catch  where error.code == .conflict {
                guard let existing = try await api.prompt(prompt.name) else { throw error }
                return existing
            }
        }
        guard let existing else {
            created.withLock { _ = $0.insert(prompt.name) }
            return
        }
        let observed = ObservedPrompt(
            name: prompt.name, description: existing.description, tags: existing.tags?.tags ?? [:])
        try await check(observed)
        try await update(prompt.name, MetadataChanges(from: observed, to: prompt))
    }

    private func addVersion(
        _ version: VersionDraft, to name: String
    ) async throws(RegistryError) -> CreatedVersion {
        let message = try Message.Version(version, of: name, mark: marks.next())
        let body = Message.Request(name: name, promptVersion: message)
        let created = try await refusals.explaining(.change, on: name) { () async throws(HTTPError) in
            try await api.writeOnce(
                .post, [name, "versions"], body, as: Message.Version.self
            ) { () async throws(HTTPError) in
                try await self.createdVersion(message, of: name)
            }
        }
        let number = try PromptVersion.number(created.answer.version?.text ?? "", of: name, isNew: true)
        if created.answer.isComplete {
            try version.check(storedAs: try created.answer.promptVersion(of: name), of: name)
        }
        return CreatedVersion(number: number, mayBeRepeated: created.mayBeRepeated)
    }

    /// The version of a request whose answer was lost.
    private func createdVersion(
        _ message: UnityCatalogMessage.Version, of name: String
    ) async throws(HTTPError) -> UnityCatalogMessage.Version? {
        func isMarked(_ version: UnityCatalogMessage.Version) -> Bool {
            version.tags?.tags[RunMark.tag] == message.tags?.tags[RunMark.tag]
        }
        let listed = try await api.versions(of: name)
        if let made = listed.first(where: isMarked) { return made }
        // A list may omit the tags. What was just created is among the newest, whoever else writes.
        let newest = listed.filter { !$0.isComplete }.sorted { $0.number ?? 0 > $1.number ?? 0 }
        for version in newest.prefix(16) {
            if let made = try await api.completed(version, of: name), isMarked(made) { return made }
        }
        return nil
    }

    package func deleteVersion(_ number: Int, of name: String) async throws(RegistryError) {
        try await refusals.explaining(.change, on: name) { () async throws(HTTPError) in
            try await api.delete(
                [name, "versions", "\(number)"], Message.Request(name: name, version: "\(number)"))
        }
    }

    // MARK: - What changes in place

    package func update(_ name: String, _ changes: MetadataChanges) async throws(RegistryError) {
        try UnityCatalogName.check(name: name)
        try UnityCatalogName.check(tags: changes.promptTags, reserved: [ReservedTag.isPrompt])
        try UnityCatalogName.check(tags: changes.versionTags, reserved: ReservedTag.content)
        try await refusals.explaining(.change, on: name) { () async throws(HTTPError) in
            if let description = changes.description {
                let prompt = Message.Prompt(name: name, description: description)
                try await api.write(.patch, [name], Message.Request(name: name, prompt: prompt))
            }
            try await setTags(changes.promptTags, [name], Message.Request(name: name))
            guard let version = changes.version else { return }
            let number = "\(version)"
            try await setTags(
                changes.versionTags, [name, "versions", number], Message.Request(name: name, version: number))
        }
    }

    private func setTags(
        _ tags: [String: String?], _ path: [String], _ request: UnityCatalogMessage.Request
    ) async throws(HTTPError) {
        for (key, value) in tags.sorted(by: { $0.key < $1.key }) {
            var body = request
            body.key = key
            body.value = value
            if value == nil {
                try await api.delete(path + ["tags", key], body)
            } else {
                try await api.write(.post, path + ["tags"], body)
            }
        }
    }

    package func replaceTag(
        _ key: String, of name: String, from previous: String?, to value: String?
    ) async throws(RegistryError) {
        try UnityCatalogName.check(name: name)
        try UnityCatalogName.check(tags: [key: value], reserved: [ReservedTag.isPrompt])
        let path = [name, "tags"] + (value == nil ? [key] : [])
        let body = Message.Request(name: name, key: key, value: value)
        _ = try await refusals.explaining(.change, on: name) { () async throws(HTTPError) in
            try await api.change(path, body, isRemoval: value == nil) { () async throws(HTTPError) in
                let tags = try await self.api.prompt(name)?.tags?.tags ?? [:]
                return try .ofChange("the tag '\(key)'", from: previous, to: value, now: tags[key])
            }
        }
    }

    @discardableResult
    package func moveAlias(
        _ alias: String, of name: String, from previous: Int?, to version: Int?
    ) async throws(RegistryError) -> Bool {
        try UnityCatalogName.check(name: name)
        try MLflowRules.check(alias: alias)
        let body = Message.Request(name: name, alias: alias, version: version.map { "\($0)" })
        return try await refusals.explaining(.change, on: name) { () async throws(HTTPError) in
            try await api.change([name, "aliases", alias], body, isRemoval: version == nil) {
                () async throws(HTTPError) in
                let aliases = try await self.current(name)?.aliases ?? []
                let current = aliases.last { $0.alias == alias }?.version?.text
                return try .ofChange(
                    "the alias '\(alias)'", from: previous, to: version, now: current.flatMap { Int($0) })
            }
        }
    }
}
