package import Planning
package import Prompts

/// The outcome of a run.
package struct RunOutcome: Sendable {
    /// What became of each prompt, in the order of the plan.
    package var prompts: [PromptOutcome]
    /// Why the run as a whole failed.
    package var error: RegistryError?
}

/// The outcome of one prompt.
package struct PromptOutcome: Sendable {
    /// How it went.
    package enum Status: String, Hashable, Sendable, Decodable, CaseIterable {
        /// Everything was done, except for aliases that were held or moved back.
        case ok
        /// Something failed.
        case failed
        /// It was not started.
        case notRun = "not_run"
    }

    /// The plan for the prompt.
    package var planned: PlannedPrompt
    /// How it went.
    package var status: Status
    /// The number of the newest version now, if it is known.
    package var version: Int?
    /// The numbers of the versions that were made before the newest, in the order of the plan.
    package var earlierVersions: [Int] = []
    /// What became of each alias, in the order of the plan.
    package var aliases: [AliasStatus]
    /// Where aliases are that are elsewhere than their status tells; nil for one that is removed.
    package var places: [String: Int?] = [:]
    /// The versions that were deleted because they were registered twice.
    package var removedVersions: [Int] = []
    /// The versions that may have been registered more than once, as answers were lost.
    var uncertainVersions: [Int] = []
    /// This run's versions for which it took another run's, by the number of that one.
    var attempts: [Int: [PromptVersion]] = [:]
    /// The aliases that this run moved, or may have moved.
    var movedAliases: Set<String> = []
    /// Those of them of which an earlier attempt may still take effect.
    var unsettledAliases: Set<String> = []
    /// The aliases that another run recorded to have moved, too.
    var contestedAliases: Set<String> = []
    /// The aliases that the journal tells this run relies on though another run moved them, and whether they were still
    /// in place after that was written.
    var notedAliases: [String: Bool] = [:]
    /// Whether something has written an alias since the journal's last move of it, of those that are where they were before
    /// that; without those of which the registry does not tell.
    var hasBeenWritten: [String: Bool] = [:]
    /// The job that owns the prompt by now, so that it was not pruned; empty where no job does, and nil for others.
    package var leftTo: String?
    /// What this run added to the journal.
    var journal: [AliasLog.Entry] = []
    /// What those entries replaced.
    var replacedEntries: [AliasLog.Entry] = []
    /// Why it failed.
    package var error: RegistryError?
    /// How long it took.
    package var elapsed: Duration

    /// The outcome of a prompt that was not started.
    init(notRun planned: PlannedPrompt) {
        self.planned = planned
        status = .notRun
        version = planned.action.makesVersion ? nil : planned.previousVersion
        aliases = planned.aliases.map { $0.action == .unchanged ? .ok : .held }
        elapsed = .zero
    }

    /// The version that an alias of the plan should point to; nil if it is to be removed, or while it is not made.
    func version(for alias: PlannedAlias) -> Int? {
        if alias.action == .remove { return nil }
        if alias.action == .unchanged { return alias.previousVersion }
        switch alias.goal {
        case .newest: return version
        case .version(let number): return number
        case .made(let index): return index < earlierVersions.count ? earlierVersions[index] : nil
        }
    }

    /// Where an alias points to, by its position in the plan, as far as the run knows; nil where it does not exist.
    func place(at position: Int) -> Int? {
        let alias = planned.aliases[position]
        if let place = places[alias.alias] { return place }
        return aliases[position] == .ok ? version(for: alias) : alias.previousVersion
    }

    /// Whether an alias was to be set or moved, by its position in the plan, and another run had done so before this one.
    func isSetByAnotherRun(at position: Int) -> Bool {
        let alias = planned.aliases[position]
        return [.set, .move].contains(alias.action) && aliases[position] == .ok
            && !movedAliases.contains(alias.alias)
    }

    /// Whether an entry of the journal was there when the plan was made, though the alias was elsewhere: it is not of a run
    /// that makes the same move at the same time.
    func isEarlier(_ entry: AliasLog.Entry) -> Bool {
        hasBeenWritten[entry.alias] != false
            && planned.drift.contains {
                ($0.alias, $0.left, $0.at, $0.by) == (entry.alias, entry.to, entry.at, entry.by)
            }
    }

    /// The aliases whose last move, by the journal as it was, this run has made again, where only that tells of either.
    var repeatedAliases: [String] {
        planned.drift.filter { drift in
            hasBeenWritten[drift.alias] == nil
                && journal.contains { ($0.alias, $0.from, $0.to) == (drift.alias, drift.place, drift.left) }
        }.map(\.alias)
    }

    /// Whether another run of the job is at work on the prompt, too: this run took its version.
    var hasCompany: Bool { !attempts.isEmpty }

    /// Whether another run at the same time made what is the newest version now, of the same content.
    package var isMadeByAnotherRun: Bool { version.map { attempts[$0] != nil } ?? false }

    /// Takes another run's version in place of one that this run made.
    mutating func take(_ kept: Int, insteadOf number: Int) {
        func taken(_ version: Int) -> Int { version == number ? kept : version }
        version = version.map(taken)
        earlierVersions = earlierVersions.map(taken)
        uncertainVersions = uncertainVersions.map(taken)
    }

    /// The outcome of a prompt whose plan is refused.
    init(refusing planned: PlannedPrompt) {
        self.init(notRun: planned)
        guard let problem = planned.problem else { return }
        status = .failed
        error = problem
    }
}

/// The outcome of an alias.
package enum AliasStatus: String, Hashable, Sendable, Decodable, CaseIterable {
    /// It points where the plan wants it.
    case ok
    /// It was left where it was: something else failed, the run was interrupted, or it was only planned.
    case held
    /// It could not be moved, or could not be moved back.
    case failed
    /// It was moved, then moved back.
    case restored
}

/// What happens during a run.
package enum RunEvent: Sendable {
    /// A prompt was registered, or failed.
    case registered(PromptOutcome)
    /// The aliases of one prompt were moved, or failed.
    case aliasesMoved(name: String)
    /// An alias move failed, or the run was interrupted; so many aliases that moved are moved back.
    case movingAliasesBack(Int)
    /// Cleanup has started; it may exceed the deadline. Repeated as it progresses.
    case cleaningUp
}
