import Prompts

/// Looks for the prompts that match a query, at as few files of each as tell.
struct PromptSearch {
    private let query: PromptQuery
    private let layout: RegistryLayout
    private let fileSystem: FileSystem

    init(_ query: PromptQuery, layout: RegistryLayout, fileSystem: FileSystem) {
        self.query = query
        self.layout = layout
        self.fileSystem = fileSystem
    }

    /// Lists the models whose names match.
    ///
    /// - Parameter models: The folder of all models.
    /// - Returns: Their names, in no order.
    /// - Throws: `RegistryError`.
    func candidates(in models: borrowing Folder) throws(RegistryError) -> [String] {
        // A tag of any other key has no file, and could have none.
        if let tag = query.tag {
            guard NameRules.problem(withTagKey: tag.key) == nil, TagFiles.isFile(tag.key) else { return [] }
        }
        return try fileSystem.entries(of: models).compactMap { entry in
            guard entry.kind != .file, entry.kind != .other, query.matches(name: entry.name) else {
                return nil
            }
            return NameRules.problem(withName: entry.name) == nil ? entry.name : nil
        }
    }

    /// Those of some models that are prompts and have the tag.
    func prompts(in names: ArraySlice<String>) async throws(RegistryError) -> [String] {
        guard let models = try fileSystem.folder(layout.models) else { return [] }
        var buffer = FileBuffer()
        var found: [String] = []
        var rest = names
        for attempt in 0...MLflowWrite.retries {
            if attempt > 0 { try? await Task.sleep(for: MLflowWrite.duration) }
            var torn: [String] = []
            for name in rest {
                try RegistryError.checkCancellation()
                switch try match(name, in: models, &buffer) {
                case .yes: found.append(name)
                case .no: continue
                case .torn: torn.append(name)
                }
            }
            if torn.isEmpty { break }
            rest = torn[...]
        }
        return found
    }

    private enum Match {
        case yes, no
        /// A file is empty: MLflow may be about to write to it.
        case torn
    }

    /// Whether a model is a prompt that has the tag. One that cannot be understood is none.
    private func match(
        _ name: String, in models: borrowing Folder, _ buffer: inout FileBuffer
    ) throws(RegistryError) -> Match {
        do throws(RegistryError) {
            let mark = try match(
                PromptQuery.Tag(key: ReservedTag.isPrompt, value: "true"), of: name, in: models, &buffer)
            guard mark == .yes else { return mark }
            if let tag = query.tag {
                let match = try match(tag, of: name, in: models, &buffer)
                guard match == .yes else { return match }
            }
            return try fileSystem.exists(name + "/" + RegistryLayout.metaFile, in: models) ? .yes : .no
        } catch {
            guard error.code == .corrupt else { throw error }
            return .no
        }
    }

    private func match(
        _ tag: PromptQuery.Tag, of name: String, in models: borrowing Folder, _ buffer: inout FileBuffer
    ) throws(RegistryError) -> Match {
        let file = "\(name)/\(RegistryLayout.tagsFolder)/\(tag.key)"
        guard try fileSystem.read(file, in: models, into: &buffer) == .file else { return .no }
        if buffer.bytes.elementsEqual(tag.value.utf8) { return .yes }
        return buffer.count == 0 ? .torn : .no
    }
}
