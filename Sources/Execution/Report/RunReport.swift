package import Jobs
package import Planning
package import Prompts
import Support

extension RunReport {
    /// The alias moves that the run made, by the full name of their prompt.
    package var aliasMoves: [String: [Rollback.Move]] {
        let moves = prompts.map { prompt in
            (
                prompt.fullName,
                prompt.aliases.filter { $0.status == .ok && $0.action != .unchanged }.map {
                    Rollback.Move(alias: $0.alias, from: $0.previousVersion, to: $0.version)
                }
            )
        }
        return Dictionary(moves) { first, _ in first }.filter { !$1.isEmpty }
    }

    /// How many prompts are as they should be: registered, or with their aliases where they belong.
    package var succeeded: Int {
        switch command {
        case .run, .copy: summary.succeeded
        case .promote, .rollback:
            prompts.count { $0.status == .ok && $0.aliases.allSatisfy { $0.status == .ok } }
        }
    }
}

/// What a run did, or a plan would do: the one value that every report format renders.
///
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
        /// All was done.
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

        /// A version of this program.
        package init(version: String) { self.version = version }
    }

    /// What version control says of the job's files.
    package struct Git: Hashable, Sendable, Decodable {
        /// The commit.
        package var commit: String
        /// Whether any of them differs from it.
        package var dirty: Bool

        /// A state of the files.
        package init(commit: String, dirty: Bool) {
            self.commit = commit
            self.dirty = dirty
        }
    }

    /// The numbers of a run. The first six of them after `total` add up to it.
    package struct Summary: Hashable, Sendable, Decodable {
        /// The prompts of the run.
        package var total = 0
        /// Prompts that were made.
        package var created = 0
        /// Prompts that got a new version.
        package var updated = 0
        /// Prompts whose tags or description were changed.
        package var retagged = 0
        /// Prompts that were as they should be.
        package var unchanged = 0
        /// Prompts of which something failed.
        package var failed = 0
        /// Prompts that were not begun.
        package var notRun = 0
        /// Aliases that were set or moved.
        package var aliasesSet = 0
        /// Aliases that were left where they were.
        package var aliasesHeld = 0
        /// Aliases that were taken away.
        package var aliasesRemoved = 0

        /// Prompts that are in the registry as the job wants them.
        package var succeeded: Int { created + updated + retagged + unchanged }
    }

    /// The version of the report's format.
    package var schemaVersion = Self.currentVersion
    /// The program that wrote it.
    package var tool: Tool
    /// The job's name; nil where prompts were named without a job.
    package var job: String?
    /// The target in use.
    package var target: String?
    /// The registry's address.
    package var registry: String
    /// The workspace behind the address; nil where the address says all.
    package var workspace: String?
    /// What was done.
    package var command: Operation
    /// What kind of run it is of.
    package var mode: Mode
    /// What a failure does.
    package var onError: OnError
    /// How the run ended.
    package var status: Status
    /// Whether the plan could not be carried out as a whole, so that nothing was done.
    package var refused: Bool
    /// When it began, in RFC 3339.
    package var startedAt: String
    /// When it ended, in RFC 3339.
    package var finishedAt: String
    /// How long it took, in milliseconds.
    package var elapsedMs: Int
    /// How many requests were sent over a network.
    package var requests: Int
    /// What version control says; nil outside a repository.
    package var git: Git?
    /// The numbers of the plan.
    package var plan: PlanCounts
    /// The numbers of the run.
    package var summary: Summary
    /// What became of each prompt.
    package var prompts: [PromptReport]
    /// Prompts that the job registered once and names no more, as far as they were looked for.
    package var orphans: [OrphanedPrompt]
    /// What kept the whole run from being done.
    package var error: RegistryError?

    /// Where the registry is.
    package var location: RegistryLocation { RegistryLocation(registry, workspace: workspace) }
}
