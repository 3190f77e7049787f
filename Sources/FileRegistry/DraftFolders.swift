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
        try write(firstVersion, number: 1, of: prompt.name, to: RegistryLayout.versionFolder(1), in: model)
    }

    func write(
        _ version: VersionDraft, number: Int, of name: String, to folder: String, in parent: borrowing Folder
    ) throws(RegistryError) {
        let meta = MetaFile(newVersion: number, of: name, description: version.description, at: now)
        var tags = version.tags
        version.content.put(into: &tags)
        try write(meta, tags, in: try fileSystem.makeAndOpenFolder(folder, in: parent))
    }

    private func write(
        _ meta: MetaFile, _ tags: [String: String], in folder: borrowing Folder
    ) throws(RegistryError) {
        try fileSystem.write(meta.text, to: RegistryLayout.metaFile, in: folder)
        let files = try fileSystem.makeAndOpenFolder(RegistryLayout.tagsFolder, in: folder)
        for (key, value) in tags {
            if key.utf8.contains(UInt8(ascii: "/")) {
                try fileSystem.makeFolders(above: key, inDraft: files)
            }
            try fileSystem.write(value, to: key, in: files)
        }
    }
}
