import FoundationEssentials
import Planning
import Prompts
import Support

/// Moves the aliases of a plan: for all prompts or none, or for each prompt on its own.
///
/// Other clients may move the same aliases. Each small group of prompts is read again right before its aliases move, right
/// after, and before they are moved back: an alias that is not where it was left is a conflict, and is left alone.
struct AliasMover: Sendable {
    let runner: Runner
    let plan: Plan
    /// When the aliases are moved: one time for all of them, which shows that they belong together.
    let time = Date().timestamp

    var registry: any PromptRegistry { runner.registry }

    /// Moves the aliases of every prompt that succeeded so far, each prompt on its own.
    func moveEach(_ indices: [Int], in outcomes: inout [PromptOutcome]) async {
        let ready = indices.filter { outcomes[$0].status == .ok }
        await move(ready, in: &outcomes, stopAtFailure: runner.failFast)
        // The journal was written before the moves, some of which were not made.
        let inaccurate = indices.filter { index in
            !outcomes[index].journal.isEmpty
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

    /// Moves the aliases of prompts in small groups, each read with one call right before. Two groups are under way at
    /// a time, so that one is read while the other moves.
    private func move(
        _ indices: [Int], in outcomes: inout [PromptOutcome], stopAtFailure: Bool
    ) async {
        let before = outcomes
        let size = runner.concurrency
        let groups = stride(from: 0, to: indices.count, by: size).map {
            Array(indices[$0..<min($0 + size, indices.count)])
        }
        await forEachConcurrently(groups, limit: min(2, size)) { group in
            await move(group.map { before[$0] }, stopAtFailure: stopAtFailure)
        } onResult: { group, moved in
            for (index, outcome) in zip(group, moved) { outcomes[index] = outcome }
            return !(stopAtFailure && moved.contains { $0.status == .failed }) && !runner.isInterrupted
        }
    }

    /// Moves the aliases of a group of prompts, then makes sure that they are there.
    private func move(_ before: [PromptOutcome], stopAtFailure: Bool) async -> [PromptOutcome] {
        guard !runner.isInterrupted else { return before }
        var group = before
        let current = await reread(before)
        await forEachConcurrently(Array(before.indices), limit: (runner.concurrency + 1) / 2) { index in
            await move(before[index], current, stopAtFailure: stopAtFailure)
        } onResult: { index, outcome in
            group[index] = outcome
            runner.onEvent(.aliasesMoved(name: outcome.planned.name))
            return !(stopAtFailure && outcome.status == .failed) && !runner.isInterrupted
        }
        let moved = group.indices.filter { group[$0].status == .ok && !group[$0].movedAliases.isEmpty }
        guard !moved.isEmpty else { return group }
        let after = await reread(moved.map { group[$0] })
        for index in moved {
            do throws(RegistryError) {
                try await confirm(&group[index], after)
            } catch {
                group[index].fail(error)
            }
        }
        return group
    }

    /// What the registry has of prompts now.
    private func reread(_ outcomes: [PromptOutcome]) async -> Current {
        let names = outcomes.map(\.planned.prompt.name)
        let together = await Result(of: { () async throws(RegistryError) in try await registry.reread(names) }
        )
        if case .failure(let error) = together, names.count > 1, error.code != .unreachable {
            // One prompt that cannot be read must not fail the others.
            var each: Current = [:]
            for outcome in outcomes { each.merge(await reread([outcome])) { first, _ in first } }
            return each
        }
        return Dictionary(
            names.map { name in
                (name, together.flatMap { $0[name].map(Result.success) ?? .failure(.notFound(prompt: name)) })
            }
        ) { first, _ in first }
    }

    /// What the registry has of some prompts, by full name, or why that cannot be read.
    typealias Current = [String: Result<ObservedPrompt, RegistryError>]

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
    private func move(
        _ before: PromptOutcome, _ group: Current, stopAtFailure: Bool
    ) async -> PromptOutcome {
        guard !runner.isInterrupted else { return before }
        let start = ContinuousClock.now
        var outcome = before
        do throws(RegistryError) {
            let current = try group.prompt(of: outcome)
            let positions = try pending(current, &outcome)
            try await record(positions.map { outcome.planned.aliases[$0] }, in: current, &outcome)
            for position in positions {
                if runner.isInterrupted || (stopAtFailure && outcome.status == .failed) { break }
                await move(position, of: &outcome)
            }
        } catch {
            outcome.fail(error)
        }
        outcome.elapsed += .now - start
        return outcome
    }

    private func move(_ position: Int, of outcome: inout PromptOutcome) async {
        let alias = outcome.planned.aliases[position]
        do throws(RegistryError) {
            try await point(alias, of: outcome, to: outcome.version(for: alias))
            outcome.aliases[position] = .ok
            outcome.movedAliases.insert(alias.alias)
        } catch {
            outcome.aliases[position] = .failed
            outcome.fail(error)
            if error.outcomeIsUnknown { outcome.movedAliases.insert(alias.alias) }
        }
    }

    /// The positions of the aliases that are to be moved. One that is where it should be by now need not be.
    ///
    /// - Throws: `RegistryError` with `.conflict` when something else moved one of them since the plan was made.
    private func pending(
        _ current: ObservedPrompt, _ outcome: inout PromptOutcome
    ) throws(RegistryError) -> [Int] {
        var positions: [Int] = []
        for (position, alias) in outcome.planned.aliases.enumerated() where alias.action != .unchanged {
            let goal = outcome.version(for: alias)
            // The version that it should point to was not made.
            if alias.action != .remove, goal == nil { continue }
            let place = current.aliases[alias.alias]
            if place == goal {
                outcome.aliases[position] = .ok
            } else if place == alias.previousVersion {
                positions.append(position)
            } else {
                outcome.aliases[position] = .failed
                outcome.places.updateValue(place, forKey: alias.alias)
                throw Self.movedElsewhere(alias, to: place)
            }
        }
        return positions
    }

    private static func movedElsewhere(_ alias: PlannedAlias, to place: Int?) -> RegistryError {
        let moved = place.map { "moved the alias '\(alias.alias)' to version \($0)" }
        let expected = alias.previousVersion.map { "version \($0)" } ?? "no such alias"
        return RegistryError(
            .conflict,
            "something else \(moved ?? "removed the alias '\(alias.alias)'") during this run, which expected \(expected)",
            hint: "it was left there; check what moved it, then run again")
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

    // MARK: Moving back

    /// Moves back the aliases that this run moved, and corrects the journal; returns whether all of that succeeded.
    private func moveBack(_ outcome: inout PromptOutcome) async -> Bool {
        let moved = outcome.planned.aliases.enumerated().filter {
            outcome.movedAliases.contains($0.element.alias)
        }
        if moved.isEmpty, outcome.journal.isEmpty { return true }
        var stuck: [PlannedAlias] = []
        var isComplete = true
        let current = await reread([outcome])
        for (position, alias) in moved {
            do throws(RegistryError) {
                let place = try current.prompt(of: outcome).aliases[alias.alias]
                if place == outcome.version(for: alias) {
                    try await point(alias, of: outcome, to: alias.previousVersion)
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

    /// Records that an alias could not be moved back.
    private func fail(
        _ alias: PlannedAlias, at position: Int, _ error: RegistryError, _ outcome: inout PromptOutcome
    ) {
        var stuck = error
        if outcome.places[alias.alias] == nil {
            let isCertain = outcome.aliases[position] == .ok
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
}

extension AliasMover.Current {
    /// What the registry has of a prompt.
    func prompt(of outcome: PromptOutcome) throws(RegistryError) -> ObservedPrompt {
        let name = outcome.planned.prompt.name
        guard let prompt = self[name] else { throw .notFound(prompt: name) }
        return try prompt.get()
    }
}

extension PromptOutcome {
    /// Records a failure; the first error is kept.
    mutating func fail(_ error: RegistryError) {
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
