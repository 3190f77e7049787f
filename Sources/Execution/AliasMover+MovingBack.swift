import FoundationEssentials
import Planning
import Prompts
import Support

// After a failure: aliases are moved back where this run moved them, and the journal records only what was moved.
extension AliasMover {
    /// For how long this run moves aliases of a prompt back before it looks again who relies on them. Runs that wait for
    /// that wait three times as long.
    private static let longestRetreat = Duration.seconds(5)

    /// Moves back the aliases of prompts that this run moved and nobody else relies on, and corrects the journals.
    func moveBack(_ indices: [Int], in outcomes: inout [PromptOutcome]) async {
        let looks = await lookWhoRelies(on: indices.map { outcomes[$0] })
        let leavesFirst = isJoined(looks.values.compactMap { try? $0.prompt.get() })
        await cleanUp(indices, in: &outcomes) { outcome in
            await moveBack(&outcome, looks[outcome.planned.prompt.name], leavesFirst: leavesFirst)
        }
        await look(indices, &outcomes)
    }

    /// The positions of the aliases that this run moved, or was about to.
    private func moved(_ outcome: PromptOutcome) -> [Int] {
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
        for position in moved(outcome) {
            if look.isOld { look = await lookWhoRelies(on: [outcome])[outcome.planned.prompt.name] ?? look }
            do throws(RegistryError) {
                try await moveBack(position, of: &outcome, look.prompt.get(), leavesFirst: leavesFirst)
            } catch {
                let alias = outcome.planned.aliases[position]
                isComplete = false
                // One that something else moved on is that client's to record.
                if outcome.places[alias.alias] == nil { stuck.append(alias) }
                fail(alias, at: position, error, &outcome)
            }
        }
        // An alias that could not be moved back has moved, so it stays in the journal.
        if !outcome.journal.isEmpty { isComplete = await correctJournal(to: stuck, &outcome) && isComplete }
        guard let mark = look.mark else { return isComplete }
        return await removeMark(mark, &outcome) && isComplete
    }

    /// Moves an alias back, unless another run relies on it.
    private func moveBack(
        _ position: Int, of outcome: inout PromptOutcome, _ prompt: ObservedPrompt, leavesFirst: Bool
    ) async throws(RegistryError) {
        let alias = outcome.planned.aliases[position]
        let place = prompt.aliases[alias.alias]
        if place == outcome.version(for: alias) {
            let log = AliasLog(continuing: prompt.tags[AliasLog.tag])
            if isShared(alias, outcome, log, leavesFirst: leavesFirst) {
                outcome.aliases[position] = .ok
                return
            }
            try await registry.moveAlias(
                alias.alias, of: outcome.planned.prompt.name, from: place, to: alias.previousVersion)
            if outcome.unsettledAliases.contains(alias.alias) {
                outcome.aliases[position] = .failed
                throw RegistryError(.unreachable, "an earlier attempt to move it may still take effect")
            }
        } else if place != alias.previousVersion {
            outcome.places.updateValue(place, forKey: alias.alias)
            throw Self.movedElsewhere(alias, to: place)
        }
        // A move that failed stays failed, whether or not it took effect in between.
        if outcome.aliases[position] == .ok { outcome.aliases[position] = .restored }
    }

    // MARK: Who relies on what is moved back

    // One run notes in the journal that it relies on an alias, then looks whether another is moving it back. That one tells
    // that it is about to, then looks who relies on it. So at least one of the two sees the other.

    /// What this run saw when it last looked who relies on a prompt's aliases.
    private struct Look {
        /// The prompt, or why it cannot be read.
        let prompt: Result<ObservedPrompt, RegistryError>
        /// What told other runs beforehand; nil where none can be at work.
        let mark: String?
        let time: ContinuousClock.Instant

        /// Whether others may no longer wait: for too long, or another run that fails told them the same and has ended.
        var isOld: Bool {
            guard let mark, let prompt = try? prompt.get() else { return false }
            return .now - time > AliasMover.longestRetreat || prompt.tags[AliasLog.movingBackTag] != mark
        }
    }

    /// Tells other runs that aliases of prompts are about to be moved back, then looks who relies on them.
    ///
    /// - Returns: What was seen of those prompts that this run moved aliases of, by name.
    private func lookWhoRelies(on outcomes: [PromptOutcome]) async -> [String: Look] {
        let outcomes = outcomes.filter { !($0.journal.isEmpty && moved($0).isEmpty) }
        let mark = registry.keepsRunsApart ? nil : "\(Date().timestamp) \(marks.next())"
        let time = ContinuousClock.now
        if let mark {
            let changes = MetadataChanges(promptTags: [AliasLog.movingBackTag: mark])
            await forEachConcurrently(outcomes, limit: runner.concurrency) { outcome in
                // Where others cannot be told, the aliases are moved back all the same.
                (try? await registry.update(outcome.planned.prompt.name, changes)) != nil
            } onResult: { _, isTold in
                if isTold { runner.onEvent(.cleaningUp) }
                return true
            }
        }
        let looks = await reread(outcomes).mapValues { Look(prompt: $0, mark: mark, time: time) }
        runner.onEvent(.cleaningUp)
        return looks
    }

    /// Tells other runs that nothing more is moved back.
    private func removeMark(_ mark: String, _ outcome: inout PromptOutcome) async -> Bool {
        let name = outcome.planned.prompt.name
        do throws(RegistryError) {
            guard try await registry.reread(name).tags[AliasLog.movingBackTag] == mark else { return true }
            try await registry.replaceTag(AliasLog.movingBackTag, of: name, from: mark, to: nil)
            return true
        } catch {
            outcome.fail(error)
            return false
        }
    }

    /// Reads prompts once no other run is moving their aliases back. One that does not go on has ended.
    func rereadAtRest(_ outcomes: [PromptOutcome]) async -> Current {
        var current = await reread(outcomes)
        var seen: [String: String] = [:]
        var end = ContinuousClock.now
        while !runner.isInterrupted {
            let marks = current.compactMapValues { try? $0.get().tags[AliasLog.movingBackTag] }
                .filter { $0.value > horizon }
            if marks != seen { end = .now + Self.longestRetreat * 3 }
            seen = marks
            if marks.isEmpty || .now >= end { break }
            do { try await Task.sleep(for: .milliseconds(500)) } catch { break }
            current = await reread(outcomes)
        }
        if !runner.isInterrupted { await removeMarks(of: current) }
        return current
    }

    /// Removes what runs have left that ended while they moved aliases back. Where that fails, a later run does it.
    private func removeMarks(of current: Current) async {
        let left = current.compactMapValues { try? $0.get().tags[AliasLog.movingBackTag] }
        await forEachConcurrently(left.sorted { $0.key < $1.key }, limit: runner.concurrency) { name, mark in
            try? await registry.replaceTag(AliasLog.movingBackTag, of: name, from: mark, to: nil)
        } onResult: { _, _ in
            true
        }
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
