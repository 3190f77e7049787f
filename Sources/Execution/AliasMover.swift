import FoundationEssentials
import Planning
import Prompts
import Support

/// Moves the aliases of a plan: for all prompts or none, or for each prompt on its own.
///
/// Moves of an existing prompt's aliases are recorded in its journal, with one call for all of them.
struct AliasMover: Sendable {
    let runner: Runner
    let plan: Plan
    /// When the aliases are moved: one time for all of them, which shows that they belong together.
    let time = Date().timestamp

    private var registry: any PromptRegistry { runner.registry }

    /// Moves the aliases of every prompt that succeeded so far, each prompt on its own.
    func moveEach(_ indices: [Int], in outcomes: inout [PromptOutcome]) async {
        let ready = indices.filter { outcomes[$0].status == .ok }
        await move(ready, in: &outcomes, stopAtFailure: runner.failFast)
        // The journal was written before the moves, some of which were not made.
        let inaccurate = indices.filter { index in
            outcomes[index].isJournaled
                && zip(outcomes[index].planned.aliases, outcomes[index].aliases).contains {
                    $0.action != .unchanged && $1 != .ok
                }
        }
        guard !inaccurate.isEmpty else { return }
        await cleanUp(inaccurate, in: &outcomes) { outcome in
            let moved = zip(outcome.planned.aliases, outcome.aliases).filter { $1 == .ok }.map(\.0)
            return await correctJournal(to: moved, &outcome)
        }
    }

    /// Moves the aliases of all prompts; if one move fails or the run is interrupted, all of them are moved back.
    func moveAllOrNone(_ indices: [Int], in outcomes: inout [PromptOutcome]) async {
        await move(indices, in: &outcomes, stopAtFailure: true)
        let isComplete = indices.allSatisfy { index in
            outcomes[index].status == .ok && !outcomes[index].aliases.contains(.held)
        }
        guard !isComplete else { return }
        runner.onEvent(.movingAliasesBack)
        await cleanUp(indices, in: &outcomes) { await moveBack(&$0) }
    }

    private func move(
        _ indices: [Int], in outcomes: inout [PromptOutcome], stopAtFailure: Bool
    ) async {
        let before = outcomes
        await forEachConcurrently(indices, limit: runner.concurrency) { index in
            await move(before[index], stopAtFailure: stopAtFailure)
        } onResult: { index, outcome in
            outcomes[index] = outcome
            runner.onEvent(.aliasesMoved(name: outcome.planned.name))
            return !(stopAtFailure && outcome.status == .failed) && !runner.isInterrupted
        }
    }

    /// Cleans up prompts; `work` returns whether it succeeded.
    private func cleanUp(
        _ indices: [Int], in outcomes: inout [PromptOutcome],
        _ work: @escaping @Sendable (inout PromptOutcome) async -> Bool
    ) async {
        runner.onEvent(.cleaningUp)
        let before = outcomes
        await forEachConcurrently(indices, limit: runner.concurrency) { index in
            var outcome = before[index]
            return (await work(&outcome), outcome)
        } onResult: { index, result in
            outcomes[index] = result.1
            if result.0 { runner.onEvent(.cleaningUp) }
            return true
        }
    }

    // MARK: One prompt

    /// Moves the aliases of a prompt. The journal is written first: if the run dies in between, the next run records
    /// the same moves and no others.
    private func move(_ before: PromptOutcome, stopAtFailure: Bool) async -> PromptOutcome {
        guard !runner.isInterrupted else { return before }
        let start = ContinuousClock.now
        var outcome = before
        if await journal(&outcome) {
            for (position, alias) in outcome.planned.aliases.enumerated() where alias.action != .unchanged {
                if runner.isInterrupted || (stopAtFailure && outcome.status == .failed) { break }
                do {
                    guard try await move(alias, of: outcome) else { continue }
                    outcome.aliases[position] = .ok
                } catch {
                    outcome.aliases[position] = .failed
                    outcome.fail(error)
                    if error.outcomeIsUnknown { outcome.uncertainAliases.insert(alias.alias) }
                }
            }
        }
        outcome.elapsed += .now - start
        return outcome
    }

    /// Moves an alias; returns false if the version that it should point to was not made.
    private func move(_ alias: PlannedAlias, of outcome: PromptOutcome) async throws(RegistryError) -> Bool {
        if alias.action != .remove, outcome.version(for: alias) == nil { return false }
        try await point(alias, of: outcome, to: outcome.version(for: alias))
        return true
    }

    /// Points an alias to a version; nil removes it.
    private func point(
        _ alias: PlannedAlias, of outcome: PromptOutcome, to version: Int?
    ) async throws(RegistryError) {
        let name = outcome.planned.prompt.name
        if let version {
            try await registry.setAlias(alias.alias, of: name, to: version)
        } else {
            try await registry.deleteAlias(alias.alias, of: name)
        }
    }

    /// Moves back the aliases that moved, and corrects the journal; returns whether all of that succeeded.
    private func moveBack(_ outcome: inout PromptOutcome) async -> Bool {
        for (position, alias) in outcome.planned.aliases.enumerated() {
            let isUncertain = outcome.uncertainAliases.contains(alias.alias)
            guard alias.action != .unchanged, outcome.aliases[position] == .ok || isUncertain else {
                continue
            }
            do {
                try await point(alias, of: outcome, to: alias.previousVersion)
                // A move that failed stays failed, whether or not it took effect in between.
                if !isUncertain { outcome.aliases[position] = .restored }
            } catch {
                outcome.aliases[position] = .failed
                outcome.stuckAliases.insert(alias.alias)
                let stuck = Self.stuck(alias, at: outcome.version(for: alias), error, isCertain: !isUncertain)
                outcome.error = outcome.error.map { $0.followed(by: stuck) } ?? stuck
                outcome.status = .failed
            }
        }
        // An alias that could not be moved back has moved, so it stays in the journal.
        let stuck = outcome.planned.aliases.filter { outcome.stuckAliases.contains($0.alias) }
        guard outcome.isJournaled else { return stuck.isEmpty }
        return await correctJournal(to: stuck, &outcome) && stuck.isEmpty
    }

    private static func stuck(
        _ alias: PlannedAlias, at version: Int?, _ error: RegistryError, isCertain: Bool
    ) -> RegistryError {
        let failure =
            alias.previousVersion.map { "could not be moved back to version \($0)" }
            ?? "could not be removed again"
        let place =
            switch (version, isCertain) {
            case (nil, true): "it is removed"
            case (nil, false): "it may be removed"
            case (let version?, true): "it points to version \(version)"
            case (let version?, false): "it may point to version \(version)"
            }
        return RegistryError(
            error.code, "the alias '\(alias.alias)' \(failure): \(error.message)",
            hint: "\(place); run again once the registry works")
    }

    // MARK: The journal

    /// Records the moves that are about to be made; returns whether they may be made.
    private func journal(_ outcome: inout PromptOutcome) async -> Bool {
        guard let log = log(of: outcome.planned.aliases, outcome) else { return true }
        do {
            try await write(log, for: outcome)
            outcome.isJournaled = true
            return true
        } catch {
            // If it may have been written all the same, it has to be corrected.
            outcome.isJournaled = error.outcomeIsUnknown
            outcome.fail(
                RegistryError(
                    error.code, "the journal of alias moves cannot be written: \(error.message)",
                    hint: error.hint))
            return false
        }
    }

    /// Rewrites the journal so that it records only the moves that were made; returns whether it could.
    private func correctJournal(to moved: [PlannedAlias], _ outcome: inout PromptOutcome) async -> Bool {
        let log = log(of: moved, outcome)
        do {
            try await write(log ?? outcome.planned.aliasLog, for: outcome)
            outcome.isJournaled = log != nil
            return true
        } catch {
            outcome.fail(
                RegistryError(
                    error.code,
                    "the journal records alias moves that were not made or were moved back: \(error.message)",
                    hint: "history shows them; the aliases are where this report says"))
            return false
        }
    }

    /// The journal with moves added; nil if there are none to record. The first setting of an alias is no move, unless
    /// the journal knows the alias.
    private func log(of aliases: [PlannedAlias], _ outcome: PromptOutcome) -> String? {
        guard outcome.planned.exists else { return nil }
        var log = AliasLog(continuing: outcome.planned.aliasLog)
        let known = Set(log.entries.map(\.alias))
        let moves = aliases.compactMap { [log] alias -> AliasLog.Entry? in
            guard alias.action != .unchanged, alias.previousVersion != nil || known.contains(alias.alias)
            else { return nil }
            let version = outcome.version(for: alias)
            // Only a move to a version where the alias has been is a rollback, whatever the command is called.
            let hasBeenThere = version == nil || log.steps(of: alias.alias).contains { $0.version == version }
            return AliasLog.Entry(
                alias: alias.alias, from: alias.previousVersion, to: version, at: time,
                by: runner.author.map(Self.shortened), commit: runner.provenance.commit,
                job: plan.job.map(Self.shortened), isRollback: plan.operation == .rollback && hasBeenThere)
        }
        guard !moves.isEmpty else { return nil }
        log.add(moves)
        return log.text(limit: registry.longestTag)
    }

    /// A name that leaves room for other entries.
    private static func shortened(_ name: String) -> String { String(name.prefix(80)) }

    private func write(_ log: String?, for outcome: PromptOutcome) async throws(RegistryError) {
        let changes = MetadataChanges(promptTags: [AliasLog.tag: log])
        try await registry.update(outcome.planned.prompt.name, changes)
    }
}

extension PromptOutcome {
    /// Records a failure; the first error is kept.
    fileprivate mutating func fail(_ error: RegistryError) {
        status = .failed
        self.error = self.error ?? error
    }
}

extension RegistryError {
    /// The error with a later one added, and the later one's hint.
    fileprivate func followed(by later: RegistryError) -> RegistryError {
        var both = self
        both.message += "; then \(later.message)"
        both.hint = later.hint
        return both
    }
}
