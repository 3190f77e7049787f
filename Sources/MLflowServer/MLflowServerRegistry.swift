package import HTTP
package import Prompts
import Synchronization

/// A registry on an MLflow server, where a prompt is a registered model with the tag of one.
package final class MLflowServerRegistry: PromptRegistry {
    let api: MLflowAPI
    private let marks = RunMark()
    /// The names that are known to be prompts: the server would add versions to any model.
    private let prompts = Mutex<Set<String>>([])
    /// Whether the server takes lists of names.
    let nameLists = Mutex(NameLists.untried)

    /// A registry that is reached as the environment says; nothing is sent yet.
    ///
    /// - Parameters:
    ///   - url: `http(s)://HOST[:PORT][/PATH]`.
    ///   - environment: The environment's variables.
    ///   - settings: How requests are sent.
    /// - Throws: `RegistryError` when the address or the environment's settings cannot be used.
    package convenience init(
        url: String, environment: [String: String], settings: HTTPSettings = HTTPSettings()
    ) throws(RegistryError) {
        do throws(HTTPError) {
            let base = try MLflowSettings.base(url)
            let found = try MLflowSettings(environment: environment)
            if let problem = found.problemWithCredentials { throw problem }
            self.init(base: base, client: try found.client(for: base, settings), headers: found.headers)
        } catch {
            throw RegistryError(error)
        }
    }

    /// A registry at a base address, whose requests all carry some headers.
    init(base: HTTPURL, client: HTTPClient, headers: [String: String] = [:]) {
        api = MLflowAPI(base: base, client: client, headers: headers)
    }

    package var address: String { api.address.base.text }

    package var workspace: String? { api.headers[MLflowSettings.workspaceHeader] }

    package var requestCount: Int { api.client.requestCount }

    package func page(of name: String, version: Int? = nil, experiment: String? = nil) -> String? {
        // The pages read their query from behind the #.
        var query: [String] = []
        if let version { query.append("promptVersion=\(version)") }
        if let workspace { query.append("workspace=\(HTTPURL.encode(workspace))") }
        return "\(api.address.base.text)/#/prompts/\(HTTPURL.encode(name))"
            + (query.isEmpty ? "" : "?" + query.joined(separator: "&"))
    }

    package func check(_ prompt: PromptDraft, _ version: VersionDraft) throws(RegistryError) {
        try MLflowRules.check(prompt)
        try MLflowRules.check(version)
    }

    // MARK: - Prompts and versions

    package func createPrompt(
        _ prompt: PromptDraft, firstVersion version: VersionDraft,
        ifTaken check: @Sendable (ObservedPrompt) async throws(RegistryError) -> Void
    ) async throws(RegistryError) -> CreatedVersion {
        try self.check(prompt, version)
        try await createModel(prompt, ifTaken: check)
        remember([prompt.name])
        return try await addVersion(to: prompt.name, version)
    }

    package func createVersion(
        of name: String, _ version: VersionDraft
    ) async throws(RegistryError) -> CreatedVersion {
        try MLflowRules.check(name: name)
        try MLflowRules.check(version)
        try await requirePrompt(name)
        return try await addVersion(to: name, version)
    }

    /// Creates a prompt without versions. One that something else created first gets what the draft adds to it.
    private func createModel(
        _ prompt: PromptDraft, ifTaken check: (ObservedPrompt) async throws(RegistryError) -> Void
    ) async throws(RegistryError) {
        var tags = prompt.tags
        tags[ReservedTag.isPrompt] = "true"
        let fields = MLflowAPI.Fields(
            name: prompt.name, description: prompt.description, tags: TagList(tags))
        let existing: RegisteredModelMessage
        do throws(HTTPError) {
            let created = try await api.writeOnce(
                .post, "registered-models/create", fields, as: MLflowAnswer.Model.self, isRefusedTwice: true
            ) { () async throws(HTTPError) in
                try await self.api.model(prompt.name).map(MLflowAnswer.Model.init)
            }
            if !created.isLookedUp { return }
            existing = created.answer.registeredModel
        } catch {
            guard error.code == .conflict, let model = try? await api.model(prompt.name) else {
                throw RegistryError(error)
            }
            existing = model
        }
        let observed = try existing.prompt()
        try await check(observed)
        try await update(prompt.name, MetadataChanges(from: observed, to: prompt))
    }

    private func addVersion(
        to name: String, _ version: VersionDraft
    ) async throws(RegistryError) -> CreatedVersion {
        var tags = version.tags
        version.content.put(into: &tags)
        let mark = marks.next()
        tags[RunMark.tag] = mark
        let fields = MLflowAPI.Fields(
            name: name, source: "dummy-source", description: version.description, tags: TagList(tags))
        let created = try await withRegistryErrors { () async throws(HTTPError) in
            try await api.writeOnce(
                .post, "model-versions/create", fields, as: MLflowAnswer.Version.self
            ) { () async throws(HTTPError) in
                let filter =
                    "name = '\(name)' AND tag.`\(ReservedTag.isPrompt)` = 'true' AND tag.`\(RunMark.tag)` = '\(mark)'"
                let found = try await self.api.versions(filter, limit: 1).modelVersions?.first
                return found.map { MLflowAnswer.Version(modelVersion: $0) }
            }
        }
        let stored = created.answer.modelVersion
        let number = try PromptVersion.number(stored.version.text, of: name, isNew: true)
        if stored.tags?.tags.isEmpty == false {
            try version.check(storedAs: try stored.promptVersion(of: name), of: name)
        }
        return CreatedVersion(number: number, mayBeRepeated: created.mayBeRepeated)
    }

    package func deleteVersion(_ number: Int, of name: String) async throws(RegistryError) {
        try await withRegistryErrors { () async throws(HTTPError) in
            do throws(HTTPError) {
                try await api.write(
                    .delete, "model-versions/delete", .init(name: name, version: "\(number)"))
            } catch  where error.apiCode == "RESOURCE_DOES_NOT_EXIST" {
                return
            }
        }
    }

    private func requirePrompt(_ name: String) async throws(RegistryError) {
        if prompts.withLock({ $0.contains(name) }) { return }
        try await checkedPrompt(name)
        remember([name])
    }

    /// Notes names that are prompts'.
    func remember(_ names: some Sequence<String>) { prompts.withLock { $0.formUnion(names) } }

    // MARK: - What changes in place

    package func update(_ name: String, _ changes: MetadataChanges) async throws(RegistryError) {
        try MLflowRules.check(name: name)
        try MLflowRules.check(tags: changes.promptTags, reserved: [ReservedTag.isPrompt])
        try MLflowRules.check(tags: changes.versionTags, reserved: ReservedTag.content)
        if changes.isEmpty { return }
        try await requirePrompt(name)
        try await withRegistryErrors { () async throws(HTTPError) in
            if let description = changes.description {
                try await api.write(
                    .patch, "registered-models/update", .init(name: name, description: description))
            }
            for (key, value) in changes.promptTags.sorted(by: { $0.key < $1.key }) {
                try await set(key, to: value, in: "registered-models", .init(name: name))
            }
            guard let version = changes.version else { return }
            for (key, value) in changes.versionTags.sorted(by: { $0.key < $1.key }) {
                try await set(key, to: value, in: "model-versions", .init(name: name, version: "\(version)"))
            }
        }
    }

    private func set(
        _ key: String, to value: String?, in resource: String, _ fields: MLflowAPI.Fields
    ) async throws(HTTPError) {
        var fields = fields
        fields.key = key
        fields.value = value
        if value == nil {
            try await api.write(.delete, resource + "/delete-tag", fields)
        } else {
            try await api.write(.post, resource + "/set-tag", fields)
        }
    }

    package func replaceTag(
        _ key: String, of name: String, from previous: String?, to value: String?
    ) async throws(RegistryError) {
        try MLflowRules.check(name: name)
        try MLflowRules.check(tags: [key: value], reserved: [ReservedTag.isPrompt])
        try await requirePrompt(name)
        _ = try await withRegistryErrors { () async throws(HTTPError) in
            try await api.change(
                "registered-models/\(value == nil ? "delete-tag" : "set-tag")",
                .init(name: name, key: key, value: value), isRemoval: value == nil
            ) { () async throws(HTTPError) in
                let tags = try await self.api.model(name)?.tags?.tags ?? [:]
                return try .ofChange("the tag '\(key)'", from: previous, to: value, now: tags[key])
            }
        }
    }

    @discardableResult
    package func moveAlias(
        _ alias: String, of name: String, from previous: Int?, to version: Int?
    ) async throws(RegistryError) -> Bool {
        try MLflowRules.check(name: name)
        try MLflowRules.check(alias: alias)
        let fields = MLflowAPI.Fields(name: name, version: version.map { "\($0)" }, alias: alias)
        return try await withRegistryErrors { () async throws(HTTPError) in
            try await api.change("registered-models/alias", fields, isRemoval: version == nil) {
                () async throws(HTTPError) in
                let current = try await self.api.version(ofAlias: alias, of: name)
                return try .ofChange(
                    "the alias '\(alias)'", from: previous, to: version, now: current.flatMap { Int($0) })
            }
        }
    }
}
