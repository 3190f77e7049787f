package import Jobs
package import Planning
package import Prompts

/// The outcome of one prompt, as a report has it.
package struct PromptReport: Hashable, Sendable, Decodable {
    /// The template that the prompt was made from.
    package struct Template: Hashable, Sendable, Decodable {
        /// The file's path, in the repository if there is one; nil if it is not from a file.
        package var path: String?
        /// Its length in Unicode scalars.
        package var characters: Int
        /// The names of its variables, sorted.
        package var variables: [String]
    }

    /// The name within the job.
    package var name: String
    /// The name in the registry.
    package var fullName: String
    /// The URI of the version; nil if there is none.
    package var uri: String?
    /// The page that shows the prompt in the browser; nil if there is none.
    package var url: String?
    /// What the plan says; nil if the run ended before there was a plan.
    package var action: PromptAction?
    /// How it went.
    package var status: PromptOutcome.Status
    /// The newest version now; nil if there is none.
    package var version: Int?
    /// The newest version before the run.
    package var previousVersion: Int?
    /// The newest version after the run, as the plan expects it.
    package var targetVersion: Int?
    /// How the job and the registry differed.
    package var differences: [Difference]
    /// The outcome of each alias.
    package var aliases: [AliasReport]
    /// The template; nil if the run ended before it was known.
    package var template: Template?
    /// The line of the spec that names the prompt; nil without a job.
    package var specLine: Int?
    /// The versions that were deleted, as they were registered twice; nil in a report of an earlier program.
    package var duplicatesRemoved: [Int]? = []
    /// Aliases that something else moved before; nil in a report of an earlier program.
    package var drift: [AliasDrift]? = []
    /// The job that the prompt belonged to before; nil unless it is another one.
    package var previousJob: String?
    /// Whether no job had registered the prompt before, and it becomes this one's; nil in a report of an earlier program.
    package var takenFromNobody: Bool? = false
    /// Versions that something else made, and that the run replaces; nil in a report of an earlier program.
    package var foreign: [ForeignReport]? = []
    /// Whether another run at the same time made its version, so that this one made none; nil in a report of an earlier
    /// program.
    package var madeByAnotherRun: Bool? = false
    /// What the gates of a promotion found; nil without gates.
    package var gates: [GateFinding]?
    /// Why it failed.
    package var error: RegistryError?
    /// How long it took, in milliseconds.
    package var elapsedMs: Int
}

/// The outcome of one alias, as a report has it.
package struct AliasReport: Hashable, Sendable, Decodable {
    /// The alias.
    package var alias: String
    /// What the plan says.
    package var action: AliasAction
    /// How it went.
    package var status: AliasStatus
    /// The version that it points to now; nil if it does not exist.
    package var version: Int?
    /// The version that it pointed to before the run.
    package var previousVersion: Int?
    /// The version that the plan expects; nil if it is to be removed.
    package var targetVersion: Int?
    /// Whether another run at the same time had put it where the plan wants it; nil in a report of an earlier program.
    package var setByAnotherRun: Bool? = false
}

/// A version that something else than the job made, as a report has it.
package struct ForeignReport: Hashable, Sendable, Decodable {
    /// Its number.
    package var version: Int
    /// When it was made, in RFC 3339; nil where the registry does not say.
    package var createdAt: String?
    /// Who made it; nil where the registry does not say.
    package var createdBy: String?
    /// Its commit message.
    package var message: String?
    /// Whether the job made it, and something else changed its content.
    package var isEdited: Bool
    /// Which settings of the model were changed then; nil where that is not known, or where it was not edited.
    package var edits: [SettingChange]?
    /// The last version before it that a job made; nil where there is none.
    package var ownVersion: Int?
    /// The job's aliases that the run would move away from it.
    package var aliases: [String]
    /// What the run does about it.
    package var action: OnForeign

    enum CodingKeys: String, CodingKey {
        case version, createdAt, createdBy, message, edits, ownVersion, aliases, action
        case isEdited = "edited"
    }

    /// What a plan has of the version.
    init(_ foreign: ForeignVersion) {
        version = foreign.version.number
        createdAt = foreign.time
        createdBy = foreign.version.createdBy
        message = foreign.version.description
        isEdited = foreign.isEdited
        edits = foreign.edits
        ownVersion = foreign.own?.number
        aliases = foreign.aliases
        action = foreign.answer
    }
}
