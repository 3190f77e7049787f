package import FoundationEssentials
import Glibc
package import Prompts
import Support

extension FileRegistry {
    package func observe(_ names: [String]) async throws(RegistryError) -> [String: ObservedPrompt] {
        for name in names { try MLflowRules.check(name: name) }
        guard try hasModels() else { return [:] }
        let observed = try await inParts(names) { part throws(RegistryError) in try await self.read(part) }
        return Dictionary(observed.map { ($0.name, $0) }) { _, last in last }
    }

    package func reread(_ names: [String]) async throws(RegistryError) -> [String: ObservedPrompt] {
        var prompts: [String: ObservedPrompt] = [:]
        guard let models = try fileSystem.folder(layout.models) else { return [:] }
        var reader = ModelReader(fileSystem: fileSystem)
        for name in names {
            prompts[name] = try await readAgainIfTorn { () throws(RegistryError) in
                try reader.aliasesAndJournal(of: name, in: models)
            }
        }
        return prompts
    }

    package func hasWritten(_ alias: String, of name: String, since time: Date) async -> Bool? {
        guard let models = try? fileSystem.folder(layout.models),
            let model = try? fileSystem.folder(name, in: models)
        else { return nil }
        let folder = RegistryLayout.aliasesFolder
        // Whoever removes a file changes its folder.
        let changed =
            fileSystem.changeTime(of: folder + "/" + alias, in: model)
            ?? fileSystem.changeTime(of: folder, in: model)
        return changed.map { $0 > time.timeIntervalSince1970 - Self.longestTick } ?? false
    }

    /// By how much the time of a file may be behind, in seconds: that clock goes in steps.
    private static let longestTick = 0.01

    package func versions(of name: String) async throws(RegistryError) -> [PromptVersion] {
        try MLflowRules.check(name: name)
        return try await readAgainIfTorn { () throws(RegistryError) in
            let model = try openModel(of: name)
            var reader = ModelReader(fileSystem: fileSystem)
            return try reader.versions(of: name, in: model)
        }
    }

    package func version(_ number: Int, of name: String) async throws(RegistryError) -> PromptVersion {
        try MLflowRules.check(name: name)
        return try await readAgainIfTorn { () throws(RegistryError) in
            let model = try openModel(of: name)
            var reader = ModelReader(fileSystem: fileSystem)
            guard let version = try reader.version(number, of: name, in: model) else {
                throw RegistryError.notFound(version: number, of: name)
            }
            return version
        }
    }

    private func read(_ names: ArraySlice<String>) async throws(RegistryError) -> [ObservedPrompt] {
        guard let models = try fileSystem.folder(layout.models) else { return [] }
        var reader = ModelReader(fileSystem: fileSystem)
        var prompts: [ObservedPrompt] = []
        prompts.reserveCapacity(names.count)
        for name in names {
            try RegistryError.checkCancellation()
            do throws(RegistryError) {
                let prompt = try await readAgainIfTorn { () throws(RegistryError) in
                    try reader.prompt(name, in: models)
                }
                if let prompt { prompts.append(prompt) }
            } catch {
                throw error.about(name)
            }
        }
        return prompts
    }

    /// Whether there is a folder of models.
    func hasModels() throws(RegistryError) -> Bool {
        try RegistryRoot(layout: layout, fileSystem: fileSystem).state() == .ready
    }

    /// Opens the folder of an existing prompt.
    private func openModel(of name: String) throws(RegistryError) -> Folder {
        guard try hasModels(), let model = try fileSystem.folder(layout.model(name)) else {
            throw RegistryError.notFound(prompt: name)
        }
        return model
    }

    /// Reads the parts of a list at the same time, and throws the error of the first part that failed.
    func inParts<Value: Sendable>(
        _ names: [String],
        _ read: @escaping @Sendable (ArraySlice<String>) async throws(RegistryError) -> [Value]
    ) async throws(RegistryError) -> [Value] {
        let parts = names.partsForProcessors
        let results = await concurrentMap(parts, limit: parts.count) { part in
            await Result(of: { () async throws(RegistryError) in try await read(part) })
        }
        var values: [Value] = []
        for result in results { values += try result.get() }
        return values
    }

    /// Reads something of a prompt. MLflow writes files in place, one after the other, and takes no lock: what seems
    /// corrupt is read again, for longer where it changed just now.
    private func readAgainIfTorn<Value>(
        _ read: () throws(RegistryError) -> Value
    ) async throws(RegistryError) -> Value {
        var changedJustNow = false
        for attempt in 0..<MLflowWrite.longRetries {
            do {
                return try read()
            } catch {
                guard [.corrupt, .nameTaken].contains(error.code) else { throw error }
                changedJustNow = changedJustNow || error.mayPass
                let isShort = error.code == .corrupt && attempt < MLflowWrite.retries
                guard changedJustNow || isShort else { throw error }
                try RegistryError.checkCancellation()
                try? await Task.sleep(for: isShort ? MLflowWrite.duration : MLflowWrite.longDuration)
            }
        }
        return try read()
    }
}

/// How long MLflow takes to write a file in place.
enum MLflowWrite {
    /// How often to read an apparently incomplete file again.
    static let retries = 3
    /// How often to read again what changed just now: for two seconds.
    static let longRetries = 12
    /// What changed no longer ago than this, in seconds, something may still be writing.
    static let mostSeconds = 10
    /// How long to wait before each time.
    static let duration = Duration.milliseconds(20)
    /// How long to wait before each time after those.
    static let longDuration = Duration.milliseconds(200)
}

extension Array {
    /// The elements in as many parts as there are processors, each of at least 64: the work is mostly system calls,
    /// so that more tasks would not help.
    var partsForProcessors: [ArraySlice<Element>] {
        let processors = Swift.max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        let size = Swift.max(64, (count + processors - 1) / processors)
        return stride(from: 0, to: count, by: size).map { self[$0..<Swift.min($0 + size, count)] }
    }
}
