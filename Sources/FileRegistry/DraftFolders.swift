import PromptRegistry

/// Writes the folders of new prompts and versions, where nobody looks for them yet.
struct DraftFolders {
    let fileSystem: FileSystem
    /// The moment that they are made at, in milliseconds since 1970.
    let now: Int

    /// Writes a prompt with its first version.
    func write(_ prompt: PromptDraft, firstVersion: VersionDraft, to path: String) throws(RegistryError) {
        let meta = MetaFile(newPrompt: prompt.name, description: prompt.description, at: now)
        var tags = prompt.tags
        tags[ReservedTag.isPrompt] = "true"
        try write(meta, tags, to: path)
        try write(firstVersion, number: 1, of: prompt.name, to: path + "/" + RegistryLayout.versionFolder(1))
    }

    /// Writes a version of a prompt.
    func write(
        _ version: VersionDraft, number: Int, of name: String, to path: String
    ) throws(RegistryError) {
        let meta = MetaFile(newVersion: number, of: name, description: version.description, at: now)
        var tags = version.tags
        version.content.put(into: &tags)
        try write(meta, tags, to: path)
    }

    private func write(_ meta: MetaFile, _ tags: [String: String], to path: String) throws(RegistryError) {
        try fileSystem.makeFolder(path)
        try fileSystem.write(meta.text, to: path + "/" + RegistryLayout.metaFile)
        let folder = path + "/" + RegistryLayout.tagsFolder
        try fileSystem.makeFolder(folder)
        for (key, value) in tags {
            let file = folder + "/" + key
            if key.utf8.contains(UInt8(ascii: "/")) { try fileSystem.makeFolders(above: file) }
            try fileSystem.write(value, to: file)
        }
    }
}
