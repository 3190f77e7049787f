import Glibc
import Prompts

/// Changes the folder of an existing prompt. Each change is staged first and then renamed into place.
///
/// MLflow also updates the prompt's `meta.yaml` with every change, though it does not depend on it. Here
/// `refreshMeta()` does so, once for each prompt at the end of a run: replacing a file that was just replaced makes the
/// filesystem wait for the disk. The file of a prompt that the run itself created is up to date already.
struct ModelWriter {
    private let name: String
    private let fileSystem: FileSystem
    private let staging: Staging

    init(_ name: String, fileSystem: FileSystem, staging: Staging) {
        self.name = name
        self.fileSystem = fileSystem
        self.staging = staging
    }

    /// Adds a version and returns its number.
    func createVersion(_ version: VersionDraft) throws(RegistryError) -> Int {
        let model = try open()
        try staging.willChange(name)
        let staged = staging.newName()
        let drafts = DraftFolders(fileSystem: fileSystem, now: currentMilliseconds())
        return try discardingOnFailure(staged, in: model) { () throws(RegistryError) in
            var taken = try ModelReader(fileSystem: fileSystem).listing(of: model).highestTaken
            while taken < PromptVersion.largestNumber {
                let number = taken + 1
                try drafts.write(version, number: number, of: name, to: staged, in: model)
                let folder = RegistryLayout.versionFolder(number)
                if try fileSystem.place(staged, from: model, at: folder, in: model) {
                    staging.recordChange(of: name)
                    return number
                }
                // MLflow, which does not take the lock, took the number meanwhile.
                taken = number
                try fileSystem.removeTree(staged, in: model)
            }
            throw RegistryError(
                .conflict,
                "'\(model.path)/\(RegistryLayout.versionFolder(taken))' has the largest version number",
                hint: "remove it, if it is not a version that MLflow registered")
        }
    }

    /// Marks a version as deleted, as MLflow does, so that its number stays taken; one that is not there is left.
    func deleteVersion(_ number: Int) throws(RegistryError) {
        let model = try open()
        var reader = ModelReader(fileSystem: fileSystem)
        guard try reader.hasVersion(number, of: name, in: model) else { return }
        try staging.willChange(name)
        var meta = try reader.meta(of: model, name: name, version: number)
        meta.setDeleted(at: currentMilliseconds())
        let version = try fileSystem.makeAndOpenFolders(RegistryLayout.versionFolder(number), in: model)
        try replace(RegistryLayout.metaFile, in: version, with: meta.text, staging.newName(), in: model)
        staging.recordChange(of: name)
    }

    func setAlias(_ alias: String, to number: Int) throws(RegistryError) {
        // A prompt that this run created is on the root's filesystem, and has its first version: its aliases are staged
        // in the staging folder, and nothing is left to do at the end of the run.
        if number == 1, staging.hasCreated(name) {
            let aliases = try fileSystem.makeAndOpenFolders(
                name + "/" + RegistryLayout.aliasesFolder, in: staging.models)
            return try replace(
                alias, in: aliases, with: String(number), staging.newName(), in: staging.folder)
        }
        let model = try open()
        var reader = ModelReader(fileSystem: fileSystem)
        try requireVersion(number, in: model, &reader)
        try staging.willChange(name)
        let aliases = try fileSystem.makeAndOpenFolders(RegistryLayout.aliasesFolder, in: model)
        try replace(alias, in: aliases, with: String(number), staging.newName(), in: model)
        staging.recordChange(of: name)
    }

    /// Writes a file elsewhere first, and renames it over the one of a name, if any.
    private func replace(
        _ file: String, in folder: borrowing Folder, with text: String, _ staged: String,
        in stage: borrowing Folder
    ) throws(RegistryError) {
        try discardingOnFailure(staged, in: stage) { () throws(RegistryError) in
            try fileSystem.write(text, to: staged, in: stage)
            try fileSystem.replace(file, in: folder, with: staged, from: stage)
        }
    }

    func deleteAlias(_ alias: String) throws(RegistryError) {
        let model = try open()
        try staging.willChange(name)
        guard let aliases = try fileSystem.folder(RegistryLayout.aliasesFolder, in: model) else { return }
        if try fileSystem.removeFile(alias, in: aliases) { staging.recordChange(of: name) }
    }

    func update(_ changes: MetadataChanges) throws(RegistryError) {
        let model = try open()
        var reader = ModelReader(fileSystem: fileSystem)
        if let number = changes.version { try requireVersion(number, in: model, &reader) }
        try staging.willChange(name)
        var staged: [StagedTag] = []
        do {
            try stage(changes.promptTags, in: model, &staged)
            if let number = changes.version {
                let version = RegistryLayout.versionFolder(number) + "/"
                try stage(changes.versionTags, below: version, in: model, &staged)
            }
            for tag in staged {
                if let value = tag.staged {
                    let folder = try fileSystem.makeAndOpenFolders(tag.folder, in: model)
                    try fileSystem.replace(tag.file, in: folder, with: value, from: model)
                } else if let folder = try fileSystem.folder(tag.folder, in: model) {
                    try fileSystem.removeFile(tag.file, in: folder)
                }
                staging.recordChange(of: name)
            }
            if let description = changes.description {
                try refreshMeta(in: model, &reader, description: description)
                staging.recordChange(of: name)
            }
        } catch {
            for case let file? in staged.map(\.staged) { staging.discard(file, in: model) }
            throw error
        }
    }

    /// A tag's file, and the staged file that replaces it; nil when the tag is deleted.
    private struct StagedTag {
        /// The path of its folder in the model's folder.
        let folder: String
        /// Its name in there.
        let file: String
        var staged: String?

        init(_ key: String, in folder: String) {
            let path = folder + "/" + key
            let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) ?? path.startIndex
            self.folder = String(path[..<slash])
            file = String(path[path.utf8.index(after: slash)...])
        }
    }

    private func stage(
        _ tags: [String: String?], below prefix: String = "", in model: borrowing Folder,
        _ staged: inout [StagedTag]
    ) throws(RegistryError) {
        for (key, value) in tags {
            var tag = StagedTag(key, in: prefix + RegistryLayout.tagsFolder)
            if value != nil { tag.staged = staging.newName() }
            staged.append(tag)
            if let value, let file = tag.staged { try fileSystem.write(value, to: file, in: model) }
        }
    }

    /// Updates the prompt's `meta.yaml` after changes.
    func refreshMeta() throws(RegistryError) {
        let model = try open()
        var reader = ModelReader(fileSystem: fileSystem)
        try refreshMeta(in: model, &reader)
    }

    private func refreshMeta(
        in model: borrowing Folder, _ reader: inout ModelReader, description: String? = nil
    ) throws(RegistryError) {
        var meta = try reader.meta(of: model, name: name)
        meta.setLastUpdated(currentMilliseconds())
        // A missing copy of the aliases is not added, so that a run ends in the same state however often it was
        // interrupted.
        if meta.hasAliases { meta.setAliases(try reader.aliases(of: model)) }
        if let description { meta.setDescription(description) }
        try replace(RegistryLayout.metaFile, in: model, with: meta.text, staging.newName(), in: model)
    }

    // MARK: - Helpers

    private func open() throws(RegistryError) -> Folder {
        guard let model = try fileSystem.folder(name, in: staging.models) else {
            throw RegistryError.notFound(prompt: name)
        }
        return model
    }

    /// Checks that a version exists and was not deleted.
    private func requireVersion(
        _ number: Int, in model: borrowing Folder, _ reader: inout ModelReader
    ) throws(RegistryError) {
        guard try reader.hasVersion(number, of: name, in: model) else {
            throw RegistryError.notFound(version: number, of: name)
        }
    }

    private func discardingOnFailure<Value>(
        _ staged: String, in stage: borrowing Folder, _ body: () throws(RegistryError) -> Value
    ) throws(RegistryError) -> Value {
        do {
            return try body()
        } catch {
            staging.discard(staged, in: stage)
            throw error
        }
    }
}

/// The time, in milliseconds since 1970.
func currentMilliseconds() -> Int {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return now.tv_sec * 1000 + now.tv_nsec / 1_000_000
}
