package import Prompts
import Synchronization

/// A registry on an MLflow server, where a prompt is a registered model with the tag of one.
package final class MLflowServerRegistry: PromptRegistry {
    private let api: MLflowAPI
    private let marks = RunMark()
    /// The names that are known to be prompts: the server would add a version to a model without a word.
    private let prompts = Mutex<Set<String>>([])

    /// A registry; it is not asked anything yet.
    ///
    /// - Parameters:
    ///   - base: The server's address, with the path below which it serves its API, if any.
    ///   - client: Sends the requests.
    ///   - headers: What every request carries beside its credentials.
    init(base: HTTPURL, client: HTTPClient, headers: [String: String] = [:]) {
        api = MLflowAPI(base: base, client: client, headers: headers)
    }

    package var address: String { api.base.text }

    package var workspace: String? { api.headers[MLflowSettings.workspaceHeader] }

    package var requestCount: Int { api.client.requestCount }

    package func page(of name: String, version: Int? = nil, experiment: String? = nil) -> String? {
        // The server's pages keep what is asked of them behind the #.
        var query: [String] = []
        if let version { query.append("promptVersion=\(version)") }
        if let workspace { query.append("workspace=\(HTTPURL.encode(workspace))") }
        return "\(api.base.text)/#/prompts/\(HTTPURL.encode(name))"
            + (query.isEmpty ? "" : "?" + query.joined(separator: "&"))
    }

    package func observe(_ names: [String]) async throws(RegistryError) -> [String: ObservedPrompt] {
        for name in names { try MLflowRules.check(name: name) }
        let observed = try await MLflowObserver(api: api).observe(names)
        prompts.withLock { $0.formUnion(observed.keys) }
        return observed
    }

    package func names(matching query: PromptQuery) async throws(RegistryError) -> [String] {
        try await MLflowReader(api: api).names(matching: query)
    }

    package func versions(of name: String) async throws(RegistryError) -> [PromptVersion] {
        try MLflowRules.check(name: name)
        return try await MLflowReader(api: api).versions(of: name)
    }

    package func version(_ number: Int, of name: String) async throws(RegistryError) -> PromptVersion {
        try MLflowRules.check(name: name)
        return try await MLflowReader(api: api).version(number, of: name)
    }

    package func check(_ prompt: PromptDraft, _ version: VersionDraft) throws(RegistryError) {
        try MLflowRules.check(prompt)
        try MLflowRules.check(version)
    }

    // The server has no lock to take, and keeps what it has answered.
    package func beginRun(onWait: @Sendable () -> Void) async throws(RegistryError) {}

    package func synchronize() async throws(RegistryError) {}

    package func endRun() async throws(RegistryError) {}

    // MARK: - Prompts and versions

    package func createPrompt(
        _ prompt: PromptDraft, firstVersion version: VersionDraft
    ) async throws(RegistryError) -> Int {
        try check(prompt, version)
        try await createModel(prompt)
        prompts.withLock { _ = $0.insert(prompt.name) }
        do throws(RequestFailure) {
            return try await addVersion(to: prompt.name, version)
        } catch {
            if !error.mayHaveBeenDone { await takeBack(prompt.name) }
            throw error.error
        }
    }

    package func createVersion(
        of name: String, _ version: VersionDraft
    ) async throws(RegistryError) -> Int {
        try MLflowRules.check(name: name)
        try MLflowRules.check(version)
        do throws(RequestFailure) {
            try await requirePrompt(name)
            return try await addVersion(to: name, version)
        } catch {
            throw error.error
        }
    }

    private func createModel(_ prompt: PromptDraft) async throws(RegistryError) {
        var tags = prompt.tags
        tags[ReservedTag.isPrompt] = "true"
        let fields = MLflowAPI.Fields(
            name: prompt.name, description: prompt.description, tags: TagMessage.list(tags))
        do throws(RequestFailure) {
            _ = try await api.writeOnce(
                "registered-models/create", fields, as: MLflowAnswer.Model.self
            ) { () async throws(RequestFailure) in
                try await self.modelMade(as: prompt)
            }
        } catch {
            guard error.error.code == .conflict else { throw error.error }
            throw await conflict(error, over: prompt.name)
        }
    }

    /// The model that a lost answer was about. One that has no versions yet, and is just as it was to be, is as good
    /// as made by this run, whoever made it.
    private func modelMade(as prompt: PromptDraft) async throws(RequestFailure) -> MLflowAnswer.Model? {
        guard let model = try await api.model(prompt.name), model.isPrompt,
            model.latestVersions?.isEmpty ?? true, let made = try? model.prompt(),
            made.tags == prompt.tags, made.description ?? "" == prompt.description ?? ""
        else { return nil }
        return MLflowAnswer.Model(registeredModel: model)
    }

    /// What is told when a name is taken already.
    private func conflict(_ failure: RequestFailure, over name: String) async -> RegistryError {
        if let model = try? await api.model(name), !model.isPrompt {
            return RegisteredModelMessage.nameTaken(name)
        }
        var error = failure.error
        error.hint = error.hint ?? "something else made it meanwhile; run again"
        return error
    }

    private func addVersion(
        to name: String, _ version: VersionDraft
    ) async throws(RequestFailure) -> Int {
        var tags = version.tags
        version.content.put(into: &tags)
        let mark = marks.next()
        tags[RunMark.tag] = mark
        let fields = MLflowAPI.Fields(
            name: name, source: "dummy-source", description: version.description, tags: TagMessage.list(tags))
        let made = try await api.writeOnce(
            "model-versions/create", fields, as: MLflowAnswer.Version.self
        ) { () async throws(RequestFailure) in
            let filter =
                "name = '\(name)' AND tag.`\(ReservedTag.isPrompt)` = 'true' AND tag.`\(RunMark.tag)` = '\(mark)'"
            let found = try await self.api.versions(filter, limit: 1).modelVersions?.first
            return found.map { MLflowAnswer.Version(modelVersion: $0) }
        }
        return made.modelVersion.version.value
    }

    /// Takes a prompt away whose first version was refused, unless somebody else gave it one.
    private func takeBack(_ name: String) async {
        guard let model = try? await api.model(name), model.isPrompt, model.latestVersions?.isEmpty ?? true,
            (try? await api.write(.delete, "registered-models/delete", .init(name: name))) != nil
        else { return }
        prompts.withLock { _ = $0.remove(name) }
    }

    private func requirePrompt(_ name: String) async throws(RequestFailure) {
        if prompts.withLock({ $0.contains(name) }) { return }
        try await MLflowReader(api: api).requirePrompt(name)
        prompts.withLock { _ = $0.insert(name) }
    }

    // MARK: - What changes in place

    package func update(_ name: String, _ changes: MetadataChanges) async throws(RegistryError) {
        try MLflowRules.check(name: name)
        try MLflowRules.check(tags: changes.promptTags, reserved: [ReservedTag.isPrompt])
        try MLflowRules.check(tags: changes.versionTags, reserved: ReservedTag.content)
        if changes.isEmpty { return }
        do throws(RequestFailure) {
            try await requirePrompt(name)
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
        } catch {
            throw error.error
        }
    }

    private func set(
        _ key: String, to value: String?, in resource: String, _ fields: MLflowAPI.Fields
    ) async throws(RequestFailure) {
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
        do throws(RequestFailure) {
            _ = try await api.writeOnce(
                "registered-models/alias", fields, as: Acknowledgement.self
            ) { () async throws(RequestFailure) in
                let current = try await self.api.version(ofAlias: alias, of: name)
                return current == version ? Acknowledgement() : nil
            }
        } catch {
            throw error.error
        }
    }

    package func deleteAlias(_ alias: String, of name: String) async throws(RegistryError) {
        try MLflowRules.check(name: name)
        try MLflowRules.check(alias: alias)
        do throws(RequestFailure) {
            try await api.write(.delete, "registered-models/alias", .init(name: name, alias: alias))
        } catch {
            throw error.error
        }
    }
}
