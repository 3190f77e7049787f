package import Planning
package import Prompts

/// What became of one prompt, as a report has it.
package struct PromptReport: Hashable, Sendable, Decodable {
    /// The template that the prompt was made from.
    package struct Template: Hashable, Sendable, Decodable {
        /// Its path in the repository, or as it is shown outside of one; nil when it is not from a file.
        package var path: String?
        /// Its length in Unicode scalars.
        package var characters: Int
        /// Its variables, sorted.
        package var variables: [String]
    }

    /// The name within the job.
    package var name: String
    /// The name in the registry.
    package var fullName: String
    /// The address of the version; nil while there is none.
    package var uri: String?
    /// The page that shows it in the browser; nil where there is none.
    package var url: String?
    /// What the plan says; nil when the run ended before there was one.
    package var action: PromptAction?
    /// Whether it was done.
    package var status: PromptOutcome.Status
    /// The newest version's number; nil while it is not made.
    package var version: Int?
    /// The newest version's number before the run.
    package var previousVersion: Int?
    /// The newest version's number as the plan expects it after the run.
    package var targetVersion: Int?
    /// What makes it differ from what the registry had.
    package var differences: [Difference]
    /// What became of each alias.
    package var aliases: [AliasReport]
    /// The template; nil when the run ended before it was known.
    package var template: Template?
    /// The line of the spec that names the prompt; nil where none does.
    package var specLine: Int?
    /// Why it failed.
    package var error: RegistryError?
    /// How long it took, in milliseconds.
    package var elapsedMs: Int
}

/// What became of one alias, as a report has it.
package struct AliasReport: Hashable, Sendable, Decodable {
    /// The alias.
    package var alias: String
    /// What the plan says.
    package var action: AliasAction
    /// What became of it.
    package var status: AliasStatus
    /// The version that it points to now; nil when it does not exist or is not known.
    package var version: Int?
    /// The version that it pointed to before the run.
    package var previousVersion: Int?
    /// The version that the plan expects it to point to; nil when it is to be taken away.
    package var targetVersion: Int?
}
