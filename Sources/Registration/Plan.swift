package import JobSpec
package import PromptRegistry

/// What a run would do: data, complete, and all that the runner acts on.
package struct Plan: Hashable, Sendable, Codable {
    /// The job's name.
    package var job: String
    /// The target in use.
    package var target: String?
    /// Where the registry is.
    package var registry: String
    /// What a failure does.
    package var onError: OnError
    /// Whether new versions get provenance tags.
    package var provenance: Bool
    /// What happens to each prompt, in the order of the job.
    package var prompts: [PlannedPrompt]

    /// How many prompts a plan holds of each kind, and how many aliases it sets or moves.
    package var counts: PlanCounts {
        var counts = PlanCounts()
        for prompt in prompts {
            switch prompt.action {
            case .create: counts.create += 1
            case .update: counts.update += 1
            case .retag: counts.retag += 1
            case .unchanged: counts.unchanged += 1
            }
            counts.aliases += prompt.aliases.count { $0.action != .unchanged }
        }
        return counts
    }

    /// Whether a run would change anything.
    package var hasChanges: Bool {
        prompts.contains { $0.action != .unchanged || $0.aliases.contains { $0.action != .unchanged } }
    }
}

/// The numbers of a plan.
package struct PlanCounts: Hashable, Sendable, Codable {
    /// Prompts to be made.
    package var create = 0
    /// Prompts that get a new version.
    package var update = 0
    /// Prompts whose tags or description change in place.
    package var retag = 0
    /// Prompts that stay as they are.
    package var unchanged = 0
    /// Aliases to be set or moved.
    package var aliases = 0
}

/// What happens to a prompt.
package enum PromptAction: String, Hashable, Sendable, Codable, CaseIterable {
    /// The registry does not know it: it gets its first version.
    case create
    /// It gets a new version.
    case update
    /// Only tags or its description change, in place.
    case retag
    /// Nothing.
    case unchanged
}

/// What happens to an alias.
package enum AliasAction: String, Hashable, Sendable, Codable, CaseIterable {
    /// It does not exist yet.
    case set
    /// It points elsewhere.
    case move
    /// It is where it should be.
    case unchanged
}

/// What makes the newest version differ from what the job wants.
package enum Difference: String, Hashable, Sendable, Codable, CaseIterable {
    /// Text here, chat there.
    case kind
    /// The template.
    case template
    /// The model's settings.
    case modelConfig = "model_config"
    /// The answer's shape.
    case responseFormat = "response_format"
    /// The prompt's description.
    case description
    /// The tags.
    case tags
    /// The experiments that show the prompt.
    case experiments
    /// Nothing, but a new version was asked for all the same.
    case forced
}

/// What happens to one prompt.
package struct PlannedPrompt: Hashable, Sendable, Codable {
    /// The name within the job.
    package var name: String
    /// The prompt as it is made, with its full name.
    package var prompt: PromptDraft
    /// The version that the job wants, without provenance.
    package var version: VersionDraft
    /// What happens.
    package var action: PromptAction
    /// Why.
    package var differences: [Difference]
    /// Whether the registry knows the prompt; one without versions is still to be created.
    package var exists: Bool
    /// The newest version's number before the run; nil when there is none.
    package var previousVersion: Int?
    /// The newest version's content, when the plan replaces it.
    package var previousContent: PromptContent?
    /// What changes in place, besides versions and aliases.
    package var changes: MetadataChanges
    /// What happens to each alias, in the order of the job.
    package var aliases: [PlannedAlias]
    /// Where the template came from.
    package var source: TemplateSource
}

/// What happens to one alias of a prompt. Where it goes to is the version that the prompt has after the run.
package struct PlannedAlias: Hashable, Sendable, Codable {
    /// The alias.
    package var alias: String
    /// What happens.
    package var action: AliasAction
    /// Where it points before the run; nil when it does not exist.
    package var previousVersion: Int?
}

/// Where a template came from.
package struct TemplateSource: Hashable, Sendable, Codable {
    /// The template's path, as it is shown to the user.
    package var path: String
    /// The files that the prompt is made of, besides the spec.
    package var files: [String]
    /// The spec's path.
    package var specPath: String
    /// The line of the spec that names the prompt, from 1.
    package var specLine: Int
    /// The length of the template in Unicode scalars.
    package var characters: Int
    /// The variables, sorted.
    package var variables: [String]
    /// The variables of the version that the plan replaces, sorted; empty when there is none.
    package var previousVariables: [String]
}
