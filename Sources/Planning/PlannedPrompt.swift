import FoundationEssentials
package import Jobs
package import Prompts
import Support

/// What happens to one prompt.
package struct PlannedPrompt: Hashable, Sendable, Codable {
    /// The name within the job.
    package var name: String
    /// The prompt as it is created, with its full name.
    package var prompt: PromptDraft
    /// The desired version, without provenance.
    package var version: VersionDraft
    /// Versions to register before that one; only a copy has any.
    package var earlierVersions: [VersionDraft] = []
    /// What happens.
    package var action: PromptAction
    /// Why.
    package var differences: [Difference]
    /// Whether the prompt exists in the registry; one without versions is still to be created.
    package var exists: Bool
    /// The newest version number before the run; nil when there is none.
    package var previousVersion: Int?
    /// The content that is replaced, in the newest version or behind an alias; nil when none is.
    package var previousContent: PromptContent?
    /// The number of the version that has that content.
    package var previousContentVersion: Int?
    /// What changes in place, besides versions and aliases.
    package var changes: MetadataChanges
    /// Tags of further versions that change in place; only a copy has any.
    package var versionChanges: [MetadataChanges] = []
    /// What happens to each alias, in the order of the job.
    package var aliases: [PlannedAlias]
    /// Versions that are the same registration as an earlier one, made twice: they are deleted.
    package var repetitions: [Int] = []
    /// Aliases that something else moved since this program did; the plan moves none of them for that.
    package var drift: [AliasDrift] = []
    /// The job that the prompt belongs to before the run; nil unless it is another one.
    package var previousJob: String?
    /// Whether the run may take it from another job, also from one that registers it meanwhile; nil where it may not.
    package var adopts: Bool?
    /// Versions that something else made, and that the run replaces, the newest first.
    package var foreign: [ForeignVersion] = []
    /// What a run has told that is moving aliases of the prompt back; nil where none is.
    package var movingBack: String?
    /// The full name that the prompt had before, from which versions are carried over; nil where none are.
    package var movedFrom: String?
    /// Where the template came from.
    package var source: TemplateSource
    /// Why the plan is refused; nil when it is not.
    package var problem: RegistryError?
    /// What the gates of a promotion found; nil where there are none.
    package var gates: [GateFinding]?
}

extension PlannedPrompt {
    /// Notes the moves that led the aliases to where they are.
    mutating func noteLastMoves(of prompt: ObservedPrompt?) {
        let log = AliasLog(continuing: prompt?.tags[AliasLog.tag])
        movingBack = prompt?.tags[AliasLog.movingBackTag]
        for index in aliases.indices {
            let last = log.last(aliases[index].alias)
            aliases[index].lastMove = last?.to == aliases[index].previousVersion ? last : nil
        }
    }

    /// Notes when the aliases were set of which the journal tells nothing: not before the version was made.
    mutating func noteFirstMoves(to newest: PromptVersion?) {
        guard let newest, let time = newest.createdAt else { return }
        for index in aliases.indices where aliases[index].lastMove == nil {
            let alias = aliases[index]
            guard alias.previousVersion == newest.number else { continue }
            let at = Date(timeIntervalSince1970: Double(time) / 1000).timestamp
            aliases[index].lastMove = AliasLog.Entry(alias: alias.alias, from: nil, to: newest.number, at: at)
        }
    }

    /// Has the journal take in what put aliases where the plan wants them anyway, so that it is no drift afterwards.
    mutating func acceptDrift() {
        for index in aliases.indices where aliases[index].action == .unchanged {
            aliases[index].acceptedDrift = drift.first { $0.alias == aliases[index].alias }
        }
    }

    /// Adds versions that are to be deleted, as they were registered twice.
    mutating func add(repetitions: [Int]) {
        guard !repetitions.isEmpty else { return }
        self.repetitions = repetitions
        differences.append(.repetitions)
        if action == .unchanged { action = .retag }
    }

    /// The full name that versions were carried over to, where this is the old name that the run marks; nil for others.
    package var movedTo: String? { changes.promptTags[ProvenanceTag.movedTo] ?? nil }

    /// The version that an alias is expected to point to after the run; nil for one that is removed.
    ///
    /// Registries number versions themselves, and may skip numbers.
    package func expectedVersion(of alias: PlannedAlias) -> Int? {
        if alias.action == .remove { return nil }
        if alias.action == .unchanged { return alias.previousVersion }
        switch alias.goal {
        case .newest: return expectedVersion
        case .version(let number): return number
        case .made(let index): return (previousVersion ?? 0) + index + 1
        }
    }

    /// The newest version number that is expected after the run.
    package var expectedVersion: Int? {
        action.makesVersion ? (previousVersion ?? 0) + earlierVersions.count + 1 : previousVersion
    }
}

/// What happens to a prompt.
package enum PromptAction: String, Hashable, Sendable, Codable, CaseIterable {
    /// It does not exist yet: it gets its first version.
    case create
    /// It gets a new version.
    case update
    /// Only tags or its description change, in place.
    case retag
    /// Nothing.
    case unchanged

    /// Whether a version is registered.
    package var makesVersion: Bool { self == .create || self == .update }
}

/// What happens to one alias of a prompt.
package struct PlannedAlias: Hashable, Sendable, Codable {
    /// The alias.
    package var alias: String
    /// What happens.
    package var action: AliasAction
    /// The version that it points to before the run; nil when it does not exist.
    package var previousVersion: Int?
    /// Where it is pointed to, unless it is removed.
    package var goal = AliasGoal.newest
    /// The last move, by the journal or as the first one must have been; nil where it led elsewhere, or is not known.
    package var lastMove: AliasLog.Entry?
    /// What moved it where it should be, besides this program: the run adds it to the journal. Nil where nothing did.
    package var acceptedDrift: AliasDrift?
    /// The alias whose version it is pointed to, and which stays; nil where the version is known otherwise.
    package var followed: String?
}

/// What happens to an alias.
package enum AliasAction: String, Hashable, Sendable, Codable, CaseIterable {
    /// It does not exist yet.
    case set
    /// It points to another version.
    case move
    /// It is where it should be.
    case unchanged
    /// It is removed.
    case remove
}

/// Where an alias is pointed to.
package enum AliasGoal: Hashable, Sendable, Codable {
    /// The newest version after the run.
    case newest
    /// An existing version.
    case version(Int)
    /// One of the versions registered before the newest: an index of `PlannedPrompt.earlierVersions`.
    case made(Int)
}

/// Where a template came from.
package struct TemplateSource: Hashable, Sendable, Codable {
    /// The template's path as it is shown to the user; nil where it is not from a file.
    package var path: String?
    /// The files that the prompt is made of, besides the spec.
    package var files: [String]
    /// The spec's path; nil without a job.
    package var specPath: String?
    /// The line of the spec that names the prompt, from 1; nil where none does.
    package var specLine: Int?
    /// The length of the template in Unicode scalars.
    package var characters: Int
    /// The variables, sorted.
    package var variables: [String]
    /// The variables of the version that is replaced, sorted; empty when there is none.
    package var previousVariables: [String]
    /// The files whose texts are parts of it; nil where none are.
    package var parts: TemplateParts?
    /// Those of them whose text is not that of the version which is replaced; nil where none are, or none is replaced.
    package var changedParts: [String]?
}

extension TemplateSource {
    /// The source of content that is in a registry, not in a file.
    init(registered content: PromptContent, replacing previous: PromptContent? = nil) {
        self.init(
            path: nil, files: [], specPath: nil, specLine: nil,
            characters: content.template.unicodeScalars.count, variables: content.variables,
            previousVariables: previous?.variables ?? [])
    }

    /// The source of a job's template.
    init(_ desired: DesiredPrompt, specPath: String) {
        self.init(
            path: desired.template.path, files: desired.files, specPath: specPath,
            specLine: desired.specLine, characters: desired.template.characters,
            variables: desired.template.variables, previousVariables: [], parts: desired.template.parts)
    }
}
