/// Where prompts live: versions that never change, under names, with aliases that move.
///
/// Every call is safe to make from several tasks at once, for different prompts.
package protocol PromptRegistry: Sendable {
    /// Where the registry is, as `--registry` takes it; it holds no secret.
    var address: String { get }

    /// The workspace behind the address, which credentials or the environment choose; nil where the address says all.
    var workspace: String? { get }

    /// How many requests have been sent over a network so far; 0 for a registry on disk.
    var requestCount: Int { get }

    /// How many characters a tag of a prompt may have.
    var longestTag: Int { get }

    /// How many prompts are best observed with one call, so that not all they hold need be in memory.
    var observedAtOnce: Int { get }

    /// The page that shows a prompt in the browser.
    ///
    /// - Parameters:
    ///   - name: The prompt's full name.
    ///   - version: The version that the page shows first; nil: the newest.
    ///   - experiment: An experiment that the prompt is tied to, for registries that show prompts there.
    /// - Returns: The page's address; nil where there is no such page.
    func page(of name: String, version: Int?, experiment: String?) -> String?

    /// Reads what the registry has of the named prompts, and changes nothing.
    ///
    /// - Parameter names: Full names, each once.
    /// - Returns: What there is, by name; a prompt that does not exist has no entry.
    /// - Throws: `RegistryError`, with `.nameTaken` where a name belongs to a model that is no prompt.
    func observe(_ names: [String]) async throws(RegistryError) -> [String: ObservedPrompt]

    /// Finds prompts, and changes nothing.
    ///
    /// - Parameter query: Which prompts.
    /// - Returns: The full names of those that match, sorted; none where there is no such catalog or schema and the
    ///   registry does not tell.
    /// - Throws: `RegistryError`; with `.invalidValue` where the registry lists by schema only, and none is named.
    func names(matching query: PromptQuery) async throws(RegistryError) -> [String]

    /// Reads all versions of a prompt.
    ///
    /// - Parameter name: The prompt's full name.
    /// - Returns: The versions that there are, newest first; deleted ones are not among them.
    /// - Throws: `RegistryError`, with `.notFound` where there is no such prompt and `.nameTaken` where the name
    ///   belongs to a model that is no prompt.
    func versions(of name: String) async throws(RegistryError) -> [PromptVersion]

    /// Reads one version of a prompt.
    ///
    /// - Parameters:
    ///   - number: The version's number.
    ///   - name: The prompt's full name.
    /// - Returns: The version.
    /// - Throws: `RegistryError`, with `.notFound` where there is no such prompt or version.
    func version(_ number: Int, of name: String) async throws(RegistryError) -> PromptVersion

    /// Says, before anything is written, what the registry would refuse of a prompt whatever it holds already.
    ///
    /// - Parameters:
    ///   - prompt: The prompt, with its name, description and tags.
    ///   - version: The version that is to be made of it.
    /// - Throws: `RegistryError` with `.invalidValue`.
    func check(_ prompt: PromptDraft, _ version: VersionDraft) throws(RegistryError)

    /// Keeps other promptreg runs from writing until `endRun()`, where the registry can do so.
    ///
    /// - Parameter onWait: Called once when another run has to be waited for.
    /// - Throws: `RegistryError` when the registry cannot be used. One that may be read only may say so at the first
    ///   write instead, so that a run with nothing to do is done.
    func beginRun(onWait: @Sendable () -> Void) async throws(RegistryError)

    /// Makes a prompt with its first version.
    ///
    /// - Parameters:
    ///   - prompt: The prompt's own name, description and tags.
    ///   - version: Its first version.
    /// - Returns: The number that the registry gave the version.
    /// - Throws: `RegistryError`; nothing is half made then, unless it says that it may have been done.
    func createPrompt(
        _ prompt: PromptDraft, firstVersion version: VersionDraft
    ) async throws(RegistryError) -> Int

    /// Adds a version to a prompt that exists.
    ///
    /// - Parameters:
    ///   - name: The prompt's full name.
    ///   - version: The version.
    /// - Returns: The number that the registry gave the version.
    /// - Throws: `RegistryError`; nothing is half made then, unless it says that it may have been done.
    func createVersion(of name: String, _ version: VersionDraft) async throws(RegistryError) -> Int

    /// Changes a prompt's description and tags, and a version's tags, in place.
    ///
    /// - Parameters:
    ///   - name: The prompt's full name.
    ///   - changes: What to change.
    /// - Throws: `RegistryError`.
    func update(_ name: String, _ changes: MetadataChanges) async throws(RegistryError)

    /// Points an alias at a version, wherever it pointed before.
    ///
    /// - Parameters:
    ///   - alias: The alias.
    ///   - name: The prompt's full name.
    ///   - version: The number of a version that exists.
    /// - Throws: `RegistryError`; the alias is where it was then, unless it says that it may have been done.
    func setAlias(_ alias: String, of name: String, to version: Int) async throws(RegistryError)

    /// Takes an alias away; it is no error when there is none.
    ///
    /// - Parameters:
    ///   - alias: The alias.
    ///   - name: The prompt's full name.
    /// - Throws: `RegistryError`.
    func deleteAlias(_ alias: String, of name: String) async throws(RegistryError)

    /// Returns once all that was written so far would outlast a loss of power.
    func synchronize() async throws(RegistryError)

    /// Makes all that was written durable, and lets other runs in again.
    func endRun() async throws(RegistryError)
}

extension PromptRegistry {
    package var workspace: String? { nil }

    // The narrowest column that MLflow's own database stores keep such tags in (`registered_model_tags.value`).
    package var longestTag: Int { 5000 }

    // Enough for many to be read at a time.
    package var observedAtOnce: Int { 1000 }

    package func page(of name: String, version: Int?, experiment: String?) -> String? { nil }

    // A server has no lock to take, and keeps what it has acknowledged.
    package func beginRun(onWait: @Sendable () -> Void) async throws(RegistryError) {}

    package func synchronize() async throws(RegistryError) {}

    package func endRun() async throws(RegistryError) {}
}

/// A prompt that is to be made: all but its versions.
package struct PromptDraft: Hashable, Sendable, Codable {
    /// The full name.
    package var name: String
    /// The prompt's own description.
    package var description: String?
    /// The prompt's own tags, without the one that marks it as a prompt.
    package var tags: [String: String]

    /// A draft.
    package init(name: String, description: String? = nil, tags: [String: String] = [:]) {
        self.name = name
        self.description = description
        self.tags = tags
    }
}

/// A version that is to be registered: all but its number.
package struct VersionDraft: Hashable, Sendable, Codable {
    /// What it says.
    package var content: PromptContent
    /// Its commit message.
    package var description: String?
    /// Its tags, without those that carry the content.
    package var tags: [String: String]

    /// A draft.
    package init(content: PromptContent, description: String? = nil, tags: [String: String] = [:]) {
        self.content = content
        self.description = description
        self.tags = tags
    }
}

/// Changes to what may change in place.
package struct MetadataChanges: Hashable, Sendable, Codable {
    /// The prompt's new description; nil leaves it.
    package var description: String?
    /// The prompt's own tags: a new value, or nil to take the tag away.
    package var promptTags: [String: String?]
    /// Which version `versionTags` are of; nil when there are none.
    package var version: Int?
    /// The version's tags: a new value, or nil to take the tag away.
    package var versionTags: [String: String?]

    /// Whether there is nothing to change.
    package var isEmpty: Bool { description == nil && promptTags.isEmpty && versionTags.isEmpty }

    /// A set of changes.
    package init(
        description: String? = nil, promptTags: [String: String?] = [:], version: Int? = nil,
        versionTags: [String: String?] = [:]
    ) {
        self.description = description
        self.promptTags = promptTags
        self.version = version
        self.versionTags = versionTags
    }
}
