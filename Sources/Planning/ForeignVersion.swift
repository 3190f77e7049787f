import FoundationEssentials
package import Jobs
package import Prompts
import Support

/// A version that something else than the job made, and that a run replaces or moves aliases away from.
package struct ForeignVersion: Hashable, Sendable, Codable {
    /// The version, as the registry has it.
    package var version: PromptVersion
    /// Whether the job made it, and something else changed its content.
    package var isEdited: Bool
    /// Which settings of the model something else changed in it; nil where it was not edited so, or its earlier settings
    /// are not known.
    package var edits: [SettingChange]?
    /// The last version before it that a job made; nil where there is none.
    package var own: PromptVersion?
    /// The aliases of the job that the run would move away from it.
    package var aliases: [String]
    /// What the run does about it.
    package var answer: OnForeign

    /// What was found.
    ///
    /// - Parameters:
    ///   - version: The version.
    ///   - maker: Who made it.
    ///   - own: The last version before it that a job made; nil where there is none.
    ///   - aliases: The aliases that the run would move away from it.
    ///   - wish: What the job says of such versions; nil where it says nothing.
    package init(
        _ version: PromptVersion, by maker: VersionMaker, after own: PromptVersion?, aliases: [String],
        wish: OnForeign?
    ) {
        self.version = version
        isEdited = maker.isEdited
        self.own = own
        self.aliases = aliases
        // Where no version is a job's, this is the first run of one, upon what was there before.
        let isOwn = own == nil || isEdited && version.accepted == nil
        answer = wish ?? (isOwn || aliases.isEmpty ? .warn : .refuse)
    }

    /// When the version was made, in RFC 3339; nil where the registry does not say.
    package var time: String? {
        version.createdAt.map { Date(timeIntervalSince1970: Double($0) / 1_000).timestamp }
    }

    /// What it is, such as `v3 was made elsewhere by alice on 2026-11-21T13:05:00.123Z`.
    package var words: String {
        if isEdited {
            let change = version.accepted == nil ? "registered it" : "taken it into its files"
            return "v\(version.number) was changed elsewhere after a job had \(change)"
        }
        let who = (version.createdBy.map { " by \($0)" } ?? "") + (time.map { " on \($0)" } ?? "")
        return "v\(version.number) was made elsewhere\(who)"
    }

    /// Why the run is refused.
    ///
    /// - Parameters:
    ///   - job: The job's name.
    ///   - newest: The prompt's newest version.
    /// - Returns: The error.
    package func refusal(of job: String, newest: Int?) -> RegistryError {
        let moves = aliases.isEmpty ? "replace it" : "move \(aliases.joined(separator: ", ")) away from it"
        // Without an alias a pull takes the newest version.
        let alias = version.number == newest ? "" : aliases.first.map { " --alias \($0)" } ?? ""
        return RegistryError(
            .foreignVersion, "\(words), and '\(job)' would \(moves)",
            hint:
                "promptreg pull\(alias) takes it into the job's files; where they have it, --overwrite-foreign replaces it this once"
        )
    }
}
