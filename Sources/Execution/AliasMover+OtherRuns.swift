import FoundationEssentials
import Planning
import Prompts
import Support

// Runs of one job at once: one finds aliases where another has moved them, reports that, and succeeds, while the other
// may still fail. So a run that succeeds notes in the journal what it relies on, and a run that fails moves back only
// what nobody relies on.
extension AliasMover {
    /// Whether a prompt has aliases that another run may still move back, as far as this one knows.
    func reliesOnOthers(_ outcome: PromptOutcome) -> Bool { !reliance(outcome).isEmpty }

    /// The positions of the aliases that this run did not move itself, or not alone.
    private func reliance(_ outcome: PromptOutcome) -> [Int] {
        guard outcome.status == .ok else { return [] }
        return outcome.planned.aliases.indices.filter { position in
            let alias = outcome.planned.aliases[position]
            if outcome.notedAliases[alias.alias] == true || outcome.aliases[position] != .ok { return false }
            if alias.action == .unchanged {
                return alias.lastMove.map { mayBeMovedBack($0, outcome.planned.movingBack) } ?? false
            }
            return outcome.contestedAliases.contains(alias.alias)
                || !outcome.movedAliases.contains(alias.alias)
        }
    }

    /// Whether the run that made a move may still be at work, and move the alias back. That another run has found it
    /// there does not stop one that had looked before.
    private func mayBeMovedBack(_ move: AliasLog.Entry, _ mark: String? = nil) -> Bool {
        !registry.keepsRunsApart && move.at > horizon && (move.foundAt == nil || mark ?? "" > horizon)
    }

    /// Notes in the journal which aliases this run relies on without having moved them. Those that were moved back
    /// meanwhile it moves itself.
    func noteReliance(_ indices: [Int], in outcomes: inout [PromptOutcome]) async {
        for attempt in 0..<Self.longestDispute {
            let pending = indices.filter { reliesOnOthers(outcomes[$0]) }
            guard !pending.isEmpty, !runner.isInterrupted, isComplete(indices, outcomes) else { return }
            // What is noted is looked at once more: it may have been moved back at the same moment.
            let isAtRest = attempt > 0
            let noted = pending.map { outcomes[$0] }
            let current = isAtRest ? await rereadAtRest(noted) : await reread(noted)
            let before = outcomes
            let hasNoted = isAtRest || before.contains { !$0.journal.isEmpty }
            await forEachConcurrently(pending, limit: runner.concurrency) { index in
                var outcome = before[index]
                do throws(RegistryError) {
                    try await noteReliance(&outcome, current, isAtRest: isAtRest, hasNoted: hasNoted)
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
        guard !runner.isInterrupted, isComplete(indices, outcomes) else { return }
        for index in indices where reliesOnOthers(outcomes[index]) {
            outcomes[index].fail(
                RegistryError(
                    .conflict,
                    "other runs move aliases of '\(outcomes[index].planned.prompt.name)' again and again",
                    hint: "wait until they have ended, then run again"))
        }
    }

    private func noteReliance(
        _ outcome: inout PromptOutcome, _ current: Current, isAtRest: Bool, hasNoted: Bool
    ) async throws(RegistryError) {
        let prompt = try current.prompt(of: outcome)
        let name = outcome.planned.prompt.name
        let mark = prompt.tags[AliasLog.movingBackTag]
        let log = AliasLog(continuing: prompt.tags[AliasLog.tag])
        var found: [String] = []
        var missing: [AliasLog.Entry] = []
        for position in reliance(outcome) {
            let alias = outcome.planned.aliases[position]
            let place = prompt.aliases[alias.alias]
            let before = alias.action == .unchanged ? alias.lastMove?.from : alias.previousVersion
            let last = log.last(alias.alias)
            if place == outcome.version(for: alias) {
                var isKnown = isAtRest || mark == nil
                if last == nil, alias.action == .unchanged {
                    // A first alias is in no journal: that this run relies on it is seen by its entries of other prompts.
                    isKnown = isKnown && hasNoted
                } else if last?.to != place {
                    missing.append(foundEntry(alias, outcome, log))
                    isKnown = false
                } else if !isKnown || last.map({ mayBeMovedBack($0) && $0.at != time }) == true {
                    found.append(alias.alias)
                    isKnown = false
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
        if !found.isEmpty {
            try await change(name, prompt) { log in
                for alias in found { log.markFound(alias, at: time) }
            }
        }
        // The run that left it has ended.
        if isAtRest, mark != nil {
            try await registry.replaceTag(AliasLog.movingBackTag, of: name, from: mark, to: nil)
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
        guard indices.allSatisfy({ isInPlace(outcomes[$0], current) }) else { return false }
        for index in indices {
            // Whoever else recorded these moves is not known yet.
            if outcomes[index].status != .ok {
                outcomes[index].contestedAliases.formUnion(outcomes[index].movedAliases)
            }
            outcomes[index].status = .ok
            outcomes[index].error = nil
            outcomes[index].aliases = outcomes[index].aliases.map { _ in .ok }
        }
        return true
    }

    /// Whether all aliases of a prompt are where the plan wants them.
    func isInPlace(_ outcome: PromptOutcome, _ current: Current) -> Bool {
        guard let prompt = try? current.prompt(of: outcome) else { return false }
        return outcome.planned.aliases.allSatisfy { alias in
            let goal = outcome.version(for: alias)
            return prompt.aliases[alias.alias] == goal && (goal != nil || alias.action == .remove)
                && (try? Self.checkFollowed(alias, goal, prompt)) != nil
        }
    }

    /// Makes sure that an alias which another one follows is still at the version that is promoted.
    static func checkFollowed(
        _ alias: PlannedAlias, _ goal: Int?, _ current: ObservedPrompt
    ) throws(RegistryError) {
        guard let followed = alias.followed, current.aliases[followed] != goal else { return }
        let moved = current.aliases[followed].map { "moved '\(followed)' to version \($0)" }
        throw RegistryError(
            .conflict,
            "something else \(moved ?? "removed '\(followed)'") during the promotion"
                + (goal.map { " of version \($0)" } ?? ""),
            hint: "check what moved it, then promote again")
    }

    /// Makes sure of it once more after the last of several groups; of a single one it was seen right after the moves.
    func checkFollowed(_ indices: [Int], in outcomes: inout [PromptOutcome]) async {
        let followers = indices.filter { index in
            outcomes[index].settledAliases.contains { $0.followed != nil }
        }
        guard followers.count > runner.concurrency, isComplete(indices, outcomes), !runner.isInterrupted
        else {
            return
        }
        let current = await reread(followers.map { outcomes[$0] })
        for index in followers {
            do throws(RegistryError) {
                let prompt = try current.prompt(of: outcomes[index])
                for alias in outcomes[index].settledAliases {
                    try Self.checkFollowed(alias, outcomes[index].version(for: alias), prompt)
                }
            } catch {
                outcomes[index].fail(error)
            }
        }
    }

    /// Whether another run of the job has moved aliases since this one began to, by the prompts as they are now.
    func isJoined(_ prompts: some Sequence<ObservedPrompt>) -> Bool {
        let job = self.job.map { AliasLog.shortened($0) }
        return prompts.contains { prompt in
            AliasLog(continuing: prompt.tags[AliasLog.tag]).entries.contains {
                $0.job == job && ($0.at > time || ($0.foundAt ?? "") > time)
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
