package import Jobs
package import Prompts

/// What a run would do: complete, and all that the runner acts on.
package struct Plan: Hashable, Sendable, Codable {
    /// What is done.
    package var operation: Operation
    /// The job's name; nil where prompts were named without a job.
    package var job: String?
    /// The target in use.
    package var target: String?
    /// Where the registry is.
    package var registry: RegistryLocation
    /// Whether the command line names another registry than the target; nil where it does not.
    package var isElsewhere: Bool?
    /// What a failure does.
    package var onError: OnError
    /// Whether new versions get provenance tags.
    package var provenance: Bool
    /// What is done about a version that something else registers meanwhile; nil where the job says nothing.
    package var onForeign: OnForeign?
    /// What happens to each prompt, in the order of the job.
    package var prompts: [PlannedPrompt]
    /// Prompts that this job registered once and no longer names.
    package var orphans: [OrphanedPrompt]
    /// Why gates that fail do not count; nil where they do, or none fails.
    package var gateOverride: String?

    /// A plan.
    package init(
        operation: Operation, job: String?, target: String? = nil, registry: RegistryLocation,
        onError: OnError = .hold, provenance: Bool = false, prompts: [PlannedPrompt],
        orphans: [OrphanedPrompt] = []
    ) {
        self.operation = operation
        self.job = job
        self.target = target
        self.registry = registry
        self.onError = onError
        self.provenance = provenance
        self.prompts = prompts
        self.orphans = orphans
    }

    /// How many prompts and aliases there are of each kind.
    package var counts: PlanCounts {
        let accepted = prompts.lazy.filter { $0.problem == nil }
        let prompts = { (action: PromptAction) in accepted.count { $0.action == action } }
        let aliases = { (actions: Set<AliasAction>) in
            accepted.reduce(0) { sum, prompt in sum + prompt.aliases.count { actions.contains($0.action) } }
        }
        return PlanCounts(
            create: prompts(.create), update: prompts(.update), retag: prompts(.retag),
            unchanged: prompts(.unchanged), aliases: aliases([.set, .move]),
            aliasRemovals: aliases([.remove]), refused: self.prompts.count { $0.problem != nil })
    }

    /// Whether a problem keeps the whole plan from being carried out.
    package var isRefused: Bool { prompts.contains { $0.problem != nil } }

    /// Whether a run would change anything.
    package var hasChanges: Bool {
        prompts.contains { $0.action != .unchanged || $0.aliases.contains { $0.action != .unchanged } }
    }

    /// What the alias moves of the plan are part of: the same for another plan of the same prompts, contents and aliases,
    /// whatever the registry has of them already.
    package var release: String {
        // A prompt of a plan is large: it is not moved about.
        let order = prompts.indices.sorted { prompts[$0].prompt.name < prompts[$1].prompt.name }
        return ShortDigest.of(
            [operation.rawValue, job]
                + order.flatMap { index -> [String?] in
                    let prompt = prompts[index]
                    let content = prompt.version.content
                    let contents =
                        operation == .run
                        ? [content.template, content.modelConfig, content.responseFormat]
                        : prompt.aliases.map { prompt.expectedVersion(of: $0).map { "\($0)" } }
                    return [prompt.prompt.name] + contents + prompt.aliases.map(\.alias)
                })
    }

    /// Whether something else moved an alias since this program did.
    package var hasDrift: Bool { prompts.contains { !$0.drift.isEmpty } }
}

/// What is done to a batch of prompts.
package enum Operation: String, Hashable, Sendable, Codable, CaseIterable {
    /// The templates of a job are registered.
    case run
    /// An alias is pointed to the version of another one.
    case promote
    /// An alias goes back to where it was.
    case rollback
    /// Versions are copied from another registry.
    case copy

    /// Whether it may register versions; the others move aliases only, wherever the newest version is.
    package var registersVersions: Bool { self == .run || self == .copy }
}

/// A prompt that a job registered once and no longer names.
package struct OrphanedPrompt: Hashable, Sendable, Codable {
    /// The full name.
    package var fullName: String
    /// Those of the job's aliases that it still has, with the versions that they point to.
    package var aliases: [String: Int]
    /// Its other aliases, which stay, with their versions; nil in a plan or report of an earlier program.
    package var otherAliases: [String: Int]?
}

/// How many prompts and aliases of a plan there are of each kind.
package struct PlanCounts: Hashable, Sendable, Decodable {
    /// Prompts to be created.
    package var create = 0
    /// Prompts that get a new version.
    package var update = 0
    /// Prompts whose tags or description change in place.
    package var retag = 0
    /// Prompts that stay as they are.
    package var unchanged = 0
    /// Aliases to be set or moved.
    package var aliases = 0
    /// Aliases to be removed.
    package var aliasRemovals = 0
    /// Prompts that have a problem, which are none of the above; nil in a report of an earlier program.
    package var refused: Int? = 0
}
