import FoundationEssentials
import Planning
import Prompts
import Support

/// Points the aliases of a plan to where they belong: of all its prompts or of none, or of each for itself.
///
/// When an alias of an existing prompt moved, the prompt's journal tells of it; one call for all its moves.
struct AliasMover: Sendable {
    let registry: any PromptRegistry
    let concurrency: Int
    let failFast: Bool
    let interruption: Interruption
    /// Who moves them.
    let author: String?
    /// The commit that is checked out.
    let commit: String?
    /// The job that moves them.
    let job: String?
    /// Whether they go back to where they were.
    let isRollback: Bool
    /// When they are moved, one time for all of them: by it they are known to belong together.
    let time: String
    let onEvent: @Sendable (RunEvent) -> Void

    /// Moves the aliases of every prompt that succeeded so far, each for itself.
    func moveEach(_ moves: [Int], in outcomes: inout [PromptOutcome]) async {
        let before = outcomes
        await forEachConcurrently(moves.filter { before[$0].status == .ok }, limit: concurrency) { index in
            await move(before[index], stopAtFailure: failFast)
        } onResult: { index, outcome in
            outcomes[index] = outcome
            onEvent(.aliasesMoved(name: outcome.planned.name))
            return !(failFast && outcome.status == .failed) && interruption.signal == nil
        }
        await rewriteJournals(moves, in: &outcomes)
    }

    /// Lets the journals of prompts whose moves were not all made tell of those that were.
    private func rewriteJournals(_ moves: [Int], in outcomes: inout [PromptOutcome]) async {
        let after = outcomes
        let untrue = moves.filter { index in
            let outcome = after[index]
            return outcome.isJournaled
                && zip(outcome.planned.aliases, outcome.aliases).contains {
                    $0.action != .unchanged && $1 != .ok
                }
        }
        guard !untrue.isEmpty else { return }
        await clearUp(untrue, in: &outcomes) { outcome in
            let moved = zip(outcome.planned.aliases, outcome.aliases).filter { $1 == .ok }.map(\.0)
            return await rewriteJournal(of: moved, &outcome)
        }
    }

    /// Moves the aliases of every prompt; when one fails or the run is stopped, all go back to where they were.
    func moveAllOrNone(_ moves: [Int], in outcomes: inout [PromptOutcome]) async {
        let before = outcomes
        await forEachConcurrently(moves, limit: concurrency) { index in
            await move(before[index], stopAtFailure: true)
        } onResult: { index, outcome in
            outcomes[index] = outcome
            onEvent(.aliasesMoved(name: outcome.planned.name))
            return outcome.status == .ok && interruption.signal == nil
        }
        let isWhole = moves.allSatisfy { index in
            outcomes[index].status == .ok && !outcomes[index].aliases.contains(.held)
        }
        guard !isWhole else { return }
        onEvent(.restoring)
        await clearUp(moves, in: &outcomes) { await restore(&$0) }
    }

    /// Puts prompts right, for which there is more time as long as `work` says that it could be done.
    private func clearUp(
        _ indices: [Int], in outcomes: inout [PromptOutcome],
        _ work: @escaping @Sendable (inout PromptOutcome) async -> Bool
    ) async {
        onEvent(.clearingUp)
        let before = outcomes
        await forEachConcurrently(indices, limit: concurrency) { index in
            var outcome = before[index]
            return (await work(&outcome), outcome)
        } onResult: { index, result in
            outcomes[index] = result.1
            if result.0 { onEvent(.clearingUp) }
            return true
        }
    }

    // MARK: One prompt

    /// Moves the aliases of a prompt. The journal tells of them first: a run that dies in between is completed by the
    /// next one, which then notes the same moves and no others.
    private func move(_ before: PromptOutcome, stopAtFailure: Bool) async -> PromptOutcome {
        let start = ContinuousClock.now
        var outcome = before
        let moves = outcome.planned.aliases.filter { $0.action != .unchanged }
        guard interruption.signal == nil else { return outcome }
        if await journal(moves, &outcome) { await moveAliases(of: &outcome, stopAtFailure: stopAtFailure) }
        outcome.elapsed += .now - start
        return outcome
    }

    private func moveAliases(of outcome: inout PromptOutcome, stopAtFailure: Bool) async {
        for (position, alias) in outcome.planned.aliases.enumerated() where alias.action != .unchanged {
            if interruption.signal != nil || (stopAtFailure && outcome.status == .failed) { break }
            do {
                guard try await move(alias, of: outcome) else { continue }
                outcome.aliases[position] = .ok
            } catch {
                outcome.aliases[position] = .failed
                outcome.status = .failed
                outcome.error = outcome.error ?? error
                if error.outcomeIsUnknown { outcome.uncertainAliases.insert(alias.alias) }
            }
        }
    }

    /// Moves an alias; false when the version that it is to point to was not made.
    private func move(_ alias: PlannedAlias, of outcome: PromptOutcome) async throws(RegistryError) -> Bool {
        let name = outcome.planned.prompt.name
        if alias.action == .remove {
            try await registry.deleteAlias(alias.alias, of: name)
            return true
        }
        guard let version = outcome.goal(of: alias) else { return false }
        try await registry.setAlias(alias.alias, of: name, to: version)
        return true
    }

    /// Tells the journal what is about to be moved; false when it cannot be told.
    private func journal(_ moves: [PlannedAlias], _ outcome: inout PromptOutcome) async -> Bool {
        guard let log = log(of: moves, outcome) else { return true }
        do {
            try await write(log, for: outcome.planned.prompt.name)
            outcome.isJournaled = true
            return true
        } catch {
            // One that may be there all the same is taken back.
            outcome.isJournaled = error.outcomeIsUnknown
            outcome.status = .failed
            outcome.error = RegistryError(
                error.code, "the journal of alias moves cannot be written: \(error.message)", hint: error.hint
            )
            return false
        }
    }

    /// Lets the journal tell of nothing but what has moved; false when that cannot be.
    private func rewriteJournal(of moved: [PlannedAlias], _ outcome: inout PromptOutcome) async -> Bool {
        let log = log(of: moved, outcome)
        do {
            try await write(log ?? outcome.planned.aliasLog, for: outcome.planned.prompt.name)
            outcome.isJournaled = log != nil
            return true
        } catch {
            outcome.status = .failed
            outcome.error =
                outcome.error
                ?? RegistryError(
                    error.code,
                    "the journal tells of alias moves that were not made, or not kept: \(error.message)",
                    hint: "history shows them; the aliases are as this report has them")
            return false
        }
    }

    /// The journal with moves added; nil when there are none. An alias that was not there before has moved only if
    /// the journal knows it.
    private func log(of moved: [PlannedAlias], _ outcome: PromptOutcome) -> String? {
        guard outcome.planned.exists else { return nil }
        var log = AliasLog(continuing: outcome.planned.aliasLog)
        let known = Set(log.entries.map(\.alias))
        let moves = moved.compactMap { [log] alias -> AliasLog.Entry? in
            guard alias.action != .unchanged, alias.previousVersion != nil || known.contains(alias.alias)
            else { return nil }
            let version = alias.action == .remove ? nil : outcome.goal(of: alias)
            // To a version where it never was an alias goes on, whatever the command is called.
            let hasBeenThere = version == nil || log.steps(of: alias.alias).contains { $0.version == version }
            return AliasLog.Entry(
                alias: alias.alias, from: alias.previousVersion, to: version, at: time,
                by: author.map(Self.shortened), commit: commit, job: job.map(Self.shortened),
                isRollback: isRollback && hasBeenThere)
        }
        guard !moves.isEmpty else { return nil }
        log.add(moves)
        return log.text(limit: registry.longestTag)
    }

    /// A name that leaves room for other entries.
    private static func shortened(_ name: String) -> String { String(name.prefix(80)) }

    private func write(_ log: String?, for name: String) async throws(RegistryError) {
        try await registry.update(name, MetadataChanges(promptTags: [AliasLog.tag: log]))
    }

    // MARK: The way back

    /// Puts back what moved, and the journal; false when not all of it could be.
    private func restore(_ outcome: inout PromptOutcome) async -> Bool {
        let name = outcome.planned.prompt.name
        for (position, alias) in outcome.planned.aliases.enumerated() {
            let isUncertain = outcome.uncertainAliases.contains(alias.alias)
            guard alias.action != .unchanged, outcome.aliases[position] == .ok || isUncertain else {
                continue
            }
            do {
                if let previous = alias.previousVersion {
                    try await registry.setAlias(alias.alias, of: name, to: previous)
                } else {
                    try await registry.deleteAlias(alias.alias, of: name)
                }
                // One that failed to move has failed, wherever it has been since.
                if !isUncertain { outcome.aliases[position] = .restored }
            } catch {
                outcome.aliases[position] = .failed
                outcome.stuckAliases.insert(alias.alias)
                outcome.status = .failed
                let stuck = Self.stuck(alias, at: outcome.goal(of: alias), error, isCertain: !isUncertain)
                outcome.error = outcome.error.map { $0.followed(by: stuck) } ?? stuck
            }
        }
        // What could not be taken back has moved all the same.
        let stuck = outcome.planned.aliases.filter { outcome.stuckAliases.contains($0.alias) }
        guard outcome.isJournaled else { return stuck.isEmpty }
        return await rewriteJournal(of: stuck, &outcome) && stuck.isEmpty
    }

    private static func stuck(
        _ alias: PlannedAlias, at version: Int?, _ error: RegistryError, isCertain: Bool
    ) -> RegistryError {
        let place = alias.previousVersion.map { "back to version \($0)" } ?? "away again"
        let now =
            switch (alias.action, isCertain) {
            case (.remove, true): "it is gone"
            case (.remove, false): "it may be gone"
            case (_, true): "it points to version \(version ?? 0)"
            case (_, false): "it may point to version \(version ?? 0)"
            }
        return RegistryError(
            error.code, "the alias '\(alias.alias)' could not be taken \(place): \(error.message)",
            hint: "\(now); run again once the registry works")
    }
}

extension RegistryError {
    /// The error with what went wrong after it, and what to do about that.
    fileprivate func followed(by other: RegistryError) -> RegistryError {
        var both = self
        both.message += "; then \(other.message)"
        both.hint = other.hint
        return both
    }
}
