import Planning
import Prompts

// After a failure: aliases are moved back where this run moved them, and the journal records only what was moved.
extension AliasMover {
    /// Moves back the aliases that this run moved, and corrects the journal.
    ///
    /// - Parameters:
    ///   - outcome: The prompt.
    ///   - leavesFirst: Whether another run may rely on the first aliases of a version that this run made.
    /// - Returns: Whether all of that succeeded.
    func moveBack(_ outcome: inout PromptOutcome, leavesFirst: Bool) async -> Bool {
        let recorded = Set(outcome.journal.map(\.alias))
        let moved = outcome.planned.aliases.enumerated().filter { _, alias in
            alias.action != .unchanged
                && (outcome.movedAliases.contains(alias.alias) || recorded.contains(alias.alias))
        }
        if moved.isEmpty, outcome.journal.isEmpty { return true }
        var stuck: [PlannedAlias] = []
        var isComplete = true
        let current = await reread([outcome])
        for (position, alias) in moved {
            do throws(RegistryError) {
                let prompt = try current.prompt(of: outcome)
                let place = prompt.aliases[alias.alias]
                if place == outcome.version(for: alias) {
                    let log = AliasLog(continuing: prompt.tags[AliasLog.tag])
                    if isShared(alias, outcome, log, leavesFirst: leavesFirst) {
                        outcome.aliases[position] = .ok
                        continue
                    }
                    try await registry.moveAlias(
                        alias.alias, of: outcome.planned.prompt.name, from: place, to: alias.previousVersion)
                    if outcome.unsettledAliases.contains(alias.alias) {
                        outcome.aliases[position] = .failed
                        throw RegistryError(
                            .unreachable, "an earlier attempt to move it may still take effect")
                    }
                } else if place != alias.previousVersion {
                    outcome.places.updateValue(place, forKey: alias.alias)
                    throw Self.movedElsewhere(alias, to: place)
                }
                // A move that failed stays failed, whether or not it took effect in between.
                if outcome.aliases[position] == .ok { outcome.aliases[position] = .restored }
            } catch {
                isComplete = false
                // One that something else moved on is that client's to record.
                if outcome.places[alias.alias] == nil { stuck.append(alias) }
                fail(alias, at: position, error, &outcome)
            }
        }
        guard !outcome.journal.isEmpty else { return isComplete }
        // An alias that could not be moved back has moved, so it stays in the journal.
        return await correctJournal(to: stuck, &outcome) && isComplete
    }

    /// Looks where aliases are in the end, which other runs may have had a hand in.
    func look(_ indices: [Int], _ outcomes: inout [PromptOutcome]) async {
        let current = await reread(indices.map { outcomes[$0] })
        for index in indices {
            // What cannot be read stays what this run knows.
            guard let prompt = try? current.prompt(of: outcomes[index]) else { continue }
            for (position, alias) in outcomes[index].planned.aliases.enumerated()
            where !outcomes[index].unsettledAliases.contains(alias.alias) {
                let place = prompt.aliases[alias.alias]
                if place != outcomes[index].place(at: position) {
                    outcomes[index].places.updateValue(place, forKey: alias.alias)
                }
            }
        }
    }

    /// Records that an alias could not be moved back.
    private func fail(
        _ alias: PlannedAlias, at position: Int, _ error: RegistryError, _ outcome: inout PromptOutcome
    ) {
        var stuck = error
        if outcome.places[alias.alias] == nil {
            let isCertain = outcome.aliases[position] == .ok && !error.outcomeIsUnknown
            let version = outcome.version(for: alias)
            stuck = Self.stuck(alias, at: version, error, isCertain: isCertain)
            outcome.places.updateValue(version, forKey: alias.alias)
        }
        outcome.aliases[position] = .failed
        outcome.error = outcome.error.map { $0.followed(by: stuck) } ?? stuck
        outcome.status = .failed
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

    /// Finds out which aliases were moved, where a failure left that open, and corrects the journal; returns whether
    /// both succeeded.
    func findOut(_ outcome: inout PromptOutcome) async -> Bool {
        let unknown = outcome.planned.aliases.indices.filter {
            outcome.aliases[$0] == .failed && outcome.movedAliases.contains(outcome.planned.aliases[$0].alias)
        }
        let current = unknown.isEmpty ? [:] : await reread([outcome])
        var moved = outcome.settledAliases
        for position in unknown {
            let alias = outcome.planned.aliases[position]
            let version = outcome.version(for: alias)
            guard let prompt = try? current.prompt(of: outcome) else {
                outcome.places.updateValue(version, forKey: alias.alias)
                moved.append(alias)
                continue
            }
            let place = prompt.aliases[alias.alias]
            if place == version {
                outcome.aliases[position] = .ok
                moved.append(alias)
            } else if place != alias.previousVersion {
                outcome.places.updateValue(place, forKey: alias.alias)
            }
        }
        return outcome.journal.isEmpty ? true : await correctJournal(to: moved, &outcome)
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
