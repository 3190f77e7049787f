import Prompts

/// Reads the folders of models, one after the other, with one buffer.
struct ModelReader {
    private let fileSystem: FileSystem
    private var buffer = FileBuffer()

    init(fileSystem: FileSystem) { self.fileSystem = fileSystem }

    /// What a model's folder has in it, as far as it matters.
    struct Listing {
        /// The numbers of the versions that have a folder, deleted ones included, highest first.
        var versions: [Int] = []
        /// The highest number that a new version cannot have.
        var highestTaken = 0
        var hasAliases = false
    }

    /// Reads all that is known of a prompt.
    ///
    /// - Parameters:
    ///   - name: The prompt's name.
    ///   - models: The folder of all models.
    /// - Returns: What there is; nil when there is no such prompt.
    /// - Throws: `RegistryError`, with `.nameTaken` for a model that is no prompt.
    mutating func prompt(_ name: String, in models: borrowing Folder) throws(RegistryError) -> ObservedPrompt?
    {
        guard let model = try fileSystem.folder(name, in: models) else { return nil }
        let listing = try listing(of: model)
        let meta = try meta(of: model, name: name)
        var tags = try tags(RegistryLayout.tagsFolder, in: model)
        guard tags.removeValue(forKey: ReservedTag.isPrompt) == "true" else { throw Self.notAPrompt(name) }
        var prompt = ObservedPrompt(name: name, description: try meta.description(), tags: tags)
        if listing.hasAliases { prompt.aliases = try aliases(of: model) }
        for number in listing.versions {
            let meta = try self.meta(ofVersion: number, of: name, in: model)
            if meta.isDeleted { continue }
            prompt.newest = try version(number, meta, in: model)
            break
        }
        try check(prompt, in: model, versions: listing.versions)
        return prompt
    }

    /// Reads the versions of a prompt that were not deleted.
    ///
    /// - Parameters:
    ///   - name: The prompt's name.
    ///   - model: Its folder.
    /// - Returns: The versions, newest first.
    /// - Throws: `RegistryError`, with `.nameTaken` for a model that is no prompt.
    mutating func versions(
        of name: String, in model: borrowing Folder
    ) throws(RegistryError) -> [PromptVersion] {
        try requirePrompt(name, in: model)
        var versions: [PromptVersion] = []
        for number in try listing(of: model).versions {
            let meta = try meta(ofVersion: number, of: name, in: model)
            if !meta.isDeleted { versions.append(try version(number, meta, in: model)) }
        }
        return versions
    }

    /// Reads a version of a prompt.
    ///
    /// - Parameters:
    ///   - number: The version's number.
    ///   - name: The prompt's name.
    ///   - model: The prompt's folder.
    /// - Returns: The version; nil when there is none, or it was deleted.
    /// - Throws: `RegistryError`, with `.nameTaken` for a model that is no prompt.
    mutating func version(
        _ number: Int, of name: String, in model: borrowing Folder
    ) throws(RegistryError) -> PromptVersion? {
        try requirePrompt(name, in: model)
        guard try fileSystem.exists(RegistryLayout.versionFolder(number), in: model) else { return nil }
        let meta = try meta(ofVersion: number, of: name, in: model)
        return meta.isDeleted ? nil : try version(number, meta, in: model)
    }

    /// Checks that a model is a prompt.
    private mutating func requirePrompt(_ name: String, in model: borrowing Folder) throws(RegistryError) {
        _ = try meta(of: model, name: name)
        let mark = RegistryLayout.tagsFolder + "/" + ReservedTag.isPrompt
        guard try fileSystem.read(mark, in: model, into: &buffer) == .file, buffer.text == "true" else {
            throw Self.notAPrompt(name)
        }
    }

    private static func notAPrompt(_ name: String) -> RegistryError {
        RegistryError(
            .nameTaken, "'\(name)' is a registered model, not a prompt",
            hint: "rename the prompt or the model: MLflow does not allow both to have the same name")
    }

    /// Checks that every alias points to an existing version.
    private mutating func check(
        _ prompt: ObservedPrompt, in model: borrowing Folder, versions: [Int]
    ) throws(RegistryError) {
        for (alias, number) in prompt.aliases where number != prompt.newest?.number {
            if versions.contains(number), try hasVersion(number, of: prompt.name, in: model) { continue }
            throw Self.badAlias(alias, in: model, "points to version \(number), which does not exist")
        }
    }

    private static func badAlias(
        _ alias: String, in model: borrowing Folder, _ problem: String
    ) -> RegistryError {
        RegistryError(
            .corrupt, "the alias '\(model.path)/\(RegistryLayout.aliasesFolder)/\(alias)' \(problem)",
            hint: "remove that file, or write the number of an existing version to it")
    }

    // MARK: - The parts of a model's folder

    /// Lists a model's folder.
    func listing(of model: borrowing Folder) throws(RegistryError) -> Listing {
        var listing = Listing()
        for entry in try fileSystem.entries(of: model) {
            if entry.name == RegistryLayout.aliasesFolder { listing.hasAliases = true }
            guard let number = RegistryLayout.version(ofFolder: entry.name) else { continue }
            listing.highestTaken = max(listing.highestTaken, number)
            if entry.kind != .file { listing.versions.append(number) }
        }
        listing.versions.sort(by: >)
        return listing
    }

    /// Reads the model's own `meta.yaml`.
    mutating func meta(of model: borrowing Folder, name: String) throws(RegistryError) -> MetaFile {
        let meta = try meta(RegistryLayout.metaFile, in: model)
        try meta.check(name: name)
        return meta
    }

    /// Reads the `meta.yaml` of a version.
    mutating func meta(
        ofVersion number: Int, of name: String, in model: borrowing Folder
    ) throws(RegistryError) -> MetaFile {
        let path = RegistryLayout.versionFolder(number) + "/" + RegistryLayout.metaFile
        let meta = try meta(path, in: model)
        try meta.check(name: name, version: number)
        return meta
    }

    /// Whether a version exists and was not deleted.
    mutating func hasVersion(
        _ number: Int, of name: String, in model: borrowing Folder
    ) throws(RegistryError) -> Bool {
        guard try fileSystem.exists(RegistryLayout.versionFolder(number), in: model) else { return false }
        return try !meta(ofVersion: number, of: name, in: model).isDeleted
    }

    private mutating func meta(
        _ name: String, in model: borrowing Folder
    ) throws(RegistryError) -> MetaFile {
        let path = model.path + "/" + name
        guard try fileSystem.read(name, in: model, into: &buffer) == .file else {
            throw RegistryError.corrupt(path, "is missing")
        }
        return try MetaFile(parsing: buffer.bytes, path: path)
    }

    /// Reads a model's aliases.
    mutating func aliases(of model: borrowing Folder) throws(RegistryError) -> [String: Int] {
        var aliases: [String: Int] = [:]
        for (alias, text) in try tags(RegistryLayout.aliasesFolder, in: model) {
            // MLflow reads the number with Python's `int()`, which ignores space around it.
            let isSpace: (UInt8) -> Bool = { $0 == 0x20 || (0x09...0x0D).contains($0) }
            let digits = text.utf8.drop(while: isSpace).reversed().drop(while: isSpace).reversed()
            guard let number = PromptVersion.number(parsing: String(decoding: digits, as: UTF8.self)) else {
                throw Self.badAlias(alias, in: model, "does not contain a version number")
            }
            aliases[alias] = number
        }
        return aliases
    }

    private mutating func version(
        _ number: Int, _ meta: MetaFile, in model: borrowing Folder
    ) throws(RegistryError) -> PromptVersion {
        let folder = RegistryLayout.versionFolder(number) + "/" + RegistryLayout.tagsFolder
        var tags = try tags(folder, in: model)
        guard let content = PromptContent(takenFrom: &tags) else {
            throw RegistryError.corrupt("\(model.path)/\(folder)/\(ReservedTag.text)", "is missing")
        }
        return PromptVersion(
            number: number, content: content, description: try meta.description(), tags: tags,
            createdAt: meta.createdAt)
    }

    /// Reads a folder of files that hold a value each, by their names; there may be none.
    mutating func tags(_ name: String, in parent: borrowing Folder) throws(RegistryError) -> [String: String]
    {
        var tags: [String: String] = [:]
        try addTags(of: name, in: parent, keyPrefix: "", to: &tags)
        return tags
    }

    private mutating func addTags(
        of name: String, in parent: borrowing Folder, keyPrefix: String, to tags: inout [String: String]
    ) throws(RegistryError) {
        guard let folder = try fileSystem.folder(name, in: parent) else { return }
        for entry in try fileSystem.entries(of: folder) {
            let key = keyPrefix + entry.name
            var path: String { folder.path + "/" + entry.name }
            if entry.kind == .other { throw RegistryError.corrupt(path, "is not a file") }
            let found =
                entry.kind == .folder ? .folder : try fileSystem.read(entry.name, in: folder, into: &buffer)
            switch found {
            case .file:
                guard let text = buffer.text else { throw RegistryError.corrupt(path, "is not UTF-8") }
                tags[key] = text
            // MLflow does not follow links to folders.
            case .folder where entry.kind != .link:
                try addTags(of: entry.name, in: folder, keyPrefix: key + "/", to: &tags)
            case .nothing where entry.kind == .link: throw RegistryError.corrupt(path, "is missing")
            case .folder, .nothing: continue
            }
        }
    }
}
