import Planning
import Prompts

// Several clients may write the journal of one prompt. It is read right before it is written, and only the run's own
// moves are added, or taken out again.
extension AliasMover {
    /// How often to add moves again that another client overwrote at the same moment.
    private static let longestDispute = 5

    /// Records the moves that are about to be made.
    ///
    /// - Parameters:
    ///   - aliases: The aliases that are about to be moved.
    ///   - adopted: Those that something else has moved to where they go. Recorded as this run's own, too, they are not
    ///     moved back by another run that fails.
    ///   - current: The prompt.
    ///   - outcome: What has become of it so far.
    /// - Throws: `RegistryError` when the journal cannot be written.
    func record(
        _ aliases: [PlannedAlias], adopting adopted: [PlannedAlias], in current: ObservedPrompt,
        _ outcome: inout PromptOutcome
    ) async throws(RegistryError) {
        guard outcome.planned.exists || outcome.hasCompany || !adopted.isEmpty else { return }
        let log = AliasLog(continuing: current.tags[AliasLog.tag])
        // The run whose version was taken must find the first settings of this one, so as not to move them back.
        let known = aliases.filter { outcome.hasCompany || outcome.planned.exists && isMove($0, log) }
        let entries = (known + adopted).map { entry($0, outcome, log) }
        guard !entries.isEmpty else { return }
        do throws(RegistryError) {
            try await add(entries, current, &outcome)
            outcome.journal = entries
        } catch {
            // If it may have been written all the same, it has to be corrected.
            if error.outcomeIsUnknown { outcome.journal = entries }
            throw RegistryError(
                error.code, "the journal of alias moves cannot be written: \(error.message)", hint: error.hint
            )
        }
    }

    /// Makes sure that the moves are in the journal, and that the aliases are where this run moved them.
    ///
    /// - Parameters:
    ///   - outcome: The prompt.
    ///   - after: What the registry has after the moves.
    /// - Throws: `RegistryError` with `.conflict` when an alias is elsewhere.
    func confirm(_ outcome: inout PromptOutcome, _ after: Current) async throws(RegistryError) {
        let current = try after.prompt(of: outcome)
        for (position, alias) in outcome.planned.aliases.enumerated()
        where alias.action != .unchanged && outcome.aliases[position] == .ok {
            let place = current.aliases[alias.alias]
            guard place != outcome.version(for: alias) else { continue }
            outcome.places.updateValue(place, forKey: alias.alias)
            outcome.aliases[position] = .failed
            outcome.movedAliases.remove(alias.alias)
            throw Self.overtaken(alias, by: place)
        }
        // Another run that makes the same moves may have replaced them.
        try await add(outcome.journal, current, &outcome, keepingSame: true)
    }

    /// Adds to the journal what it does not have yet.
    private func add(
        _ entries: [AliasLog.Entry], _ current: ObservedPrompt, _ outcome: inout PromptOutcome,
        keepingSame keepsSame: Bool = false
    ) async throws(RegistryError) {
        try await change(outcome.planned.prompt.name, current) { log in
            let missing = entries.filter { !log.entries.contains($0) }
            outcome.replacedEntries += log.add(missing, keepingSame: keepsSame)
        }
    }

    /// Changes the journal as it is now; what other clients add at the same moment stays.
    private func change(
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

    private static func overtaken(_ alias: PlannedAlias, by place: Int?) -> RegistryError {
        let moved = place.map { "moved the alias '\(alias.alias)' on to version \($0)" }
        return RegistryError(
            .conflict,
            "something else \(moved ?? "removed the alias '\(alias.alias)'") at the same time as this run",
            hint: "it was left there; check what moved it, then run again")
    }

    /// Rewrites the journal so that, of this run's moves, it records only those that were made; returns whether it could.
    func correctJournal(to moved: [PlannedAlias], _ outcome: inout PromptOutcome) async -> Bool {
        do throws(RegistryError) {
            let name = outcome.planned.prompt.name
            let (recorded, replaced) = (outcome.journal, outcome.replacedEntries)
            try await change(name, try await registry.reread(name)) { log in
                log.remove(recorded, restoring: replaced)
                let adopted = recorded.map(\.alias)
                outcome.journal = moved.filter { isMove($0, log) || adopted.contains($0.alias) }
                    .map { entry($0, outcome, log) }
                log.add(outcome.journal)
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

    /// Whether another run may rely on an alias that this run moved: it recorded the same move, or made the version.
    func isShared(_ alias: PlannedAlias, _ outcome: PromptOutcome, _ log: AliasLog) -> Bool {
        outcome.hasCompany || log.last(entry(alias, outcome, log)).contains { !outcome.journal.contains($0) }
    }

    /// Whether pointing an alias somewhere is a move. Where a job sets an alias for the first time it is none, so that a
    /// run which completes another one leaves the same journal as one run.
    private func isMove(_ alias: PlannedAlias, _ log: AliasLog) -> Bool {
        alias.previousVersion != nil || ![.run, .copy].contains(plan.operation)
            || log.entries.contains { $0.alias == alias.alias }
    }

    private func entry(_ alias: PlannedAlias, _ outcome: PromptOutcome, _ log: AliasLog) -> AliasLog.Entry {
        let version = outcome.version(for: alias)
        // Only a move to a version where the alias has been is a rollback, whatever the command is called.
        let hasBeenThere = version == nil || log.steps(of: alias.alias).contains { $0.version == version }
        return AliasLog.Entry(
            alias: alias.alias, from: alias.previousVersion, to: version, at: time,
            by: runner.author.map(Self.shortened), commit: runner.provenance.commit,
            job: plan.job.map(Self.shortened), isRollback: plan.operation == .rollback && hasBeenThere,
            release: release)
    }

    /// A name that leaves room for other entries.
    private static func shortened(_ name: String) -> String { String(name.prefix(80)) }
}
