package import Prompts
import Synchronization

/// A registry in a folder, laid out as MLflow's file store: MLflow opens what this writes, and the reverse.
///
/// All that a run adds is made in a staging folder and renamed into place, so that a run that dies at any moment
/// leaves a registry that is whole.
package final class FileRegistry: PromptRegistry {
    private let layout: RegistryLayout
    private let fileSystem: FileSystem
    private let run = Mutex<Run?>(nil)

    /// A registry, which need not exist yet.
    ///
    /// - Parameter path: The absolute path of its folder.
    package convenience init(path: String) {
        self.init(path: path, fileSystem: FileSystem())
    }

    init(path: String, fileSystem: FileSystem) {
        layout = RegistryLayout(root: path)
        self.fileSystem = fileSystem
    }

    package var address: String { "file:" + layout.root }

    package var requestCount: Int { 0 }

    private var reader: RegistryReader { RegistryReader(layout: layout, fileSystem: fileSystem) }

    package func observe(_ names: [String]) async throws(RegistryError) -> [String: ObservedPrompt] {
        for name in names { try MLflowRules.check(name: name) }
        return try await reader.observe(names)
    }

    package func names(matching query: PromptQuery) async throws(RegistryError) -> [String] {
        try await reader.names(matching: query)
    }

    package func versions(of name: String) async throws(RegistryError) -> [PromptVersion] {
        try MLflowRules.check(name: name)
        return try await reader.versions(of: name)
    }

    package func version(_ number: Int, of name: String) async throws(RegistryError) -> PromptVersion {
        try MLflowRules.check(name: name)
        return try await reader.version(number, of: name)
    }

    package func check(_ prompt: PromptDraft, _ version: VersionDraft) throws(RegistryError) {
        try MLflowRules.check(prompt)
        try TagFiles.check(prompt.tags)
        try Self.check(version)
    }

    package func beginRun(onWait: @Sendable () -> Void) async throws(RegistryError) {
        guard run.withLock({ $0 == nil }) else { throw RegistryError(.failed, "a run has begun already") }
        let begun = try await Run(beginningIn: layout, fileSystem: fileSystem, onWait: onWait)
        run.withLock { $0 = begun }
    }

    package func createPrompt(
        _ prompt: PromptDraft, firstVersion version: VersionDraft
    ) async throws(RegistryError) -> Int {
        try check(prompt, version)
        let run = try writing()
        let staged = run.staging.newPath()
        do throws(RegistryError) {
            let drafts = DraftFolders(fileSystem: fileSystem, now: currentMilliseconds())
            try drafts.write(prompt, firstVersion: version, to: staged)
            guard try fileSystem.place(staged, at: layout.model(prompt.name)) else {
                throw RegistryError(
                    .conflict, "'\(prompt.name)' exists already",
                    hint: "something else made it meanwhile; run again")
            }
        } catch {
            run.staging.discard(staged)
            throw error
        }
        run.staging.recordCreation(of: prompt.name)
        run.background.countVersion()
        return 1
    }

    package func createVersion(
        of name: String, _ version: VersionDraft
    ) async throws(RegistryError) -> Int {
        try Self.check(version)
        let number = try write(name) { writer throws(RegistryError) in try writer.createVersion(version) }
        try writing().background.countVersion()
        return number
    }

    package func update(_ name: String, _ changes: MetadataChanges) async throws(RegistryError) {
        try MLflowRules.check(tags: changes.promptTags, reserved: [ReservedTag.isPrompt])
        try MLflowRules.check(tags: changes.versionTags, reserved: ReservedTag.content)
        try TagFiles.check(changes.promptTags)
        try TagFiles.check(changes.versionTags)
        if changes.isEmpty { return }
        try write(name) { writer throws(RegistryError) in try writer.update(changes) }
    }

    package func setAlias(
        _ alias: String, of name: String, to version: Int
    ) async throws(RegistryError) {
        try MLflowRules.check(alias: alias)
        try write(name) { writer throws(RegistryError) in try writer.setAlias(alias, to: version) }
    }

    package func deleteAlias(_ alias: String, of name: String) async throws(RegistryError) {
        try MLflowRules.check(alias: alias)
        try write(name) { writer throws(RegistryError) in try writer.deleteAlias(alias) }
    }

    package func synchronize() async throws(RegistryError) {
        guard case .writing(let run)? = run.withLock({ $0 }) else { return }
        try synchronize(run)
    }

    package func endRun() async throws(RegistryError) {
        let ended = run.withLock { run in
            defer { run = nil }
            return run
        }
        // The lock goes with the run, whatever fails here.
        guard case .writing(let ended)? = ended else { return }
        let failure = await finish(ended)
        try synchronize(ended)
        if let failure { throw failure }
    }

    /// Does what is left for the end of a run. What fails is left for the next run, which tries it again.
    ///
    /// - Returns: What failed, as far as this run is to tell of it.
    private func finish(_ run: WritingRun) async -> RegistryError? {
        let (names, staging) = (run.staging.unfinished, run.staging)
        let failures = await withTaskGroup(of: [String: RegistryError].self) { group in
            for part in names.partsForProcessors {
                group.addTask { self.refreshMeta(of: part, staging) }
            }
            var failures: [String: RegistryError] = [:]
            for await part in group { failures.merge(part) { failure, _ in failure } }
            return failures
        }
        if failures.count < names.count { run.hasUnsynchronized.store(true, ordering: .releasing) }
        let news = failures.filter { staging.isNews($0.key) }.min { $0.key < $1.key }
        do throws(RegistryError) {
            try staging.end(unfinished: Set(failures.keys))
            return news?.value
        } catch {
            return news?.value ?? error
        }
    }

    /// - Returns: What failed, by the prompts' names.
    private func refreshMeta(of names: ArraySlice<String>, _ staging: Staging) -> [String: RegistryError] {
        var failures: [String: RegistryError] = [:]
        for name in names {
            let writer = ModelWriter(name, layout: layout, fileSystem: fileSystem, staging: staging)
            do throws(RegistryError) {
                try writer.refreshMeta()
            } catch {
                if !error.isOfSpoiltPrompt { failures[name] = error }
            }
        }
        return failures
    }

    private func synchronize(_ run: WritingRun) throws(RegistryError) {
        guard run.hasUnsynchronized.exchange(false, ordering: .acquiringAndReleasing) else { return }
        do {
            // The lock's file was open before the first write, so that this reports what failed since then.
            try fileSystem.synchronize(run.lock.descriptor, layout.root)
            for path in run.staging.foldersElsewhere {
                if let folder = try fileSystem.folder(path) {
                    try fileSystem.synchronize(folder.descriptor, path)
                }
            }
        } catch {
            run.hasUnsynchronized.store(true, ordering: .releasing)
            throw error
        }
    }

    /// Changes a prompt that exists.
    private func write<Value>(
        _ name: String, _ body: (ModelWriter) throws(RegistryError) -> Value
    ) throws(RegistryError) -> Value {
        try MLflowRules.check(name: name)
        let staging = try writing().staging
        do {
            return try body(ModelWriter(name, layout: layout, fileSystem: fileSystem, staging: staging))
        } catch {
            staging.recordFailure(of: name)
            throw error
        }
    }

    /// The run, which is about to write something.
    private func writing() throws(RegistryError) -> WritingRun {
        switch run.withLock({ $0 }) {
        case .writing(let run)?:
            run.hasUnsynchronized.store(true, ordering: .releasing)
            return run
        case .reading(let run)?: throw run.denial
        case nil: throw RegistryError(.failed, "no run has begun")
        }
    }

    private static func check(_ version: VersionDraft) throws(RegistryError) {
        try MLflowRules.check(version)
        try TagFiles.check(version.tags)
    }
}
