package import Jobs
package import Planning
package import Prompts
import Support

/// What a run did, or a plan would do: the one value that every report format renders.
package struct RunReport: Hashable, Sendable, VersionedFile {
    /// The version of the report's format.
    package static let currentVersion = 1
    package static let versionKey = "schema_version"

    /// What kind of run a report is of.
    package enum Mode: String, Hashable, Sendable, Decodable, CaseIterable {
        /// A run.
        case run
        /// A run that only shows what it would do.
        case dryRun = "dry_run"
        /// A plan.
        case plan
    }

    /// How a run ended.
    package enum Status: String, Hashable, Sendable, Decodable, CaseIterable {
        /// Everything was done.
        case ok
        /// Something was not done.
        case failed
        /// A signal ended it.
        case interrupted
    }

    /// The program that wrote the report.
    package struct Tool: Hashable, Sendable, Decodable {
        /// Its name.
        package var name = "promptreg"
        /// Its version.
        package var version: String
    }

    /// The state of the job's files in git.
    package struct Git: Hashable, Sendable, Decodable {
        /// The commit.
        package var commit: String
        /// Whether any of the files differs from it; nil where git does not say.
        package var dirty: Bool?
        /// The branch, as the command line or the CI system says.
        package var branch: String?
        /// The address of the repository's page.
        package var repository: String?
        /// The address of the commit's page.
        package var url: String?
    }

    /// The numbers of a run. Those from `created` to `notRun` add up to `total`.
    package struct Summary: Hashable, Sendable, Decodable {
        /// All prompts of the run.
        package var total = 0
        /// Prompts that were created.
        package var created = 0
        /// Prompts that got a new version.
        package var updated = 0
        /// Prompts whose tags or description changed.
        package var retagged = 0
        /// Prompts that stayed as they were.
        package var unchanged = 0
        /// Prompts that failed.
        package var failed = 0
        /// Prompts that were not started.
        package var notRun = 0
        /// Aliases that the run set or moved.
        package var aliasesSet = 0
        /// Aliases that were to be set or moved, and that another run at the same time had put there; nil in a report of an
        /// earlier program.
        package var aliasesSetByAnotherRun: Int? = 0
        /// Aliases that were left where they were.
        package var aliasesHeld = 0
        /// Aliases that were removed.
        package var aliasesRemoved = 0
        /// Versions that were deleted, as they were registered twice; nil in a report of an earlier program.
        package var duplicatesRemoved: Int? = 0
    }

    /// The version of the report's format.
    package var schemaVersion = Self.currentVersion
    /// The program that wrote it.
    package var tool: Tool
    /// The job's name; nil if prompts were named without a job.
    package var job: String?
    /// The target in use.
    package var target: String?
    /// The registry's address.
    package var registry: String
    /// Whether the command line names another registry than the target; nil in a report of an earlier program.
    package var registryOverridden: Bool?
    /// The workspace behind the address; nil if the address says it all.
    package var workspace: String?
    /// The command.
    package var command: Operation
    /// The kind of run.
    package var mode: Mode
    /// What a failure does.
    package var onError: OnError
    /// How the run ended.
    package var status: Status
    /// Whether nothing was done because the plan has problems.
    package var refused: Bool
    /// When it started, in RFC 3339.
    package var startedAt: String
    /// When it ended, in RFC 3339.
    package var finishedAt: String
    /// How long it took, in milliseconds.
    package var elapsedMs: Int
    /// How many requests were sent over the network.
    package var requests: Int
    /// The state of the job's files in git; nil outside a repository.
    package var git: Git?
    /// Why it was made against the job's policy; nil where that allows it.
    package var policyOverride: String?
    /// Why gates that failed did not count; nil where they did, or none failed.
    package var gateOverride: String?
    /// The numbers of the plan.
    package var plan: PlanCounts
    /// The numbers of the run.
    package var summary: Summary
    /// The outcome of each prompt.
    package var prompts: [PromptReport]
    /// Prompts that the job registered earlier and no longer names, if they were looked for.
    package var orphans: [OrphanedPrompt]
    /// Why the run as a whole failed.
    package var error: RegistryError?
}

extension RunReport {
    /// Where the registry is.
    package var location: RegistryLocation { RegistryLocation(registry, workspace: workspace) }

    /// The alias moves that the run made, or found made by another run at the same time, by the full names of their prompts.
    package var aliasMoves: [String: [Rollback.Move]] {
        let moves = prompts.map { prompt in
            let moved = prompt.aliases.filter { $0.status == .ok && $0.action != .unchanged }
            return (
                prompt.fullName,
                moved.map { Rollback.Move(alias: $0.alias, from: $0.previousVersion, to: $0.version) }
            )
        }
        return Dictionary(moves) { first, _ in first }.filter { !$1.isEmpty }
    }

    /// What cannot be so in a report, in words; nil in one that was not tampered with.
    package var contradiction: String? {
        var names: Set<String> = []
        var (set, removed) = (0, 0)
        for prompt in prompts {
            if !names.insert(prompt.fullName).inserted {
                return "it names the prompt '\(prompt.fullName)' twice"
            }
            var aliases: Set<String> = []
            for alias in prompt.aliases {
                let subject = "the alias '\(alias.alias)' of '\(prompt.fullName)'"
                if !aliases.insert(alias.alias).inserted { return "it names \(subject) twice" }
                guard alias.status == .ok, alias.action != .unchanged else { continue }
                // Only an alias that is set was nowhere before, and only one that is removed is nowhere afterwards.
                if (alias.action == .set) != (alias.previousVersion == nil)
                    || (alias.action == .remove) != (alias.version == nil)
                {
                    return "it does not tell from where to where it moved \(subject)"
                }
                if alias.action == .remove {
                    removed += 1
                } else if alias.setByAnotherRun != true {
                    set += 1
                }
            }
        }
        if (set, removed) != (summary.aliasesSet, summary.aliasesRemoved) || refused && set + removed > 0 {
            return "its summary tells of other alias moves than its prompts"
        }
        return nil
    }

    /// How many prompts the command did all for that it was to do: a run itself registered them, a copy copied them or their
    /// aliases, and the others moved their aliases.
    package var succeeded: Int {
        prompts.count { prompt in
            guard prompt.status == .ok, let action = prompt.action, prompt.madeByAnotherRun != true else {
                return false
            }
            let moves = prompt.aliases.filter { $0.action != .unchanged }
            switch command {
            case .run: return action != .unchanged
            case .copy:
                return action != .unchanged || moves.contains { $0.status == .ok && $0.action != .remove }
            case .promote, .rollback: return !moves.isEmpty && moves.allSatisfy { $0.status == .ok }
            }
        }
    }
}
