package import Prompts
import Synchronization

/// A registry in memory, every call of which can be made to fail.
package final class InMemoryRegistry: PromptRegistry {
    /// A call, as a test names it.
    package enum Call: Hashable, Sendable, CustomStringConvertible {
        case observe
        case list
        case names
        case versions(String)
        case version(Int, String)
        case check(String)
        case beginRun
        case createPrompt(String)
        case createVersion(String)
        case deleteVersion(String, Int)
        case update(String)
        case setAlias(String, String, Int)
        case deleteAlias(String, String)
        case synchronize
        case endRun

        /// Whether it changes what the registry holds.
        package var isWrite: Bool {
            switch self {
            case .createPrompt, .createVersion, .deleteVersion, .update, .setAlias, .deleteAlias: true
            case .observe, .list, .names, .versions, .version, .check, .beginRun, .synchronize, .endRun: false
            }
        }

        package var description: String {
            switch self {
            case .observe: "observe"
            case .list: "list"
            case .names: "names"
            case .versions(let name): "versions \(name)"
            case .version(let number, let name): "version \(name)/\(number)"
            case .check(let name): "check \(name)"
            case .beginRun: "beginRun"
            case .createPrompt(let name): "createPrompt \(name)"
            case .createVersion(let name): "createVersion \(name)"
            case .deleteVersion(let name, let number): "deleteVersion \(name)/\(number)"
            case .update(let name): "update \(name)"
            case .setAlias(let alias, let name, let version): "setAlias \(name)@\(alias) \(version)"
            case .deleteAlias(let alias, let name): "deleteAlias \(name)@\(alias)"
            case .synchronize: "synchronize"
            case .endRun: "endRun"
            }
        }
    }

    private struct State {
        var prompts: [String: ObservedPrompt] = [:]
        var versions: [String: [PromptVersion]] = [:]
        var calls: [Call] = []
        var failures: [Call: RegistryError] = [:]
        var lostAnswers: Set<Call> = []
        var ignored: Set<Call> = []
        /// What is answered of a prompt in place of what there is, and how many times.
        var past: [String: (prompt: ObservedPrompt, times: Int)] = [:]
        var hooks: [Call: @Sendable () -> Void] = [:]
        /// The prompts of which versions may be registered more than once.
        var uncertain: Set<String> = []
        /// How many versions each prompt has had.
        var numbers: [String: Int] = [:]
        /// The numbers that the registry says new versions have, whatever they have.
        var saidNumber: Int?
        var running = 0
        var mostRunning = 0

        mutating func set(_ key: String, to value: String?, at number: Int, of name: String) {
            guard let index = versions[name]?.firstIndex(where: { $0.number == number }) else { return }
            versions[name]?[index].tags[key] = value
        }
    }

    /// Changes a version in place, as MLflow's editor of model settings does.
    package func edit(_ number: Int, of name: String, _ change: (inout PromptVersion) -> Void) {
        state.withLock { state in
            guard let index = state.versions[name]?.firstIndex(where: { $0.number == number }) else { return }
            change(&state.versions[name, default: []][index])
            state.prompts[name]?.newest = state.versions[name]?.last
        }
    }

    /// Registers a version besides what the program does, as another client.
    @discardableResult
    package func register(_ draft: VersionDraft, of name: String) -> Int {
        state.withLock { state in
            let number = state.numbers[name, default: 0] + 1
            state.numbers[name] = number
            let version = PromptVersion(
                number: number, content: draft.content, description: draft.description, tags: draft.tags)
            state.versions[name, default: []].append(version)
            state.prompts[name]?.newest = version
            return number
        }
    }

    /// Registers the newest version of a prompt once more, as an attempt does that takes effect late.
    package func repeatNewest(of name: String, mark: String? = nil) {
        guard let newest = prompt(name)?.newest else { return }
        var draft = VersionDraft(content: newest.content, description: newest.description, tags: newest.tags)
        draft.tags[RunMark.tag] = mark ?? newest.tags[RunMark.tag]
        register(draft, of: name)
    }

    /// Says of every new version that it has a number, whatever it has.
    package func say(number: Int?) { state.withLock { $0.saidNumber = number } }

    /// Says of the versions of a prompt that they may be registered more than once.
    package func makeUncertain(_ name: String) { state.withLock { _ = $0.uncertain.insert(name) } }

    /// Moves an alias besides what the program does, as another client.
    package func place(_ alias: String, of name: String, at version: Int?) {
        state.withLock { $0.prompts[name]?.aliases[alias] = version }
    }

    /// Sets a prompt's tag besides what the program does, as another client.
    package func setTag(_ key: String, to value: String?, of name: String) {
        state.withLock { $0.prompts[name]?.tags[key] = value }
    }

    package let address = "memory:"
    package let requestCount = 0
    private let state = Mutex(State())
    private let marks = RunMark()

    package let observedAtOnce: Int

    /// How many prompts a page of a list has; nil where lists omit something.
    private let pageSize: Int?

    /// A registry without prompts, of which so many are best observed with one call.
    package init(observedAtOnce: Int = 1000, pageSize: Int? = nil) {
        self.observedAtOnce = observedAtOnce
        self.pageSize = pageSize
    }

    package var calls: [Call] { state.withLock(\.calls) }
    package var writes: [Call] { calls.filter(\.isWrite) }
    package var mostRunning: Int { state.withLock(\.mostRunning) }

    package func prompt(_ name: String) -> ObservedPrompt? { state.withLock { $0.prompts[name] } }

    /// A prompt's versions, without the key and the mark that each registration has.
    package func stored(_ name: String) -> [PromptVersion] {
        state.withLock(\.versions)[name, default: []].map { version in
            var version = version
            version.tags[VersionKey.tag] = nil
            version.tags[RunMark.tag] = nil
            return version
        }
    }

    package func aliases(of name: String) -> [String: Int] { prompt(name)?.aliases ?? [:] }
    package func add(_ prompt: ObservedPrompt) { state.withLock { $0.prompts[prompt.name] = prompt } }
    package func clearCalls() { state.withLock { $0.calls = [] } }

    package func page(of name: String, version: Int?, experiment: String?) -> String? {
        "https://host/\(experiment ?? "all")/\(name)/\(version ?? 0)"
    }

    /// Makes every such call fail from now on.
    package func fail(_ call: Call, _ code: RegistryError.Code = .failed) {
        state.withLock { $0.failures[call] = RegistryError(code, "\(call) was made to fail") }
    }

    /// Lets every such call take effect from now on, and fail as if nobody could know.
    package func loseAnswer(of call: Call) { state.withLock { _ = $0.lostAnswers.insert(call) } }

    /// Says of every such call from now on that it took effect, though it does not.
    package func ignore(_ call: Call) { state.withLock { _ = $0.ignored.insert(call) } }

    /// Tells of a prompt what there is now, whatever changes, for so many reads.
    package func freeze(_ name: String, times: Int) {
        state.withLock { state in state.past[name] = state.prompts[name].map { ($0, times) } }
    }

    /// Lets calls succeed again.
    package func heal() {
        state.withLock { state in
            state.failures = [:]
            state.lostAnswers = []
        }
    }

    private func answer(_ call: Call) throws(RegistryError) {
        guard state.withLock({ $0.lostAnswers.contains(call) }) else { return }
        var error = RegistryError(.unreachable, "the answer of \(call) was lost")
        error.outcomeIsUnknown = true
        throw error
    }

    /// Does something when a call is made, before it takes effect.
    package func when(_ call: Call, _ hook: @escaping @Sendable () -> Void) {
        state.withLock { $0.hooks[call] = hook }
    }

    private func record(_ call: Call) throws(RegistryError) {
        let hook = state.withLock { state in
            state.calls.append(call)
            return state.hooks[call]
        }
        hook?()
        if let failure = state.withLock({ $0.failures[call] }) { throw failure }
    }

    package func observe(_ names: [String]) async throws(RegistryError) -> [String: ObservedPrompt] {
        try record(.observe)
        return state.withLock { state in
            var found = state.prompts.filter { names.contains($0.key) }
            for name in names {
                guard let past = state.past[name], past.times > 0 else { continue }
                state.past[name]?.times -= 1
                found[name] = past.prompt
            }
            return found
        }
    }

    package func observe(
        matching query: PromptQuery, _ take: ([ObservedPrompt]) -> Void
    ) async throws(RegistryError) -> Bool {
        guard let pageSize else { return false }
        let found = matching(query)
        for start in stride(from: 0, to: found.count, by: pageSize) {
            take(Array(found[start...].prefix(pageSize)))
            // A failure comes after the first page.
            try record(.list)
        }
        return true
    }

    package func names(matching query: PromptQuery) async throws(RegistryError) -> [String] {
        try record(.names)
        return matching(query).map(\.name)
    }

    private func matching(_ query: PromptQuery) -> [ObservedPrompt] {
        state.withLock { state in
            state.prompts.values.filter { prompt in
                query.matches(name: prompt.name)
                    && (query.tag.map { prompt.tags[$0.key] == $0.value } ?? true)
            }.sorted { $0.name < $1.name }
        }
    }

    package func versions(of name: String) async throws(RegistryError) -> [PromptVersion] {
        try record(.versions(name))
        guard prompt(name) != nil else { throw RegistryError(.notFound, "no prompt \(name)") }
        return state.withLock { $0.versions[name] ?? [] }.reversed()
    }

    package func version(_ number: Int, of name: String) async throws(RegistryError) -> PromptVersion {
        try record(.version(number, name))
        guard let version = stored(name).first(where: { $0.number == number }) else {
            throw RegistryError(.notFound, "no version \(name)/\(number)")
        }
        return version
    }

    /// Refuses a tag whose key is `refused`, as some registry would.
    package func check(_ prompt: PromptDraft, _ version: VersionDraft) throws(RegistryError) {
        try record(.check(prompt.name))
        if version.tags["refused"] == nil { return }
        throw RegistryError(.invalidValue, "the tag key 'refused' cannot be used")
    }

    package func beginRun(onWait: @Sendable () -> Void) async throws(RegistryError) { try record(.beginRun) }

    package func createPrompt(
        _ prompt: PromptDraft, firstVersion version: VersionDraft,
        ifTaken check: @Sendable (ObservedPrompt) async throws(RegistryError) -> Void
    ) async throws(RegistryError) -> CreatedVersion {
        try record(.createPrompt(prompt.name))
        if let existing = self.prompt(prompt.name) {
            try await check(existing)
            change(prompt.name, MetadataChanges(from: existing, to: prompt))
        } else {
            add(ObservedPrompt(name: prompt.name, description: prompt.description, tags: prompt.tags))
        }
        return await add(version, to: prompt.name)
    }

    package func createVersion(of name: String, _ version: VersionDraft) async throws(RegistryError)
        -> CreatedVersion
    {
        try record(.createVersion(name))
        return await add(version, to: name)
    }

    package func deleteVersion(_ number: Int, of name: String) async throws(RegistryError) {
        try record(.deleteVersion(name, number))
        state.withLock { state in
            state.versions[name]?.removeAll { $0.number == number }
            state.prompts[name]?.newest = state.versions[name]?.last
        }
    }

    private func add(_ draft: VersionDraft, to name: String) async -> CreatedVersion {
        state.withLock { state in
            state.running += 1
            state.mostRunning = max(state.mostRunning, state.running)
        }
        for _ in 0..<5 { await Task.yield() }
        state.withLock { $0.running -= 1 }
        var draft = draft
        draft.tags[RunMark.tag] = marks.next()
        let number = register(draft, of: name)
        let said = state.withLock(\.saidNumber) ?? number
        return CreatedVersion(number: said, mayBeRepeated: state.withLock { $0.uncertain.contains(name) })
    }

    package func update(_ name: String, _ changes: MetadataChanges) async throws(RegistryError) {
        try record(.update(name))
        change(name, changes)
        try answer(.update(name))
    }

    private func change(_ name: String, _ changes: MetadataChanges) {
        state.withLock { state in
            if let description = changes.description { state.prompts[name]?.description = description }
            for (key, value) in changes.promptTags { state.prompts[name]?.tags[key] = value }
            guard let number = changes.version else { return }
            for (key, value) in changes.versionTags { state.set(key, to: value, at: number, of: name) }
            state.prompts[name]?.newest = state.versions[name]?.last
        }
    }

    @discardableResult
    package func moveAlias(
        _ alias: String, of name: String, from previous: Int?, to version: Int?
    ) async throws(RegistryError) -> Bool {
        let call = version.map { Call.setAlias(alias, name, $0) } ?? .deleteAlias(alias, name)
        try record(call)
        if !state.withLock({ $0.ignored.contains(call) }) { place(alias, of: name, at: version) }
        try answer(call)
        return state.withLock { $0.uncertain.contains(name) }
    }

    package func synchronize() async throws(RegistryError) { try record(.synchronize) }

    package func endRun() async throws(RegistryError) { try record(.endRun) }
}
