import FoundationEssentials
import Planning
import Prompts
import Support

// Several clients may write the journal of one prompt. It is read right before it is written, and only the run's own
// moves are added, or taken out again.
extension AliasMover {
    /// Records the moves that are about to be made.
    ///
    /// - Parameters:
    ///   - aliases: The aliases that are about to be moved.
    ///   - current: The prompt.
    ///   - outcome: What has become of it so far.
    /// - Throws: `RegistryError` when the journal cannot be written.
    func record(
        _ aliases: [PlannedAlias], in current: ObservedPrompt, _ outcome: inout PromptOutcome
    ) async throws(RegistryError) {
        let log = AliasLog(continuing: current.tags[AliasLog.tag])
        let entries = aliases.filter { isRecorded($0, outcome, log) }.map { entry($0, outcome, log) }
        guard !entries.isEmpty else { return }
        for drift in outcome.planned.drift where drift.isUndone {
            guard let time = Date(timestamp: drift.at) else { continue }
            outcome.hasBeenWritten[drift.alias] = await registry.hasWritten(
                drift.alias, of: current.name, since: time)
        }
        // If it may have been written though it seems to have failed, it has to be corrected.
        outcome.journal += entries
        do throws(RegistryError) {
            try await add(entries, current, &outcome)
        } catch {
            if !error.outcomeIsUnknown { outcome.journal.removeLast(entries.count) }
            throw RegistryError(
                error.code, "the journal of alias moves cannot be written: \(error.message)", hint: error.hint
            )
        }
    }

    /// Gives a prompt the journal that it had under its old name, unless it has one.
    ///
    /// - Returns: The prompt as it is then.
    func carryJournal(
        of planned: PlannedPrompt, to current: ObservedPrompt
    ) async throws(RegistryError) -> ObservedPrompt {
        guard planned.movedFrom != nil, current.tags[AliasLog.tag] == nil,
            let text = planned.prompt.tags[AliasLog.tag]
        else { return current }
        try await change(current.name, current) { log in
            if log.entries.isEmpty { log = AliasLog(continuing: text) }
        }
        return try await registry.reread(current.name)
    }

    /// Takes the old name's journal away again where no alias came over with it. The next run carries it over.
    func takeBackJournal(of outcome: PromptOutcome) async {
        let planned = outcome.planned
        guard outcome.aliases.contains(where: { $0 != .ok }), planned.movedFrom != nil,
            let text = planned.prompt.tags[AliasLog.tag],
            let current = try? await registry.reread(planned.prompt.name), current.aliases.isEmpty
        else { return }
        // One that stays tells of aliases that are not there, but loses nothing.
        try? await change(current.name, current) { log in
            if log == AliasLog(continuing: text) { log = AliasLog() }
        }
    }

    /// Takes out of the journal what this run recorded too late: another run had made the move by then, and may have ended
    /// before it could see that this one wants it, too.
    func withdraw(_ outcome: inout PromptOutcome, _ group: Current) async {
        guard let current = try? group.prompt(of: outcome) else { return }
        leaveIfTaken(current, &outcome)
        let late = outcome.journal.filter { entry in
            if outcome.leftTo != nil { return true }
            return current.aliases[entry.alias] == entry.to && !outcome.movedAliases.contains(entry.alias)
                && outcome.notedAliases[entry.alias] == nil
        }
        guard !late.isEmpty else { return }
        let replaced = outcome.replacedEntries.filter { entry in late.contains { $0.isSameMove(as: entry) } }
        do throws(RegistryError) {
            try await change(current.name, current) { $0.remove(late, restoring: replaced) }
            outcome.journal.removeAll { late.contains($0) }
            outcome.replacedEntries.removeAll { replaced.contains($0) }
        } catch {
            outcome.fail(error)
        }
    }

    /// Makes sure that the moves are in the journal, and that the aliases are where this run moved them.
    ///
    /// - Parameters:
    ///   - outcome: The prompt.
    ///   - after: What the registry has after the moves.
    /// - Throws: `RegistryError` with `.conflict` when an alias is elsewhere.
    func confirm(_ outcome: inout PromptOutcome, _ after: Current) async throws(RegistryError) {
        let current = try await settled(outcome, after.prompt(of: outcome))
        try await giveBackIfTaken(&outcome, current)
        for (position, alias) in outcome.planned.aliases.enumerated()
        where outcome.movedAliases.contains(alias.alias) && outcome.aliases[position] == .ok {
            let place = current.aliases[alias.alias]
            guard place != outcome.version(for: alias) else {
                try Self.checkFollowed(alias, place, current)
                continue
            }
            outcome.aliases[position] = .failed
            // What the registry has not done yet it may still do.
            if place == alias.previousVersion, current.tags[AliasLog.movingBackTag] == nil {
                outcome.unsettledAliases.insert(alias.alias)
            } else {
                outcome.places.updateValue(place, forKey: alias.alias)
                outcome.movedAliases.remove(alias.alias)
            }
            throw Self.overtaken(alias, by: place)
        }
        let log = AliasLog(continuing: current.tags[AliasLog.tag])
        for entry in outcome.journal {
            if let last = log.lastMove(like: entry), last != entry, !outcome.isEarlier(last) {
                outcome.contestedAliases.insert(entry.alias)
            }
        }
        // Something else may have overwritten them. Those that another run replaced by its own, of the same move, stay.
        try await change(outcome.planned.prompt.name, current) { [outcome] log in
            let missing = outcome.journal.filter { log.lastMove(like: $0).map(outcome.isEarlier) ?? true }
            log.add(missing, after: outcome.isEarlier)
        }
    }

    /// A prompt after its aliases moved. Where one is still where it was, it is looked at again for some seconds: the
    /// registry may be about to do what it said, or the answer may be of an earlier moment.
    private func settled(
        _ outcome: PromptOutcome, _ prompt: ObservedPrompt
    ) async throws(RegistryError) -> ObservedPrompt {
        var current = prompt
        _ = try await Repetitions.look { () async throws(RegistryError) -> Bool? in
            let isOpen = zip(outcome.planned.aliases, outcome.aliases).contains { alias, status in
                status == .ok && outcome.movedAliases.contains(alias.alias)
                    && current.aliases[alias.alias] == alias.previousVersion
            }
            // Another run that fails has moved it back.
            if !isOpen || registry.keepsRunsApart || runner.isInterrupted
                || current.tags[AliasLog.movingBackTag] != nil
            {
                return true
            }
            current = try await registry.reread(prompt.name)
            return nil
        }
        return current
    }

    /// Adds to the journal what it does not have yet.
    func add(
        _ entries: [AliasLog.Entry], _ current: ObservedPrompt, _ outcome: inout PromptOutcome
    ) async throws(RegistryError) {
        var replaced: [AliasLog.Entry] = []
        try await change(outcome.planned.prompt.name, current) { [outcome] log in
            for (alias, isWritten) in outcome.hasBeenWritten where isWritten {
                // Only a move that was made can be taken back.
                if log.last(alias).map(outcome.isEarlier) == true { log.markFound(alias, at: time) }
            }
            replaced = log.add(entries.filter { !log.entries.contains($0) }, after: outcome.isEarlier)
        }
        outcome.replacedEntries += replaced
    }

    /// Changes the journal as it is now; what other clients add at the same moment stays.
    func change(
        _ name: String, _ current: ObservedPrompt, _ body: (inout AliasLog) -> Void
    ) async throws(RegistryError) {
        var current = current
        var attempts = 0
        while true {
            let present = current.tags[AliasLog.tag]
            var log = AliasLog(continuing: present)
            let before = log
            body(&log)
            if log == before { return }
            do throws(RegistryError) {
                let text = log.entries.isEmpty ? nil : log.text(limit: registry.longestTag)
                return try await registry.replaceTag(AliasLog.tag, of: name, from: present, to: text)
            } catch {
                attempts += 1
                guard error.code == .conflict, attempts < Self.longestDispute else { throw error }
                current = try await registry.reread(name)
            }
        }
    }

    /// Records that aliases are where the plan wants them though something else put them there. The move of a run that may
    /// still be at work is not for this one to tell.
    func acceptDrift(_ outcome: inout PromptOutcome) async throws(RegistryError) {
        let name = outcome.planned.prompt.name
        let current = try await registry.reread(name)
        let accepted = outcome.planned.aliases.compactMap { alias -> AliasLog.Entry? in
            guard let drift = alias.acceptedDrift, current.aliases[alias.alias] == drift.place,
                registry.keepsRunsApart || !drift.isUndone || drift.at < horizon
            else { return nil }
            return foundEntry(alias, outcome, AliasLog(continuing: current.tags[AliasLog.tag]))
        }
        try await change(name, current) { log in
            log.add(accepted.filter { log.last($0.alias)?.to == $0.from })
        }
    }

    /// Notes of moves which the journal had told of before that they were made this time: a run that makes one of them
    /// once more takes it for done.
    func noteRepeated(_ outcomes: [PromptOutcome]) async {
        let repeated = outcomes.filter { $0.status == .ok && !$0.repeatedAliases.isEmpty }
        guard !repeated.isEmpty, !runner.isInterrupted else { return }
        await forEachConcurrently(repeated, limit: runner.concurrency) { outcome in
            // What was done does not fail for that.
            guard let current = try? await registry.reread(outcome.planned.prompt.name) else { return }
            try? await change(current.name, current) { log in
                for alias in outcome.repeatedAliases where current.aliases[alias] == log.last(alias)?.to {
                    log.markFound(alias, at: Date().timestamp)
                }
            }
        } onResult: { _, _ in
            true
        }
    }

    private static func overtaken(_ alias: PlannedAlias, by place: Int?) -> RegistryError {
        let name = "the alias '\(alias.alias)'"
        if place == alias.previousVersion {
            return RegistryError(
                .conflict,
                "\(name) is still where it was: the registry did not do what it said, or something else moved it back",
                hint: "check what is between this machine and the registry, then run again")
        }
        return RegistryError(
            .conflict,
            "something else "
                + (place.map { "moved \(name) on to version \($0)" } ?? "removed \(name)")
                + " at the same time as this run",
            hint: "it was left there; check what moved it, then run again")
    }

    /// Rewrites the journal so that, of this run's moves, it records only those that were made; returns whether it could.
    func correctJournal(to moved: [PlannedAlias], _ outcome: inout PromptOutcome) async -> Bool {
        do throws(RegistryError) {
            let name = outcome.planned.prompt.name
            let (recorded, replaced) = (outcome.journal, outcome.replacedEntries)
            let current = try await registry.reread(name)
            try await change(name, current) { log in
                // A move that another run has built upon was made, though nothing is left of it.
                let kept = recorded.filter { log.isFollowed($0) }
                // Of a move that another run recorded, too, and that it took back, nothing is left either.
                log.remove(
                    recorded.filter { !kept.contains($0) },
                    restoring: replaced.filter { current.aliases[$0.alias] == $0.to })
                let aliases = recorded.map(\.alias)
                outcome.journal = moved.filter { isRecorded($0, outcome, log) || aliases.contains($0.alias) }
                    .map { entry($0, outcome, log) }
                log.add(outcome.journal, after: outcome.isEarlier)
            }
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

    /// Whether the journal tells that an alias is pointed somewhere. It does not where a prompt gets its first aliases
    /// from the run or copy that makes it, unless another run has to know.
    private func isRecorded(_ alias: PlannedAlias, _ outcome: PromptOutcome, _ log: AliasLog) -> Bool {
        if let place = carriedPlace(of: alias, outcome, log) { return place != outcome.version(for: alias) }
        return outcome.planned.previousVersion != nil || outcome.hasCompany || log.last(alias.alias) != nil
    }

    /// Where an alias is by the journal that came over from the prompt's old name; nil for other prompts.
    private func carriedPlace(
        of alias: PlannedAlias, _ outcome: PromptOutcome, _ log: AliasLog
    ) -> Int? {
        guard outcome.planned.movedFrom != nil, alias.previousVersion == nil else { return nil }
        return log.steps(of: alias.alias).last?.version
    }

    /// The journal's entry for an alias that is where the plan wants it: of this run, where nothing else moved it there.
    func foundEntry(_ alias: PlannedAlias, _ outcome: PromptOutcome, _ log: AliasLog) -> AliasLog.Entry {
        var entry = entry(alias, outcome, log)
        guard let drift = alias.acceptedDrift else { return entry }
        entry.from = drift.left
        // Nobody made that move whom this run knows, and it was made before.
        (entry.by, entry.commit, entry.isDirty, entry.foundAt) = (nil, nil, nil, entry.at)
        return entry
    }

    /// The journal's entry for a move of this run.
    func entry(_ alias: PlannedAlias, _ outcome: PromptOutcome, _ log: AliasLog) -> AliasLog.Entry {
        let version = outcome.version(for: alias)
        let left = carriedPlace(of: alias, outcome, log) ?? alias.previousVersion
        // A move to a newer version where the alias has never been is no rollback, whatever the command is called.
        let isBack =
            version.map { version in
                left.map { version < $0 } ?? false
                    || log.steps(of: alias.alias).contains { $0.version == version }
            } ?? true
        var entry = AliasLog.Entry(
            alias: alias.alias, from: left, to: version, at: time,
            by: runner.author.map(AliasLog.shortened), commit: runner.provenance.commit,
            job: job.map(AliasLog.shortened), isRollback: plan.operation == .rollback && isBack,
            release: release, policyOverride: runner.policyOverride.map(AliasLog.shortened))
        entry.isDirty = runner.provenance.isDirty == true ? true : nil
        if let gates = outcome.planned.gates {
            let failed = gates.filter { $0.status != .passed }
            let lines = (failed + gates.filter { $0.status == .passed }).map(\.line)
            entry.evidence = AliasLog.shortened(lines, to: 160)
            entry.gateOverride = failed.isEmpty ? nil : plan.gateOverride.map(AliasLog.shortened)
        }
        return entry
    }
}
