package import FoundationEssentials

/// A registry of prompts: named sequences of versions that never change, and aliases that move.
///
/// Every call may be made from several tasks at once, for different prompts. Every call may throw `RegistryError`.
package protocol PromptRegistry: Sendable {
    /// The address, as `--registry` takes it; it contains no secret.
    var address: String { get }

    /// The workspace that credentials or the environment choose; nil where the address says everything.
    var workspace: String? { get }

    /// How many requests were sent over a network so far; 0 for a registry on disk.
    var requestCount: Int { get }

    /// The most characters that a tag of a prompt can have.
    var longestTag: Int { get }

    /// How many prompts are best observed with one call, to bound the memory that they take.
    var observedAtOnce: Int { get }

    /// The address of the page that shows a prompt in a browser; nil where there is none.
    ///
    /// - Parameters:
    ///   - name: The prompt's full name.
    ///   - version: The version that the page shows; nil: the newest.
    ///   - experiment: An experiment that shows the prompt, for registries whose pages belong to experiments.
    /// - Returns: The address.
    func page(of name: String, version: Int?, experiment: String?) -> String?

    /// Reads prompts.
    ///
    /// - Parameter names: Full names, each once.
    /// - Returns: The prompts that exist, by name.
    /// - Throws: `RegistryError`, with `.nameTaken` where a name belongs to a model that is not a prompt.
    func observe(_ names: [String]) async throws(RegistryError) -> [String: ObservedPrompt]

    /// Reads the aliases and the journals of a few prompts again, right before they are changed.
    ///
    /// - Parameter names: Full names, each once.
    /// - Returns: The prompts that exist, by name; what else they have may be missing.
    /// - Throws: `RegistryError` when they cannot be read.
    func reread(_ names: [String]) async throws(RegistryError) -> [String: ObservedPrompt]

    /// Whether so many prompts are reread with one request, or none, so that it costs little to look again.
    func rereadsTogether(_ count: Int) -> Bool

    /// Reads the prompts that match a query page by page, where the registry's lists have all of a prompt.
    ///
    /// - Parameters:
    ///   - query: The conditions.
    ///   - take: Called with the prompts of each page.
    /// - Returns: Whether they were read; false where lists omit something, so that prompts are observed by name.
    /// - Throws: `RegistryError`, after some pages were read.
    func observe(
        matching query: PromptQuery, _ take: ([ObservedPrompt]) -> Void
    ) async throws(RegistryError) -> Bool

    /// Finds prompts.
    ///
    /// - Parameter query: The conditions.
    /// - Returns: The full names, sorted. A catalog or schema that does not exist may have none, or be an error.
    /// - Throws: `RegistryError`, with `.invalidValue` where the registry can list only schemas, and none is given.
    func names(matching query: PromptQuery) async throws(RegistryError) -> [String]

    /// Reads the versions of a prompt that were not deleted.
    ///
    /// - Parameter name: The prompt's full name.
    /// - Returns: The versions, newest first.
    /// - Throws: `RegistryError`, with `.notFound` where there is no such prompt and `.nameTaken` where the name
    ///   belongs to a model that is not a prompt.
    func versions(of name: String) async throws(RegistryError) -> [PromptVersion]

    /// Reads one version of a prompt.
    ///
    /// - Parameters:
    ///   - number: The version number.
    ///   - name: The prompt's full name.
    /// - Returns: The version.
    /// - Throws: `RegistryError`, with `.notFound` where there is no such prompt or version.
    func version(_ number: Int, of name: String) async throws(RegistryError) -> PromptVersion

    /// Checks, without reading the registry, that it would accept a prompt.
    ///
    /// - Parameters:
    ///   - prompt: The prompt.
    ///   - version: The version to register.
    /// - Throws: `RegistryError` with `.invalidValue`.
    func check(_ prompt: PromptDraft, _ version: VersionDraft) throws(RegistryError)

    /// Reviews everything that is about to be written, where that may depend on the server.
    ///
    /// - Parameters:
    ///   - writes: The writes, one a prompt.
    ///   - isPreview: Whether nothing will be written, so that nothing else would tell what the first write tells.
    /// - Returns: What the registry cannot hold, or does not show.
    /// - Throws: `RegistryError` when nothing can be written to it.
    func review(_ writes: [PendingWrite], isPreview: Bool) async throws(RegistryError) -> WriteReview

    /// Whether `beginRun` keeps other runs out, so that none meets another half way.
    var keepsRunsApart: Bool { get }

    /// Keeps other promptreg runs from writing until `endRun()`, where the registry can do so.
    ///
    /// - Parameter onWait: Called once when another run has to be waited for.
    /// - Throws: `RegistryError` when the registry cannot be used. A read-only registry may throw only at the first
    ///   write, so that a run that changes nothing succeeds.
    func beginRun(onWait: @Sendable () -> Void) async throws(RegistryError)

    /// Creates a prompt with its first version. If something else creates the prompt first, the version is added to
    /// that one, so that it need not be the first.
    ///
    /// - Parameters:
    ///   - prompt: The prompt.
    ///   - version: The version.
    ///   - check: Called with the prompt that something else created, before anything is written to it. What it throws
    ///     is thrown.
    /// - Returns: The version.
    /// - Throws: `RegistryError`; no version was created then, unless the error says that this is unknown. The prompt
    ///   may exist, without versions.
    func createPrompt(
        _ prompt: PromptDraft, firstVersion version: VersionDraft,
        ifTaken check: @Sendable (ObservedPrompt) async throws(RegistryError) -> Void
    ) async throws(RegistryError) -> CreatedVersion

    /// Adds a version to an existing prompt.
    ///
    /// - Parameters:
    ///   - name: The prompt's full name.
    ///   - version: The version.
    /// - Returns: The version.
    /// - Throws: `RegistryError`; nothing was created then, unless the error says that this is unknown.
    func createVersion(of name: String, _ version: VersionDraft) async throws(RegistryError) -> CreatedVersion

    /// Deletes a version, if it exists. Its number is not used again; aliases that point to it may be deleted with it.
    func deleteVersion(_ number: Int, of name: String) async throws(RegistryError)

    /// Changes a prompt's description and tags, and a version's tags, in place.
    func update(_ name: String, _ changes: MetadataChanges) async throws(RegistryError)

    /// Sets or removes a prompt's tag that other clients write too.
    ///
    /// As for `moveAlias`, an attempt whose answer was lost is repeated only while nothing else changed the tag.
    func replaceTag(
        _ key: String, of name: String, from previous: String?, to value: String?
    ) async throws(RegistryError)

    /// Points an alias to an existing version, or removes it.
    ///
    /// No server compares before it sets. But an attempt whose answer was lost is repeated only while the alias is where
    /// it was, so that no later move of another client is undone.
    ///
    /// - Parameters:
    ///   - alias: The alias.
    ///   - name: The prompt's full name.
    ///   - previous: The version that it was last seen at; nil where there was no such alias.
    ///   - version: The version that it is to point to; nil removes it.
    /// - Returns: Whether an earlier attempt, whose answer was lost, may still take effect.
    /// - Throws: `RegistryError`; the alias did not move then, unless the error says that this is unknown.
    @discardableResult
    func moveAlias(
        _ alias: String, of name: String, from previous: Int?, to version: Int?
    ) async throws(RegistryError) -> Bool

    /// Whether something has written an alias since a time.
    ///
    /// - Parameters:
    ///   - alias: The alias, whether or not it exists.
    ///   - name: The prompt's full name.
    ///   - time: The time.
    /// - Returns: Whether something has; nil where the registry does not tell.
    func hasWritten(_ alias: String, of name: String, since time: Date) async -> Bool?

    /// Makes what was written so far durable.
    func synchronize() async throws(RegistryError)

    /// Makes everything that was written durable, and lets other runs write.
    func endRun() async throws(RegistryError)
}

extension PromptRegistry {
    package var workspace: String? { nil }

    // The size of the column in MLflow's database (`registered_model_tags.value`).
    package var longestTag: Int { 5000 }

    package var observedAtOnce: Int { 1000 }

    package func observe(
        matching query: PromptQuery, _ take: ([ObservedPrompt]) -> Void
    ) async throws(RegistryError) -> Bool { false }

    package func page(of name: String, version: Int?, experiment: String?) -> String? { nil }

    /// Creates a prompt with its first version, or adds it to the prompt that something else creates first.
    package func createPrompt(
        _ prompt: PromptDraft, firstVersion version: VersionDraft
    ) async throws(RegistryError) -> CreatedVersion {
        try await createPrompt(prompt, firstVersion: version) { _ throws(RegistryError) in }
    }

    package func reread(_ names: [String]) async throws(RegistryError) -> [String: ObservedPrompt] {
        try await observe(names)
    }

    /// Reads the aliases and the journal of an existing prompt again, right before it is changed.
    package func reread(_ name: String) async throws(RegistryError) -> ObservedPrompt {
        guard let prompt = try await reread([name])[name] else { throw .notFound(prompt: name) }
        return prompt
    }

    package func rereadsTogether(_ count: Int) -> Bool { true }

    package func replaceTag(
        _ key: String, of name: String, from previous: String?, to value: String?
    ) async throws(RegistryError) {
        try await update(name, MetadataChanges(promptTags: [key: value]))
    }

    package func review(
        _ writes: [PendingWrite], isPreview: Bool
    ) async throws(RegistryError) -> WriteReview { WriteReview() }

    package var keepsRunsApart: Bool { false }

    package func hasWritten(_ alias: String, of name: String, since time: Date) async -> Bool? { nil }

    // A server has no lock to take, and keeps what it has acknowledged.
    package func beginRun(onWait: @Sendable () -> Void) async throws(RegistryError) {}

    package func synchronize() async throws(RegistryError) {}

    package func endRun() async throws(RegistryError) {}
}

/// A prompt to be created, apart from its versions.
package struct PromptDraft: Hashable, Sendable, Codable {
    /// The full name.
    package var name: String
    /// The prompt's own description.
    package var description: String?
    /// The prompt's own tags, without the one that marks it as a prompt.
    package var tags: [String: String]

    /// A prompt.
    package init(name: String, description: String? = nil, tags: [String: String] = [:]) {
        self.name = name
        self.description = description
        self.tags = tags
    }
}

/// A version that was registered.
package struct CreatedVersion: Hashable, Sendable {
    /// The number that the registry gave it.
    package var number: Int
    /// Whether it may have been registered more than once, or still may be, as the answer to an attempt was lost.
    package var mayBeRepeated: Bool

    /// A version.
    package init(number: Int, mayBeRepeated: Bool = false) {
        self.number = number
        self.mayBeRepeated = mayBeRepeated
    }
}
