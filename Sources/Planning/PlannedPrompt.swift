package import Prompts

/// What happens to one prompt.
package struct PlannedPrompt: Hashable, Sendable, Codable {
    /// The name within the job.
    package var name: String
    /// The prompt as it is made, with its full name.
    package var prompt: PromptDraft
    /// The version that is wanted, without provenance.
    package var version: VersionDraft
    /// Versions to be made before that one; only a copy has any.
    package var earlierVersions: [VersionDraft] = []
    /// What happens.
    package var action: PromptAction
    /// Why.
    package var differences: [Difference]
    /// Whether the registry knows the prompt; one without versions is still to be created.
    package var exists: Bool
    /// The newest version's number before the run; nil when there is none.
    package var previousVersion: Int?
    /// The content that the plan replaces, in the newest version or in what an alias serves; nil when it replaces none.
    package var previousContent: PromptContent?
    /// The number of the version that has that content.
    package var previousContentVersion: Int?
    /// What changes in place, besides versions and aliases.
    package var changes: MetadataChanges
    /// Tags of further versions that change in place; only a copy has any.
    package var versionChanges: [MetadataChanges] = []
    /// What happens to each alias, in the order of the job.
    package var aliases: [PlannedAlias]
    /// The journal of alias moves as the registry has it; nil when there is none.
    package var aliasLog: String?
    /// Where the template came from.
    package var source: TemplateSource
    /// Why nothing of the plan can be done: the registry would refuse this prompt, or a gate is closed to it.
    package var problem: RegistryError?
}

extension PlannedPrompt {
    /// The version that an alias is expected to point to after the run; nil for one that is taken away.
    ///
    /// The registry numbers versions, and it may skip some, so that for those to be made this is only expected.
    package func expectedVersion(of alias: PlannedAlias) -> Int? {
        if alias.action == .remove { return nil }
        switch alias.goal {
        case .newest: return expectedVersion
        case .version(let number): return number
        case .made(let index): return (previousVersion ?? 0) + index + 1
        }
    }

    /// The newest version's number after the run, as far as it can be known before.
    package var expectedVersion: Int? {
        action.makesVersion ? (previousVersion ?? 0) + earlierVersions.count + 1 : previousVersion
    }
}

/// What happens to one alias of a prompt.
package struct PlannedAlias: Hashable, Sendable, Codable {
    /// The alias.
    package var alias: String
    /// What happens.
    package var action: AliasAction
    /// Where it points before the run; nil when it does not exist.
    package var previousVersion: Int?
    /// Where it goes to, unless it is taken away.
    package var goal = AliasGoal.newest
}

/// Where a template came from.
package struct TemplateSource: Hashable, Sendable, Codable {
    /// The template's path, as it is shown to the user; nil where it is not from a file.
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
    /// The variables of the version that the plan replaces, sorted; empty when there is none.
    package var previousVariables: [String]
}

extension TemplateSource {
    /// The source of a content that is in a registry, not in a file.
    package init(registered content: PromptContent, replacing previous: PromptContent? = nil) {
        self.init(
            path: nil, files: [], specPath: nil, specLine: nil,
            characters: content.template.unicodeScalars.count, variables: content.variables,
            previousVariables: previous?.variables ?? [])
    }
}
