import Planning
import Prompts

// Several clients may write the journal of one prompt. It is read right before it is written, and only the run's own
// moves are added, or taken out again.
extension AliasMover {
    /// How often to add moves again that another client overwrote at the same moment.
    private static let longestDispute = 5

    /// Records the moves that are about to be made.
    func record(
        _ aliases: [PlannedAlias], in current: ObservedPrompt, _ outcome: inout PromptOutcome
    ) async throws(RegistryError) {
        guard outcome.planned.exists else { return }
        var log = AliasLog(continuing: current.tags[AliasLog.tag])
        let entries = entries(aliases, outcome, log)
        guard !entries.isEmpty else { return }
        outcome.replacedEntries = log.add(entries)
        do throws(RegistryError) {
            try await write(log, for: outcome)
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
        var current = try after.prompt(of: outcome)
        for _ in 0..<Self.longestDispute {
            for alias in outcome.planned.aliases where outcome.movedAliases.contains(alias.alias) {
                let place = current.aliases[alias.alias]
                guard place != outcome.version(for: alias) else { continue }
                outcome.places.updateValue(place, forKey: alias.alias)
                if let position = outcome.planned.aliases.firstIndex(of: alias) {
                    outcome.aliases[position] = .failed
                }
                outcome.movedAliases.remove(alias.alias)
                throw Self.overtaken(alias, by: place)
            }
            var log = AliasLog(continuing: current.tags[AliasLog.tag])
            let missing = outcome.journal.filter { !log.records($0) }
            if missing.isEmpty { return }
            log.add(missing)
            try await write(log, for: outcome)
            current = try await registry.reread(outcome.planned.prompt.name)
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
            let current = try await registry.reread(outcome.planned.prompt.name)
            var log = AliasLog(continuing: current.tags[AliasLog.tag])
            let before = log
            log.remove(outcome.journal, restoring: outcome.replacedEntries)
            let entries = entries(moved, outcome, log)
            log.add(entries)
            if log != before { try await write(log, for: outcome) }
            outcome.journal = entries
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

    /// The entries for moves. The first setting of an alias is no move, unless the journal knows the alias.
    private func entries(
        _ aliases: [PlannedAlias], _ outcome: PromptOutcome, _ log: AliasLog
    ) -> [AliasLog.Entry] {
        let known = Set(log.entries.map(\.alias))
        return aliases.compactMap { alias in
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
    }

    /// A name that leaves room for other entries.
    private static func shortened(_ name: String) -> String { String(name.prefix(80)) }

    /// Writes the journal; one without entries is removed.
    private func write(_ log: AliasLog, for outcome: PromptOutcome) async throws(RegistryError) {
        let text = log.entries.isEmpty ? nil : log.text(limit: registry.longestTag)
        let changes = MetadataChanges(promptTags: [AliasLog.tag: text])
        try await registry.update(outcome.planned.prompt.name, changes)
    }
}
