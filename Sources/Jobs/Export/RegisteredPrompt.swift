package import Prompts

/// A prompt as a registry holds it, to be exported into a job.
package struct RegisteredPrompt: Hashable, Sendable {
    /// The full name.
    package var fullName: String
    /// The template and the settings.
    package var content: PromptContent
    /// What the prompt is for.
    package var description: String?
    /// The tags that the job is to set.
    package var tags: [String: String] = [:]
    /// The aliases that the job is to set.
    package var aliases: [String] = []
    /// The job that registered it; nil where none did.
    package var job: String?
    /// The ids of the experiments that show the prompt.
    package var experiments: [String] = []

    /// A prompt without tags, aliases and experiments.
    package init(fullName: String, content: PromptContent) {
        self.fullName = fullName
        self.content = content
    }
}
