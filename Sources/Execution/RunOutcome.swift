package import Planning
package import Prompts

/// What a run did.
package struct RunOutcome: Sendable {
    /// What became of each prompt, in the order of the plan.
    package var prompts: [PromptOutcome]
    /// What kept the whole run from being done; nil when there is no such thing.
    package var error: RegistryError?

    /// What a run did.
    package init(prompts: [PromptOutcome], error: RegistryError? = nil) {
        self.prompts = prompts
        self.error = error
    }
}

/// What became of one prompt.
package struct PromptOutcome: Sendable {
    /// Whether it was done.
    package enum Status: String, Hashable, Sendable, Decodable, CaseIterable {
        /// All that the plan asks of the prompt is done, but for aliases that were held or moved back.
        case ok
        /// Something failed.
        case failed
        /// It was not begun.
        case notRun = "not_run"
    }

    /// What the plan says.
    package var planned: PlannedPrompt
    /// Whether it was done.
    package var status: Status
    /// The newest version's number now, when it is known.
    package var version: Int?
    /// The numbers of those versions that were made before the newest, in the order of the plan.
    package var earlierVersions: [Int] = []
    /// What became of each alias, in the order of the plan.
    package var aliases: [AliasStatus]
    /// The aliases that were moved, and could not be moved back.
    package var stuckAliases: Set<String> = []
    /// Whether its alias moves are in the journal.
    var isJournaled = false
    /// The aliases whose move failed in a way that may have been no failure.
    var uncertainAliases: Set<String> = []
    /// Why it failed.
    package var error: RegistryError?
    /// How long it took.
    package var elapsed: Duration

    /// What becomes of a prompt that is not begun.
    init(notRun planned: PlannedPrompt) {
        self.planned = planned
        status = .notRun
        version = planned.action.makesVersion ? nil : planned.previousVersion
        aliases = planned.aliases.map { $0.action == .unchanged ? .ok : .held }
        elapsed = .zero
    }

    /// The version that an alias of the plan is to point to; nil while it is not made.
    ///
    /// - Parameter alias: One of the plan's aliases that is not taken away.
    /// - Returns: The version's number.
    func goal(of alias: PlannedAlias) -> Int? {
        switch alias.goal {
        case .newest: version
        case .version(let number): number
        case .made(let index): index < earlierVersions.count ? earlierVersions[index] : nil
        }
    }

    /// What becomes of a prompt whose plan is refused.
    init(refusing planned: PlannedPrompt) {
        self.init(notRun: planned)
        guard let problem = planned.problem else { return }
        status = .failed
        error = problem
    }
}

/// What became of an alias.
package enum AliasStatus: String, Hashable, Sendable, Decodable, CaseIterable {
    /// It is where the plan wants it.
    case ok
    /// It was not touched: something else failed, the run was stopped, or it was only planned.
    case held
    /// It could not be moved, or could not be moved back.
    case failed
    /// It was moved, and moved back.
    case restored
}

/// What a run tells while it goes on.
package enum RunEvent: Sendable {
    /// A prompt's version is there, or failed to be.
    case registered(PromptOutcome)
    /// The aliases of one prompt are where they should be, or failed to be.
    case aliasesMoved(name: String)
    /// An alias move failed, so those already moved go back.
    case restoring
    /// What is half done is cleared up next, whatever the time for the run says; told again while that gets on.
    case clearingUp
}
