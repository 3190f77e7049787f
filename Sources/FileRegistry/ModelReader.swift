import Prompts

/// Reads the folders of models, one after the other, with one buffer.
///
/// What it reads has to be a prompt: the name of another model throws `.nameTaken`.
struct ModelReader {
    private let fileSystem: FileSystem
    private var buffer = FileBuffer()

    init(fileSystem: FileSystem) { self.fileSystem = fileSystem }

    /// The entries of a model's folder.
    struct Listing {
        /// The numbers of the versions that have a folder, deleted ones included, highest first.
        var versions: [Int] = []
        /// The highest number that a new version cannot have.
        var highestTaken = 0
        var hasAliases = false
    }

    /// Reads a prompt in the folder of all models; nil when there is none.
    mutating func prompt(
        _ name: String, in models: borrowing Folder
    ) throws(RegistryError) -> ObservedPrompt? {
        guard let model = try model(name, in: models) else { return nil }
        let listing = try listing(of: model)
        let meta = try meta(of: model, name: name)
        var tags = try tags(RegistryLayout.tagsFolder, in: model)
        guard tags.removeValue(forKey: ReservedTag.isPrompt) == "true" else {
            throw notAPrompt(name, in: model)
        }
        var prompt = ObservedPrompt(name: name, description: try meta.description(), tags: tags)
        if listing.hasAliases { prompt.aliases = try aliases(of: model) }
        for number in listing.versions where prompt.newest == nil {
            prompt.newest = try liveVersion(number, of: name, in: model)
        }
        for (alias, number) in prompt.aliases where number != prompt.newest?.number {
            if listing.versions.contains(number), try hasVersion(number, of: name, in: model) { continue }
            throw Self.badAlias(alias, in: model, "points to version \(number), which does not exist")
        }
        return prompt
    }

    /// Reads the aliases and the journal of a prompt, and nothing else of it; nil when there is none.
    mutating func aliasesAndJournal(
        of name: String, in models: borrowing Folder
    ) throws(RegistryError) -> ObservedPrompt? {
        guard let model = try model(name, in: models) else { return nil }
        var prompt = ObservedPrompt(name: name, tags: [:], aliases: try aliases(of: model))
        let journal = RegistryLayout.tagsFolder + "/" + AliasLog.tag
        if try fileSystem.read(journal, in: model, into: &buffer) == .file {
            prompt.tags[AliasLog.tag] = buffer.text
        }
        return prompt
    }

    /// Reads the versions of a prompt that were not deleted, newest first.
    mutating func versions(
        of name: String, in model: borrowing Folder
    ) throws(RegistryError) -> [PromptVersion] {
        try requirePrompt(name, in: model)
        var versions: [PromptVersion] = []
        for number in try listing(of: model).versions {
            if let version = try liveVersion(number, of: name, in: model) { versions.append(version) }
        }
        return versions
    }

    /// Reads a version of a prompt; nil when there is none, or it was deleted.
    mutating func version(
        _ number: Int, of name: String, in model: borrowing Folder
    ) throws(RegistryError) -> PromptVersion? {
        try requirePrompt(name, in: model)
        guard try fileSystem.exists(RegistryLayout.versionFolder(number), in: model) else { return nil }
        return try liveVersion(number, of: name, in: model)
    }

    /// Opens a model's folder; nil when there is none.
    private func model(_ name: String, in models: borrowing Folder) throws(RegistryError) -> Folder? {
        do throws(RegistryError) {
            return try fileSystem.folder(name, in: models)
        } catch {
            if error.isAboutLink, fileSystem.isDangling(name, in: models) { return nil }
            throw error
        }
    }

    // MARK: - The parts of a model's folder

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

    /// Reads the `meta.yaml` of a model, or of one of its versions.
    mutating func meta(
        of model: borrowing Folder, name: String, version: Int? = nil
    ) throws(RegistryError) -> MetaFile {
        let file = (version.map { RegistryLayout.versionFolder($0) + "/" } ?? "") + RegistryLayout.metaFile
        let path = model.path + "/" + file
        guard try fileSystem.read(file, in: model, into: &buffer) == .file, buffer.count > 0 else {
            throw incomplete(path, in: model, version: version)
        }
        let meta = try MetaFile(parsing: buffer.bytes, path: path)
        try meta.check(name: name, version: version)
        return meta
    }

    /// Whether a version exists and was not deleted.
    mutating func hasVersion(
        _ number: Int, of name: String, in model: borrowing Folder
    ) throws(RegistryError) -> Bool {
        guard try fileSystem.exists(RegistryLayout.versionFolder(number), in: model) else { return false }
        return try !meta(of: model, name: name, version: number).isDeleted
    }

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

    /// Reads a version whose folder exists; nil when it was deleted.
    private mutating func liveVersion(
        _ number: Int, of name: String, in model: borrowing Folder
    ) throws(RegistryError) -> PromptVersion? {
        let meta = try meta(of: model, name: name, version: number)
        if meta.isDeleted { return nil }
        let folder = RegistryLayout.versionFolder(number) + "/" + RegistryLayout.tagsFolder
        var tags = try tags(folder, in: model)
        guard let content = PromptContent(takenFrom: &tags) else {
            throw incomplete("\(model.path)/\(folder)/\(ReservedTag.text)", in: model, version: number)
        }
        return PromptVersion(
            number: number, content: content, description: try meta.description(), tags: tags,
            createdAt: meta.createdAt, createdBy: meta.createdBy)
    }

    private mutating func requirePrompt(_ name: String, in model: borrowing Folder) throws(RegistryError) {
        _ = try meta(of: model, name: name)
        let mark = RegistryLayout.tagsFolder + "/" + ReservedTag.isPrompt
        guard try fileSystem.read(mark, in: model, into: &buffer) == .file, buffer.text == "true" else {
            throw notAPrompt(name, in: model)
        }
    }

    /// Reads a folder of files that contain a value each, by their names; the folder may be missing.
    private mutating func tags(
        _ name: String, in parent: borrowing Folder
    ) throws(RegistryError) -> [String: String] {
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
            case .folder: try addTags(of: entry.name, in: folder, keyPrefix: key + "/", to: &tags)
            case .nothing: continue
            }
        }
    }

    // MARK: - Errors

    private func notAPrompt(_ name: String, in model: borrowing Folder) -> RegistryError {
        var error = RegistryError(
            .nameTaken, "'\(name)' is a registered model, not a prompt",
            hint:
                "rename the prompt or the model: MLflow does not allow both to have the same name; if something is "
                + "registering it just now, run again in a moment")
        // MLflow writes a prompt's tags last.
        error.mayPass = fileSystem.changedJustNow(["", RegistryLayout.tagsFolder], in: model)
        return error
    }

    /// A file of a prompt that is missing or empty, which something may be about to write.
    private func incomplete(
        _ path: String, in model: borrowing Folder, version: Int?
    ) -> RegistryError {
        let folder = version.map(RegistryLayout.versionFolder)
        let folders = folder.map { [$0, $0 + "/" + RegistryLayout.tagsFolder] } ?? []
        var error = RegistryError(
            .corrupt, "'\(path)' is missing or empty",
            hint:
                "something may be writing it, such as MLflow's client: run again in a moment; if nothing is, restore it "
                + "from a backup")
        error.mayPass = fileSystem.changedJustNow([""] + folders, in: model)
        return error
    }

    private static func badAlias(
        _ alias: String, in model: borrowing Folder, _ problem: String
    ) -> RegistryError {
        RegistryError(
            .corrupt, "the alias '\(model.path)/\(RegistryLayout.aliasesFolder)/\(alias)' \(problem)",
            hint: "remove that file, or write the number of an existing version to it")
    }
}
