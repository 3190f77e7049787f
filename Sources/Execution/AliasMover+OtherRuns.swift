import FoundationEssentials
import Planning
import Prompts
import Support

// Runs of one job at once: one finds aliases where another has moved them, reports that, and succeeds, while the other
// may still fail. So a run that succeeds notes in the journal what it relies on, and a run that fails moves back only
// what nobody relies on.
extension AliasMover {
    /// How often to move again what other runs move back.
    private static let longestDispute = 5

    /// Whether a prompt has aliases that another run may still move back, as far as this one knows.
    func reliesOnOthers(_ outcome: PromptOutcome) -> Bool { !reliance(outcome).isEmpty }

    /// The positions of the aliases that this run did not move itself, or not alone.
    private func reliance(_ outcome: PromptOutcome) -> [Int] {
        guard outcome.status == .ok else { return [] }
        return outcome.planned.aliases.indices.filter { position in
            let alias = outcome.planned.aliases[position]
            if outcome.notedAliases[alias.alias] == true || outcome.aliases[position] != .ok { return false }
            if alias.action == .unchanged { return alias.lastMove.map(mayBeMovedBack) ?? false }
            return outcome.contestedAliases.contains(alias.alias)
                || !outcome.movedAliases.contains(alias.alias)
        }
    }

    /// Whether the run that made a move may still be at work.
    private func mayBeMovedBack(_ move: AliasLog.Entry) -> Bool {
        !registry.keepsRunsApart && move.foundAt == nil && move.at > horizon
    }

    /// Notes in the journal which aliases this run relies on without having moved them. Those that were moved back
    /// meanwhile it moves itself.
    func noteReliance(_ indices: [Int], in outcomes: inout [PromptOutcome]) async {
        for _ in 0..<Self.longestDispute {
            let pending = indices.filter { reliesOnOthers(outcomes[$0]) }
            guard !pending.isEmpty, !runner.isInterrupted, isComplete(indices, outcomes) else { return }
            // What is noted is looked at once more: it may have been moved back at the same moment.
            let current = await reread(pending.map { outcomes[$0] })
            let before = outcomes
            await forEachConcurrently(pending, limit: runner.concurrency) { index in
                var outcome = before[index]
                do throws(RegistryError) {
                    try await noteReliance(&outcome, current)
                } catch {
                    outcome.fail(error)
                }
                return outcome
            } onResult: { index, outcome in
                outcomes[index] = outcome
                return outcome.status == .ok
            }
            let back = pending.filter { outcomes[$0].status == .ok && outcomes[$0].aliases.contains(.held) }
            if !back.isEmpty { await move(back, in: &outcomes, stopAtFailure: true) }
        }
    }

    private func noteReliance(_ outcome: inout PromptOutcome, _ current: Current) async throws(RegistryError)
    {
        let prompt = try current.prompt(of: outcome)
        let log = AliasLog(continuing: prompt.tags[AliasLog.tag])
        var found: [String] = []
        var missing: [AliasLog.Entry] = []
        for position in reliance(outcome) {
            let alias = outcome.planned.aliases[position]
            let place = prompt.aliases[alias.alias]
            let before = alias.action == .unchanged ? alias.lastMove?.from : alias.previousVersion
            let last = log.last(alias.alias)
            if place == outcome.version(for: alias) {
                let isKnown = last?.to == place && last.map { !mayBeMovedBack($0) || $0.at == time } == true
                if last?.to != place {
                    missing.append(entry(alias, outcome, log))
                } else if !isKnown {
                    found.append(alias.alias)
                }
                outcome.notedAliases[alias.alias] = isKnown
            } else if place == before {
                outcome.planned.aliases[position].action = place == nil ? .set : .move
                outcome.planned.aliases[position].previousVersion = place
                outcome.aliases[position] = .held
                outcome.movedAliases.remove(alias.alias)
                outcome.contestedAliases.remove(alias.alias)
            } else {
                outcome.aliases[position] = .failed
                outcome.places.updateValue(place, forKey: alias.alias)
                throw Self.movedElsewhere(alias, to: place)
            }
        }
        outcome.journal += missing
        if !missing.isEmpty { try await add(missing, prompt, &outcome) }
        guard !found.isEmpty else { return }
        try await change(outcome.planned.prompt.name, prompt) { log in
            for alias in found { log.markFound(alias, at: time) }
        }
    }

    /// Whether all aliases are where the plan wants them after all: another run moved those that this one did not, or
    /// a move whose answer was lost has taken effect. Another run may have found them so, and succeeded.
    func isInPlace(_ indices: [Int], _ outcomes: inout [PromptOutcome]) async -> Bool {
        let isOpen = indices.allSatisfy {
            outcomes[$0].status == .ok || outcomes[$0].error?.outcomeIsUnknown == true
        }
        guard isOpen else { return false }
        runner.onEvent(.cleaningUp)
        let current = await reread(indices.map { outcomes[$0] })
        let isDone = indices.allSatisfy { index in
            let outcome = outcomes[index]
            guard let prompt = try? current.prompt(of: outcome) else { return false }
            return outcome.planned.aliases.allSatisfy { alias in
                let goal = outcome.version(for: alias)
                return prompt.aliases[alias.alias] == goal && (goal != nil || alias.action == .remove)
            }
        }
        guard isDone else { return false }
        for index in indices {
            outcomes[index].status = .ok
            outcomes[index].error = nil
            outcomes[index].aliases = outcomes[index].aliases.map { _ in .ok }
        }
        return true
    }

    /// Whether another run of the job has moved aliases since this one began to.
    func isJoined(_ indices: [Int], _ outcomes: [PromptOutcome]) async -> Bool {
        guard indices.contains(where: { !outcomes[$0].planned.exists }) else { return false }
        runner.onEvent(.cleaningUp)
        return await reread(indices.map { outcomes[$0] }).values.contains { result in
            guard let prompt = try? result.get() else { return false }
            return AliasLog(continuing: prompt.tags[AliasLog.tag]).entries.contains {
                $0.job == plan.job && ($0.at > time || ($0.foundAt ?? "") > time)
            }
        }
    }

    /// Whether another run may rely on an alias that this run moved.
    func isShared(
        _ alias: PlannedAlias, _ outcome: PromptOutcome, _ log: AliasLog, leavesFirst: Bool
    ) -> Bool {
        // The first aliases of a version are in no journal of the run that made it.
        let isFirst = alias.previousVersion == nil && outcome.planned.action.makesVersion
        if outcome.notedAliases[alias.alias] != nil || isFirst && outcome.hasCompany { return true }
        guard let last = log.lastMove(like: entry(alias, outcome, log)) else {
            return leavesFirst && isFirst
        }
        return !outcome.journal.contains(last)
    }
}
