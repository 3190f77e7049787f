import FoundationEssentials
import Planning
import Prompts
import Support

// After a failure: aliases are moved back where this run moved them, and the journal records only what was moved.
extension AliasMover {
    /// Moves back the aliases of prompts that this run moved and nobody else relies on, and corrects the journals.
    func moveBack(_ indices: [Int], in outcomes: inout [PromptOutcome]) async {
        let looks = await lookWhoRelies(on: indices.map { outcomes[$0] })
        if await isCompleted(indices, looks, &outcomes) { return }
        let leavesFirst = isJoined(looks.values.compactMap { try? $0.prompt.get() })
        await cleanUp(indices, in: &outcomes) { outcome in
            await moveBack(&outcome, looks[outcome.planned.prompt.name], leavesFirst: leavesFirst)
        }
        await look(indices, &outcomes)
    }

    /// Whether all aliases are where the plan wants them, whoever moved them and whatever failed: another run of the job
    /// may have found them so, and succeeded. They are left there then.
    private func isCompleted(
        _ indices: [Int], _ looks: [String: Look], _ outcomes: inout [PromptOutcome]
    ) async -> Bool {
        var current = looks.mapValues(\.prompt)
        let isOpen = indices.allSatisfy { index in
            looks[outcomes[index].planned.prompt.name] == nil || isInPlace(outcomes[index], current)
        }
        guard isOpen else { return false }
        let others = indices.map { outcomes[$0] }.filter { looks[$0.planned.prompt.name] == nil }
        if !others.isEmpty { current.merge(await reread(others)) { first, _ in first } }
        guard indices.allSatisfy({ isInPlace(outcomes[$0], current) }) else { return false }
        await cleanUp(indices, in: &outcomes) { outcome in
            outcome.aliases = outcome.aliases.map { _ in .ok }
            outcome.places = [:]
            guard let mark = looks[outcome.planned.prompt.name]?.mark else { return true }
            return await removeMark(mark, &outcome)
        }
        return true
    }

    /// The positions of the aliases that this run moved, or was about to.
    func moved(_ outcome: PromptOutcome) -> [Int] {
        let recorded = Set(outcome.journal.map(\.alias))
        return outcome.planned.aliases.indices.filter { position in
            let alias = outcome.planned.aliases[position]
            return alias.action != .unchanged
                && (outcome.movedAliases.contains(alias.alias) || recorded.contains(alias.alias))
        }
    }

    /// Moves back the aliases of a prompt.
    ///
    /// - Parameters:
    ///   - outcome: The prompt.
    ///   - look: What was seen of it when others had been told.
    ///   - leavesFirst: Whether another run may rely on the first aliases of a version that this run made.
    /// - Returns: Whether all of that succeeded.
    private func moveBack(_ outcome: inout PromptOutcome, _ look: Look?, leavesFirst: Bool) async -> Bool {
        guard var look else { return true }
        var stuck: [PlannedAlias] = []
        var isComplete = true
        var mayGoOn = false
        for position in moved(outcome) {
            if look.isOld { look = await lookWhoRelies(on: [outcome])[outcome.planned.prompt.name] ?? look }
            do throws(RegistryError) {
                if try await moveBack(position, of: &outcome, look, leavesFirst: leavesFirst) {
                    mayGoOn = true
                }
            } catch {
                let alias = outcome.planned.aliases[position]
                isComplete = false
                if error.outcomeIsUnknown { mayGoOn = true }
                // One that something else moved on is that client's to record.
                if outcome.places[alias.alias] == nil { stuck.append(alias) }
                fail(alias, at: position, error, &outcome)
            }
        }
        // An alias that could not be moved back has moved, so it stays in the journal.
        if !outcome.journal.isEmpty { isComplete = await correctJournal(to: stuck, &outcome) && isComplete }
        // What may still take effect others have to wait for.
        guard let mark = look.mark, !mayGoOn else { return isComplete }
        return await removeMark(mark, &outcome) && isComplete
    }

    /// Moves an alias back, unless another run relies on it.
    ///
    /// - Returns: Whether an earlier attempt at that may still take effect.
    private func moveBack(
        _ position: Int, of outcome: inout PromptOutcome, _ look: Look, leavesFirst: Bool
    ) async throws(RegistryError) -> Bool {
        let prompt = try look.prompt.get()
        var mayGoOn = false
        let alias = outcome.planned.aliases[position]
        let place = prompt.aliases[alias.alias]
        if place == outcome.version(for: alias) {
            let log = AliasLog(continuing: prompt.tags[AliasLog.tag])
            if isShared(alias, outcome, log, leavesFirst: leavesFirst) {
                outcome.aliases[position] = .ok
                return false
            }
            let name = outcome.planned.prompt.name
            async let _ = renew(look.mark, of: name)
            mayGoOn = try await registry.moveAlias(
                alias.alias, of: name, from: place, to: alias.previousVersion)
        } else if place != alias.previousVersion {
            outcome.places.updateValue(place, forKey: alias.alias)
            throw Self.movedElsewhere(alias, to: place)
        }
        if outcome.unsettledAliases.contains(alias.alias) {
            outcome.aliases[position] = .failed
            throw RegistryError(.unreachable, "an earlier attempt to move it may still take effect")
        }
        // A move that failed stays failed, whether or not it took effect in between.
        if outcome.aliases[position] == .ok { outcome.aliases[position] = .restored }
        return mayGoOn
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
