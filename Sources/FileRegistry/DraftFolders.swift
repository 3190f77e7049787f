import Prompts

/// Writes the folders of new prompts and versions, still outside of MLflow's sight.
struct DraftFolders {
    let fileSystem: FileSystem
    /// The creation time, in milliseconds since 1970.
    let now: Int

    func write(
        _ prompt: PromptDraft, firstVersion: VersionDraft, to staged: String, in stage: borrowing Folder
    ) throws(RegistryError) {
        let meta = MetaFile(newPrompt: prompt.name, description: prompt.description, at: now)
        var tags = prompt.tags
        tags[ReservedTag.isPrompt] = "true"
        let model = try fileSystem.makeAndOpenFolder(staged, in: stage)
        try write(meta, tags, in: model)
        let version = RegistryLayout.versionFolder(1)
        try fileSystem.makeFolder(version, in: model)
        try write(firstVersion, number: 1, of: prompt.name, below: version + "/", in: model)
    }

    func write(
        _ version: VersionDraft, number: Int, of name: String, to staged: String, in stage: borrowing Folder
    ) throws(RegistryError) {
        try write(
            version, number: number, of: name, below: "",
            in: try fileSystem.makeAndOpenFolder(staged, in: stage))
    }

    private func write(
        _ version: VersionDraft, number: Int, of name: String, below prefix: String,
        in folder: borrowing Folder
    ) throws(RegistryError) {
        let meta = MetaFile(newVersion: number, of: name, description: version.description, at: now)
        var tags = version.tags
        version.content.put(into: &tags)
        try write(meta, tags, below: prefix, in: folder)
    }

    private func write(
        _ meta: MetaFile, _ tags: [String: String], below prefix: String = "", in folder: borrowing Folder
    ) throws(RegistryError) {
        try fileSystem.write(meta.text, to: prefix + RegistryLayout.metaFile, in: folder)
        let tagsFolder = prefix + RegistryLayout.tagsFolder
        try fileSystem.makeFolder(tagsFolder, in: folder)
        for (key, value) in tags {
            let file = tagsFolder + "/" + key
            if key.utf8.contains(UInt8(ascii: "/")) {
                try fileSystem.makeFolders(above: file, inDraft: folder)
            }
            try fileSystem.write(value, to: file, in: folder)
        }
    }
}
