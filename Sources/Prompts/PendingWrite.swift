/// What is about to be written of one prompt.
package struct PendingWrite: Hashable, Sendable {
    /// The prompt's full name.
    package var name: String
    /// The prompt to be created; nil for one that exists.
    package var prompt: PromptDraft?
    /// The versions to be registered.
    package var versions: [VersionDraft]
    /// What is to be changed in place.
    package var changes: [MetadataChanges]

    /// A write.
    package init(
        name: String, prompt: PromptDraft? = nil, versions: [VersionDraft] = [],
        changes: [MetadataChanges] = []
    ) {
        self.name = name
        self.prompt = prompt
        self.versions = versions
        self.changes = changes
    }
}

/// What a registry says about writes before any of them is sent.
package struct WriteReview: Hashable, Sendable {
    /// Why prompts cannot be written, by full name.
    package var problems: [String: RegistryError] = [:]
    /// What can be written, but may not be what the user expects; sentences without their full stops.
    package var warnings: [String] = []

    /// A review that finds nothing.
    package init() {}
}
