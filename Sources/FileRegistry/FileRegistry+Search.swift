package import Prompts

extension FileRegistry {
    /// Finds prompts by reading as few files of each as possible. Models that are damaged or no prompts are no error.
    package func names(matching query: PromptQuery) async throws(RegistryError) -> [String] {
        guard try hasModels(), let models = try fileSystem.folder(layout.models) else { return [] }
        // A tag with any other key cannot be in a file.
        if let key = query.tag?.key, NameRules.problem(withTagKey: key) != nil || !TagFiles.isFile(key) {
            return []
        }
        let candidates = try fileSystem.entries(of: models).filter { entry in
            entry.kind != .file && entry.kind != .other && query.matches(name: entry.name)
                && NameRules.problem(withName: entry.name) == nil
        }
        return try await inParts(candidates.map(\.name)) { part throws(RegistryError) in
            try await self.prompts(in: part, tag: query.tag)
        }.sorted()
    }

    /// Those of some models that are prompts and have the tag.
    private func prompts(
        in names: ArraySlice<String>, tag: PromptQuery.Tag?
    ) async throws(RegistryError) -> [String] {
        guard let models = try fileSystem.folder(layout.models) else { return [] }
        let tags = [PromptQuery.Tag(key: ReservedTag.isPrompt, value: "true")] + (tag.map { [$0] } ?? [])
        var buffer = FileBuffer()
        var found: [String] = []
        var rest = names
        for attempt in 0...MLflowWrite.retries {
            if attempt > 0 { try? await Task.sleep(for: MLflowWrite.duration) }
            var torn: [String] = []
            for name in rest {
                try RegistryError.checkCancellation()
                switch try match(name, tags, in: models, &buffer) {
                case true?: found.append(name)
                case false?: continue
                case nil: torn.append(name)
                }
            }
            if torn.isEmpty { break }
            rest = torn[...]
        }
        return found
    }

    /// Whether a model has the tags; nil where a file is empty, as MLflow may be about to write it.
    private func match(
        _ name: String, _ tags: [PromptQuery.Tag], in models: borrowing Folder, _ buffer: inout FileBuffer
    ) throws(RegistryError) -> Bool? {
        do throws(RegistryError) {
            for tag in tags {
                let file = "\(name)/\(RegistryLayout.tagsFolder)/\(tag.key)"
                guard try fileSystem.read(file, in: models, into: &buffer) == .file else { return false }
                if !buffer.bytes.elementsEqual(tag.value.utf8) { return buffer.count == 0 ? nil : false }
            }
            return try fileSystem.exists(below: models, name + "/" + RegistryLayout.metaFile)
        } catch {
            guard error.code == .corrupt else { throw error }
            // Who reads the prompt is told of the link.
            return error.isAboutLink && !fileSystem.isDangling(name, in: models)
        }
    }
}
