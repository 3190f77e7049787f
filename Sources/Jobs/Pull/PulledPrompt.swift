package import Prompts

/// What a registry has of a prompt, for the files of a job.
package struct PulledPrompt: Hashable, Sendable {
    /// The name within the job.
    package var name: String
    /// The content of the version that is taken.
    package var content: PromptContent
    /// The prompt's description; nil where it has none.
    package var description: String?
    /// The tags that the job has to set for nothing to change.
    package var tags: [String: String]

    /// A prompt.
    package init(name: String, content: PromptContent, description: String?, tags: [String: String]) {
        self.name = name
        self.content = content
        self.description = description
        self.tags = tags
    }
}

/// Why something cannot be written back into a job's files.
package struct PullProblem: Error, Hashable, Sendable {
    /// The reason, as a sentence without its full stop.
    package let reason: String
}

/// A file that a pull changes.
package struct PulledFile: Hashable, Sendable {
    /// The path, as it is shown to the user.
    package let path: String
    /// Where it is, links resolved as they were when it was read; a link that is put in its way later is not followed.
    let place: String
    /// What it holds; nil where there is no such file yet.
    package let old: String?
    /// What it will hold.
    package var new: String

    /// A file.
    init(path: String, old: String?, new: String) {
        (self.path, self.old, self.new) = (path, old, new)
        let (folder, name) = (FilePath.folder(of: path), path.split(separator: "/").last ?? "")
        let parent = TextFile.resolved(folder.isEmpty ? "." : folder) ?? folder
        place = TextFile.resolved(path) ?? parent + "/" + name
    }
}
