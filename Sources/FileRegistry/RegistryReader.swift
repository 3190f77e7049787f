import PromptRegistry

/// Reads many prompts at a time.
struct RegistryReader {
    let layout: RegistryLayout
    let fileSystem: FileSystem

    /// Reads prompts.
    ///
    /// - Parameter names: Their names.
    /// - Returns: What there is, by name.
    /// - Throws: `RegistryError`, the first one in the order of the names.
    func observe(_ names: [String]) async throws(RegistryError) -> [String: ObservedPrompt] {
        let root = RegistryRoot(layout: layout, fileSystem: fileSystem)
        guard try root.state() == .ready else { return [:] }
        let results = await withTaskGroup(of: (Int, PartResult).self) { group in
            for part in names.partsForProcessors {
                group.addTask { (part.startIndex, await observe(part)) }
            }
            var results: [(Int, PartResult)] = []
            for await result in group { results.append(result) }
            return results.sorted { $0.0 < $1.0 }.map(\.1)
        }
        var prompts: [String: ObservedPrompt] = [:]
        prompts.reserveCapacity(names.count)
        for result in results {
            for prompt in try result.get() { prompts[prompt.name] = prompt }
        }
        return prompts
    }

    private typealias PartResult = Result<[ObservedPrompt], RegistryError>

    private func observe(_ names: ArraySlice<String>) async -> PartResult {
        do throws(RegistryError) {
            guard let models = try fileSystem.folder(layout.models) else { return .success([]) }
            var reader = ModelReader(fileSystem: fileSystem)
            var prompts: [ObservedPrompt] = []
            prompts.reserveCapacity(names.count)
            for name in names {
                if Task.isCancelled { throw RegistryError(.failed, "stopped while reading the registry") }
                do throws(RegistryError) {
                    if let prompt = try await read(name, in: models, &reader) { prompts.append(prompt) }
                } catch {
                    var error = error
                    error.prompt = name
                    throw error
                }
            }
            return .success(prompts)
        } catch {
            return .failure(error)
        }
    }

    /// Reads a prompt. MLflow writes its files in place and takes no lock: one that seems torn is looked at again
    /// before it is called so.
    private func read(
        _ name: String, in models: borrowing Folder, _ reader: inout ModelReader
    ) async throws(RegistryError) -> ObservedPrompt? {
        for _ in 0..<3 {
            do {
                return try reader.prompt(name, in: models)
            } catch {
                guard error.code == .corrupt else { throw error }
                try? await Task.sleep(for: .milliseconds(20))
            }
        }
        return try reader.prompt(name, in: models)
    }
}
