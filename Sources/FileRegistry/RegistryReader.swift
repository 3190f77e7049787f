import Prompts

/// Reads prompts: many at a time, or one with its versions.
struct RegistryReader {
    let layout: RegistryLayout
    let fileSystem: FileSystem

    /// Reads prompts.
    ///
    /// - Parameter names: Their names.
    /// - Returns: What there is, by name.
    /// - Throws: `RegistryError`, the first one in the order of the names.
    func observe(_ names: [String]) async throws(RegistryError) -> [String: ObservedPrompt] {
        guard try hasModels() else { return [:] }
        let observed = try await inParts(names) { part throws(RegistryError) in try await observe(part) }
        var prompts: [String: ObservedPrompt] = [:]
        prompts.reserveCapacity(names.count)
        for prompt in observed { prompts[prompt.name] = prompt }
        return prompts
    }

    /// Finds prompts.
    ///
    /// - Parameter query: Which ones.
    /// - Returns: Their names, sorted.
    /// - Throws: `RegistryError`, but not for models that are broken or no prompts.
    func names(matching query: PromptQuery) async throws(RegistryError) -> [String] {
        guard try hasModels(), let models = try fileSystem.folder(layout.models) else { return [] }
        let search = PromptSearch(query, layout: layout, fileSystem: fileSystem)
        let candidates = try search.candidates(in: models)
        return try await inParts(candidates) { part throws(RegistryError) in
            try await search.prompts(in: part)
        }
        .sorted()
    }

    /// Reads the versions of a prompt that were not deleted, newest first.
    func versions(of name: String) async throws(RegistryError) -> [PromptVersion] {
        try await readAgainIfTorn { () throws(RegistryError) in
            let model = try prompt(name)
            var reader = ModelReader(fileSystem: fileSystem)
            return try reader.versions(of: name, in: model)
        }
    }

    /// Reads one version of a prompt.
    func version(_ number: Int, of name: String) async throws(RegistryError) -> PromptVersion {
        try await readAgainIfTorn { () throws(RegistryError) in
            let model = try prompt(name)
            var reader = ModelReader(fileSystem: fileSystem)
            guard let version = try reader.version(number, of: name, in: model) else {
                throw ModelReader.noVersion(number, of: name)
            }
            return version
        }
    }

    // MARK: - What they share

    /// Whether there is a folder of models.
    private func hasModels() throws(RegistryError) -> Bool {
        try RegistryRoot(layout: layout, fileSystem: fileSystem).state() == .ready
    }

    /// Opens the folder of a prompt that has to be there.
    private func prompt(_ name: String) throws(RegistryError) -> Folder {
        guard try hasModels(), let model = try fileSystem.folder(layout.model(name)) else {
            throw ModelReader.noPrompt(name)
        }
        return model
    }

    /// Works on the parts of a list at the same time.
    ///
    /// - Parameters:
    ///   - names: The list.
    ///   - read: The work on a part.
    /// - Returns: What came of all parts, in their order.
    /// - Throws: `RegistryError`, the one of the first part that failed.
    private func inParts<Value: Sendable>(
        _ names: [String],
        _ read: @escaping @Sendable (ArraySlice<String>) async throws(RegistryError) -> [Value]
    ) async throws(RegistryError) -> [Value] {
        let results = await withTaskGroup(of: (Int, Result<[Value], RegistryError>).self) { group in
            for part in names.partsForProcessors {
                group.addTask {
                    do throws(RegistryError) {
                        return (part.startIndex, .success(try await read(part)))
                    } catch {
                        return (part.startIndex, .failure(error))
                    }
                }
            }
            var results: [(Int, Result<[Value], RegistryError>)] = []
            for await result in group { results.append(result) }
            return results.sorted { $0.0 < $1.0 }
        }
        var values: [Value] = []
        for (_, result) in results { values += try result.get() }
        return values
    }

    private func observe(_ names: ArraySlice<String>) async throws(RegistryError) -> [ObservedPrompt] {
        guard let models = try fileSystem.folder(layout.models) else { return [] }
        var reader = ModelReader(fileSystem: fileSystem)
        var prompts: [ObservedPrompt] = []
        prompts.reserveCapacity(names.count)
        for name in names {
            if Task.isCancelled { throw RegistryError(.failed, "stopped while reading the registry") }
            do throws(RegistryError) {
                let prompt = try await readAgainIfTorn { () throws(RegistryError) in
                    try reader.prompt(name, in: models)
                }
                if let prompt { prompts.append(prompt) }
            } catch {
                var error = error
                error.prompt = name
                throw error
            }
        }
        return prompts
    }

    /// Reads something of a prompt. MLflow writes its files in place and takes no lock: what seems torn is looked
    /// at again before it is called so.
    private func readAgainIfTorn<Value>(
        _ read: () throws(RegistryError) -> Value
    ) async throws(RegistryError) -> Value {
        for _ in 0..<MLflowWrite.looks {
            do {
                return try read()
            } catch {
                guard error.code == .corrupt else { throw error }
                try? await Task.sleep(for: MLflowWrite.duration)
            }
        }
        return try read()
    }
}

/// How long MLflow takes to write a file in place, so that what is torn meanwhile is not called so.
enum MLflowWrite {
    /// How often to look again.
    static let looks = 3
    /// How long to wait before each time.
    static let duration = Duration.milliseconds(20)
}
