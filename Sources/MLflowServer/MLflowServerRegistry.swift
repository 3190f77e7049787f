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

    package var address: String { api.base.text }

    package var workspace: String? { api.headers[MLflowSettings.workspaceHeader] }

    package var requestCount: Int { api.client.requestCount }

    package func page(of name: String, version: Int? = nil, experiment: String? = nil) -> String? {
        // The pages read their query from behind the #.
        var query: [String] = []
        if let version { query.append("promptVersion=\(version)") }
        if let workspace { query.append("workspace=\(HTTPURL.encode(workspace))") }
        return "\(api.base.text)/#/prompts/\(HTTPURL.encode(name))"
            + (query.isEmpty ? "" : "?" + query.joined(separator: "&"))
    }

    package func check(_ prompt: PromptDraft, _ version: VersionDraft) throws(RegistryError) {
        try MLflowRules.check(prompt)
        try MLflowRules.check(version)
    }

    // MARK: - Prompts and versions

    package func createPrompt(
        _ prompt: PromptDraft, firstVersion version: VersionDraft
    ) async throws(RegistryError) -> Int {
        try check(prompt, version)
        try await createModel(prompt)
        remember([prompt.name])
        do throws(RegistryError) {
            return try await addVersion(to: prompt.name, version)
        } catch {
            if !error.outcomeIsUnknown { await deleteEmptyPrompt(prompt.name) }
            throw error
        }
    }

    package func createVersion(
        of name: String, _ version: VersionDraft
    ) async throws(RegistryError) -> Int {
        try MLflowRules.check(name: name)
        try MLflowRules.check(version)
        try await requirePrompt(name)
        return try await addVersion(to: name, version)
    }

    private func createModel(_ prompt: PromptDraft) async throws(RegistryError) {
        var tags = prompt.tags
        tags[ReservedTag.isPrompt] = "true"
        let fields = MLflowAPI.Fields(
            name: prompt.name, description: prompt.description, tags: TagList(tags))
        do throws(HTTPError) {
            _ = try await api.writeOnce(
                "registered-models/create", fields, as: MLflowAnswer.Model.self
            ) { () async throws(HTTPError) in
                try await self.createdModel(prompt)
            }
        } catch {
            guard error.code == .conflict else { throw RegistryError(error) }
            throw await conflict(error, over: prompt.name)
        }
    }

    /// The model of a request whose answer was lost. One without versions that is otherwise as requested counts as
    /// created by this run, whoever created it.
    private func createdModel(_ prompt: PromptDraft) async throws(HTTPError) -> MLflowAnswer.Model? {
        guard let model = try await api.model(prompt.name), model.isPrompt,
            model.latestVersions?.isEmpty ?? true, let created = try? model.prompt(),
            created.tags == prompt.tags, created.description ?? "" == prompt.description ?? ""
        else { return nil }
        return MLflowAnswer.Model(registeredModel: model)
    }

    /// The error for a name that is taken already.
    private func conflict(_ failure: HTTPError, over name: String) async -> RegistryError {
        if let model = try? await api.model(name), !model.isPrompt {
            return RegisteredModelMessage.nameTaken(name)
        }
        var error = RegistryError(failure)
        error.hint = error.hint ?? "something else created it meanwhile; run again"
        return error
    }

    private func addVersion(to name: String, _ version: VersionDraft) async throws(RegistryError) -> Int {
        var tags = version.tags
        version.content.put(into: &tags)
        let mark = marks.next()
        tags[RunMark.tag] = mark
        let fields = MLflowAPI.Fields(
            name: name, source: "dummy-source", description: version.description, tags: TagList(tags))
        let answer = try await withRegistryErrors { () async throws(HTTPError) in
            try await api.writeOnce(
                "model-versions/create", fields, as: MLflowAnswer.Version.self
            ) { () async throws(HTTPError) in
                let filter =
                    "name = '\(name)' AND tag.`\(ReservedTag.isPrompt)` = 'true' AND tag.`\(RunMark.tag)` = '\(mark)'"
                let found = try await self.api.versions(filter, limit: 1).modelVersions?.first
                return found.map { MLflowAnswer.Version(modelVersion: $0) }
            }
        }
        return try PromptVersion.number(answer.modelVersion.version.text, of: name, isNew: true)
    }

    /// Deletes a prompt whose first version was refused, unless somebody else added one.
    private func deleteEmptyPrompt(_ name: String) async {
        guard let model = try? await api.model(name), model.isPrompt, model.latestVersions?.isEmpty ?? true,
            (try? await api.write(.delete, "registered-models/delete", .init(name: name))) != nil
        else { return }
        prompts.withLock { _ = $0.remove(name) }
    }

    private func requirePrompt(_ name: String) async throws(RegistryError) {
        if prompts.withLock({ $0.contains(name) }) { return }
        try await checkPrompt(name)
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

    package func setAlias(
        _ alias: String, of name: String, to version: Int
    ) async throws(RegistryError) {
        try MLflowRules.check(name: name)
        try MLflowRules.check(alias: alias)
        let fields = MLflowAPI.Fields(name: name, version: "\(version)", alias: alias)
        _ = try await withRegistryErrors { () async throws(HTTPError) in
            try await api.writeOnce(
                "registered-models/alias", fields, as: Acknowledgement.self
            ) { () async throws(HTTPError) in
                let current = try await self.api.version(ofAlias: alias, of: name)
                return current == "\(version)" ? Acknowledgement() : nil
            }
        }
    }

    package func deleteAlias(_ alias: String, of name: String) async throws(RegistryError) {
        try MLflowRules.check(name: name)
        try MLflowRules.check(alias: alias)
        try await withRegistryErrors { () async throws(HTTPError) in
            try await api.write(.delete, "registered-models/alias", .init(name: name, alias: alias))
        }
    }
}
