import Glibc
import Prompts

/// Changes the folder of an existing prompt. Each change is staged first and then renamed into place.
///
/// MLflow also updates the prompt's `meta.yaml` with every change, though it does not depend on it. Here
/// `refreshMeta()` does so, once for each prompt at the end of a run: replacing a file that was just replaced makes the
/// filesystem wait for the disk. The file of a prompt that the run itself created is up to date already.
struct ModelWriter {
    private let name: String
    private let path: String
    private let fileSystem: FileSystem
    private let staging: Staging

    init(_ name: String, layout: RegistryLayout, fileSystem: FileSystem, staging: Staging) {
        self.name = name
        path = layout.model(name)
        self.fileSystem = fileSystem
        self.staging = staging
    }

    /// Adds a version and returns its number.
    func createVersion(_ version: VersionDraft) throws(RegistryError) -> Int {
        let model = try open()
        try staging.willChange(name, model)
        let staged = staging.newPath(in: model)
        let drafts = DraftFolders(fileSystem: fileSystem, now: currentMilliseconds())
        return try discardingOnFailure(staged) { () throws(RegistryError) in
            var taken = try ModelReader(fileSystem: fileSystem).listing(of: model).highestTaken
            while taken < PromptVersion.largestNumber {
                let number = taken + 1
                try drafts.write(version, number: number, of: name, to: staged)
                if try fileSystem.place(staged, at: path + "/" + RegistryLayout.versionFolder(number)) {
                    staging.recordChange(of: name)
                    return number
                }
                // MLflow, which does not take the lock, took the number meanwhile.
                taken = number
                try fileSystem.removeTree(staged)
            }
            throw RegistryError(
                .conflict, "'\(path)/\(RegistryLayout.versionFolder(taken))' has the largest version number",
                hint: "remove it, if it is not a version that MLflow registered")
        }
    }

    /// Marks a version as deleted, as MLflow does, so that its number stays taken; one that is not there is left.
    func deleteVersion(_ number: Int) throws(RegistryError) {
        let model = try open()
        var reader = ModelReader(fileSystem: fileSystem)
        guard try reader.hasVersion(number, of: name, in: model) else { return }
        try staging.willChange(name, model)
        var meta = try reader.meta(of: model, name: name, version: number)
        meta.setDeleted(at: currentMilliseconds())
        let text = meta.text
        let staged = staging.newPath(in: model)
        try discardingOnFailure(staged) { () throws(RegistryError) in
            try fileSystem.write(text, to: staged)
            let folder = path + "/" + RegistryLayout.versionFolder(number)
            try fileSystem.replace(folder + "/" + RegistryLayout.metaFile, with: staged)
        }
        staging.recordChange(of: name)
    }

    func setAlias(_ alias: String, to number: Int) throws(RegistryError) {
        // A prompt that this run created is on the root's filesystem, and has its first version: its aliases are staged
        // in the staging folder, and nothing is left to do at the end of the run.
        if number == 1, staging.hasCreated(name) {
            return try replaceAlias(alias, with: number, staged: staging.newPath())
        }
        let model = try open()
        var reader = ModelReader(fileSystem: fileSystem)
        try requireVersion(number, in: model, &reader)
        try staging.willChange(name, model)
        try replaceAlias(alias, with: number, staged: staging.newPath(in: model))
        staging.recordChange(of: name)
    }

    private func replaceAlias(
        _ alias: String, with number: Int, staged: String
    ) throws(RegistryError) {
        try discardingOnFailure(staged) { () throws(RegistryError) in
            try fileSystem.write(String(number), to: staged)
            let aliases = path + "/" + RegistryLayout.aliasesFolder
            try fileSystem.makeFolder(aliases)
            try fileSystem.replace(aliases + "/" + alias, with: staged)
        }
    }

    func deleteAlias(_ alias: String) throws(RegistryError) {
        let model = try open()
        try staging.willChange(name, model)
        if try fileSystem.removeFile(path + "/" + RegistryLayout.aliasesFolder + "/" + alias) {
            staging.recordChange(of: name)
        }
    }

    func update(_ changes: MetadataChanges) throws(RegistryError) {
        let model = try open()
        var reader = ModelReader(fileSystem: fileSystem)
        if let number = changes.version { try requireVersion(number, in: model, &reader) }
        try staging.willChange(name, model)
        var staged: [StagedTag] = []
        do {
            try stage(changes.promptTags, in: model, &staged)
            if let number = changes.version {
                let version = RegistryLayout.versionFolder(number) + "/"
                try stage(changes.versionTags, below: version, in: model, &staged)
            }
            for tag in staged {
                if let value = tag.staged {
                    try fileSystem.makeFolders(above: tag.file, in: model)
                    try fileSystem.replace(path + "/" + tag.file, with: value)
                } else {
                    try fileSystem.removeFile(path + "/" + tag.file)
                }
                staging.recordChange(of: name)
            }
            if let description = changes.description {
                try refreshMeta(in: model, &reader, description: description)
                staging.recordChange(of: name)
            }
        } catch {
            for tag in staged { tag.staged.map(staging.discard) }
            throw error
        }
    }

    /// A tag's file in the model's folder, and the staged file that replaces it; nil when the tag is deleted.
    private struct StagedTag {
        let file: String
        var staged: String?
    }

    private func stage(
        _ tags: [String: String?], below prefix: String = "", in model: borrowing Folder,
        _ staged: inout [StagedTag]
    ) throws(RegistryError) {
        for (key, value) in tags {
            var tag = StagedTag(file: prefix + RegistryLayout.tagsFolder + "/" + key)
            if value != nil { tag.staged = staging.newPath(in: model) }
            staged.append(tag)
            if let value, let file = tag.staged { try fileSystem.write(value, to: file) }
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
        let text = meta.text
        let staged = staging.newPath(in: model)
        try discardingOnFailure(staged) { () throws(RegistryError) in
            try fileSystem.write(text, to: staged)
            try fileSystem.replace(path + "/" + RegistryLayout.metaFile, with: staged)
        }
    }

    // MARK: - Helpers

    private func open() throws(RegistryError) -> Folder {
        guard let model = try fileSystem.folder(path) else { throw RegistryError.notFound(prompt: name) }
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
        _ staged: String, _ body: () throws(RegistryError) -> Value
    ) throws(RegistryError) -> Value {
        do {
            return try body()
        } catch {
            staging.discard(staged)
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
