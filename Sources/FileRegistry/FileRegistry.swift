package import Prompts
import Support
import Synchronization

/// A registry in a folder, in the layout of MLflow's file store: each opens what the other wrote.
///
/// Everything is written to a staging folder first and renamed into place, so that the registry stays consistent
/// whenever a run dies.
package final class FileRegistry: PromptRegistry {
    let layout: RegistryLayout
    let fileSystem: FileSystem
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

    package var address: String { RegistryAddress.file(path: layout.root).description }

    package var requestCount: Int { 0 }

    package var keepsRunsApart: Bool { true }

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
        _ prompt: PromptDraft, firstVersion version: VersionDraft,
        ifTaken check: @Sendable (ObservedPrompt) async throws(RegistryError) -> Void
    ) async throws(RegistryError) -> CreatedVersion {
        try self.check(prompt, version)
        let (run, staging) = try writing()
        let staged = staging.newName()
        do throws(RegistryError) {
            let drafts = DraftFolders(fileSystem: fileSystem, now: currentMilliseconds())
            try drafts.write(prompt, firstVersion: version, to: staged, in: staging.folder)
            let isPlaced = try fileSystem.place(
                staged, from: staging.folder, at: prompt.name, in: staging.models)
            guard isPlaced else {
                // MLflow, which does not take the lock, created it meanwhile.
                staging.discard(staged, in: staging.folder)
                guard let existing = try await observe([prompt.name])[prompt.name] else {
                    let isLink = fileSystem.isDangling(prompt.name, in: staging.models)
                    throw RegistryError(
                        .conflict, "'\(prompt.name)' exists already",
                        hint: isLink
                            ? "a symbolic link in the registry has that name: remove it, and run again"
                            : "another process created it in the meantime; run again")
                }
                try await check(existing)
                try await update(prompt.name, MetadataChanges(from: existing, to: prompt))
                return try await createVersion(of: prompt.name, version)
            }
        } catch {
            staging.discard(staged, in: staging.folder)
            throw error
        }
        staging.recordCreation(of: prompt.name)
        run.countVersion()
        return CreatedVersion(number: 1)
    }

    package func createVersion(
        of name: String, _ version: VersionDraft
    ) async throws(RegistryError) -> CreatedVersion {
        try Self.check(version)
        let number = try write(name) { writer throws(RegistryError) in try writer.createVersion(version) }
        try writing().run.countVersion()
        return CreatedVersion(number: number)
    }

    package func deleteVersion(_ number: Int, of name: String) async throws(RegistryError) {
        try write(name) { writer throws(RegistryError) in try writer.deleteVersion(number) }
    }

    package func update(_ name: String, _ changes: MetadataChanges) async throws(RegistryError) {
        try MLflowRules.check(tags: changes.promptTags, reserved: [ReservedTag.isPrompt])
        try MLflowRules.check(tags: changes.versionTags, reserved: ReservedTag.content)
        try TagFiles.check(changes.promptTags)
        try TagFiles.check(changes.versionTags)
        if changes.isEmpty { return }
        try write(name) { writer throws(RegistryError) in try writer.update(changes) }
    }

    @discardableResult
    package func moveAlias(
        _ alias: String, of name: String, from previous: Int?, to version: Int?
    ) async throws(RegistryError) -> Bool {
        try MLflowRules.check(alias: alias)
        try write(name) { writer throws(RegistryError) in
            if let version {
                try writer.setAlias(alias, to: version)
            } else {
                try writer.deleteAlias(alias)
            }
        }
        return false
    }

    package func synchronize() async throws(RegistryError) {
        try run.withLock { $0 }?.synchronize()
    }

    package func endRun() async throws(RegistryError) {
        let ended = run.withLock { run in
            defer { run = nil }
            return run
        }
        // The lock is released with the run, whatever fails here.
        guard let ended, case .success(let staging) = ended.staging else { return }
        let failure = await finish(ended, staging)
        try ended.synchronize()
        if let failure { throw failure }
    }

    /// Does what is left for the end of a run. What fails is left for the next run.
    ///
    /// - Returns: The failure to report, if any.
    private func finish(_ run: Run, _ staging: Staging) async -> RegistryError? {
        let parts = staging.unfinished.partsForProcessors
        let results = await concurrentMap(parts, limit: parts.count) { part in
            part.compactMap { name in self.refreshMeta(of: name, staging).map { (name, $0) } }
        }
        let failures = results.flatMap(\.self)
        if failures.count < parts.reduce(0, { $0 + $1.count }) {
            run.hasUnsynchronized.store(true, ordering: .releasing)
        }
        let failure = failures.filter { staging.isToBeReported($0.0) }.min { $0.0 < $1.0 }?.1
        do throws(RegistryError) {
            try staging.end(unfinished: Set(failures.map(\.0)))
            return failure
        } catch {
            return failure ?? error
        }
    }

    private func refreshMeta(of name: String, _ staging: Staging) -> RegistryError? {
        do throws(RegistryError) {
            try ModelWriter(name, fileSystem: fileSystem, staging: staging).refreshMeta()
            return nil
        } catch {
            return error.isAboutDamagedPrompt ? nil : error
        }
    }

    /// Changes a prompt that exists.
    private func write<Value>(
        _ name: String, _ body: (ModelWriter) throws(RegistryError) -> Value
    ) throws(RegistryError) -> Value {
        try MLflowRules.check(name: name)
        let staging = try writing().staging
        do {
            return try body(ModelWriter(name, fileSystem: fileSystem, staging: staging))
        } catch {
            staging.recordFailure(of: name)
            throw error
        }
    }

    /// The run, which is about to write something.
    private func writing() throws(RegistryError) -> (run: Run, staging: Staging) {
        guard let run = run.withLock({ $0 }) else { throw RegistryError(.failed, "no run has begun") }
        let staging = try run.staging.get()
        run.hasUnsynchronized.store(true, ordering: .releasing)
        return (run, staging)
    }

    private static func check(_ version: VersionDraft) throws(RegistryError) {
        try MLflowRules.check(version)
        try TagFiles.check(version.tags)
    }
}
