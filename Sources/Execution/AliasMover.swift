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
    let time: String
    /// When the last run began that has surely ended by now.
    let horizon: String
    /// What the moves are part of.
    let release: String
    /// What tells this run's moves back from those of others.
    let marks = RunMark()

    /// A mover for a plan.
    init(runner: Runner, plan: Plan) {
        self.runner = runner
        self.plan = plan
        release = plan.release
        let now = Date()
        time = now.timestamp
        horizon = (now - Self.longestRun).timestamp
    }

    /// How often to do again what other clients undo or overwrite at the same moment.
    static let longestDispute = 5

    /// How long another run may go on after it moved an alias, in seconds.
    private static let longestRun = 300.0

    var registry: any PromptRegistry { runner.registry }

    /// The job that the journal names.
    var job: String? { plan.job ?? runner.job }

    /// Moves the aliases of every prompt that succeeded so far, each prompt on its own.
    func moveEach(_ indices: [Int], in outcomes: inout [PromptOutcome]) async {
        let ready = indices.filter { outcomes[$0].status == .ok }
        await move(ready, in: &outcomes, stopAtFailure: runner.failFast)
        // The journal was written before the moves, some of which were not made, or perhaps not.
        let inaccurate = indices.filter { index in
            let outcome = outcomes[index]
            return !(outcome.journal.isEmpty && outcome.movedAliases.isEmpty)
                && zip(outcome.planned.aliases, outcome.aliases).contains {
                    $0.action != .unchanged && $1 != .ok
                }
        }
        guard !inaccurate.isEmpty else { return }
        await cleanUp(inaccurate, in: &outcomes) { await findOut(&$0) }
    }

    /// Moves the aliases of all prompts; if one move fails or the run is interrupted, all of them are moved back.
    func moveAllOrNone(_ indices: [Int], in outcomes: inout [PromptOutcome]) async {
        await move(indices, in: &outcomes, stopAtFailure: true)
        await checkFollowed(indices, in: &outcomes)
        let moving = Set(indices)
        let all = outcomes.indices.filter { moving.contains($0) || reliesOnOthers(outcomes[$0]) }
        await noteReliance(all, in: &outcomes)
        guard !isComplete(all, outcomes) else { return }
        runner.onEvent(.movingAliasesBack(all.reduce(0) { $0 + outcomes[$1].movedAliases.count }))
        if await isInPlace(all, &outcomes) {
            await noteReliance(all, in: &outcomes)
            if isComplete(all, outcomes) { return }
        }
        await moveBack(all, in: &outcomes)
    }

    /// Whether all aliases of prompts are where the plan wants them.
    func isComplete(_ indices: [Int], _ outcomes: [PromptOutcome]) -> Bool {
        indices.allSatisfy { outcomes[$0].status == .ok && !outcomes[$0].aliases.contains(.held) }
    }

    /// For how long it is enough to have looked where aliases are, where it takes a request for each prompt to look again.
    private static let longestLook = Duration.milliseconds(250)
    /// How many prompts that this run made are read with one call; hardly anybody else knows of them yet.
    private static let newAtOnce = 32

    /// Moves the aliases of prompts in groups, each read with one call right before: as many prompts as are worked on at
    /// a time, or more where this run made them. Two groups are under way at a time, so that one is read while the
    /// other moves.
    func move(
        _ indices: [Int], in outcomes: inout [PromptOutcome], stopAtFailure: Bool
    ) async {
        let before = outcomes
        let size = runner.concurrency
        let isNew = { (index: Int) in !before[index].planned.exists && !before[index].hasCompany }
        let groups =
            indices.filter { !isNew($0) }.inParts(of: size)
            + indices.filter(isNew).inParts(of: max(size, Self.newAtOnce))
        let limit = groups.count > 1 ? (size + 1) / 2 : size
        await forEachConcurrently(groups, limit: min(2, size)) { group in
            await move(group.map { before[$0] }, limit: limit, stopAtFailure: stopAtFailure)
        } onResult: { group, moved in
            for (index, outcome) in zip(group, moved) { outcomes[index] = outcome }
            return !(stopAtFailure && moved.contains { $0.status == .failed }) && !runner.isInterrupted
        }
    }

    /// Moves the aliases of a group of prompts, then makes sure that they are there.
    ///
    /// The journal is written first: if the run dies in between, the next run records the same moves and no others.
    private func move(
        _ before: [PromptOutcome], limit: Int, stopAtFailure: Bool
    ) async -> [PromptOutcome] {
        guard !runner.isInterrupted else { return before }
        var group = before
        var current = await reread(before)
        let start = ContinuousClock.now
        await forEach(in: &group, limit: limit) { [current] in await announce(&$0, current) }
        let isStopped = stopAtFailure && group.contains { $0.status == .failed }
        // What was read before the journal was written may be too old to rely on.
        let announced = group.filter { !$0.journal.isEmpty }
        let isOld =
            isStopped || .now - start > Self.longestLook || registry.rereadsTogether(announced.count)
            || announced.contains { !$0.replacedEntries.isEmpty || !$0.repeatedAliases.isEmpty }
        if !announced.isEmpty, isOld {
            current.merge(await reread(announced)) { _, new in new }
            await forEach(in: &group, limit: limit) { [current] in await withdraw(&$0, current) }
        }
        if isStopped { return group }
        await forEach(in: &group, limit: limit, stopAtFailure: stopAtFailure) { [current] outcome in
            guard outcome.status == .ok else { return }
            await move(&outcome, current, stopAtFailure: stopAtFailure)
        } onResult: {
            runner.onEvent(.aliasesMoved(name: $0.planned.name))
        }
        let moved = group.indices.filter { group[$0].status == .ok && !group[$0].settledAliases.isEmpty }
        // A run that is stopped reports no success, and there is little time.
        guard !moved.isEmpty, !runner.isInterrupted else { return group }
        var confirmed = moved.map { group[$0] }
        let after = await reread(confirmed)
        await forEach(in: &confirmed, limit: limit) { outcome in
            do throws(RegistryError) { try await confirm(&outcome, after) } catch { outcome.fail(error) }
        }
        for (index, outcome) in zip(moved, confirmed) { group[index] = outcome }
        return group
    }

    /// Does something for each prompt of a group, several at a time.
    private func forEach(
        in group: inout [PromptOutcome], limit: Int, stopAtFailure: Bool = false,
        _ work: @escaping @Sendable (inout PromptOutcome) async -> Void,
        onResult: (PromptOutcome) -> Void = { _ in }
    ) async {
        let before = group
        await forEachConcurrently(Array(before.indices), limit: limit) { index in
            let start = ContinuousClock.now
            var outcome = before[index]
            await work(&outcome)
            outcome.elapsed += .now - start
            return outcome
        } onResult: { index, outcome in
            group[index] = outcome
            onResult(outcome)
            return !(stopAtFailure && outcome.status == .failed) && !runner.isInterrupted
        }
    }

    /// What the registry has of prompts now.
    func reread(_ outcomes: [PromptOutcome]) async -> Current {
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
    func cleanUp(
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

    /// Records in the journal what is about to be moved.
    private func announce(_ outcome: inout PromptOutcome, _ group: Current) async {
        guard !runner.isInterrupted else { return }
        do throws(RegistryError) {
            let current = try await carryJournal(of: outcome.planned, to: try group.prompt(of: outcome))
            leaveIfTaken(current, &outcome)
            let moves = try pending(current, &outcome).map { outcome.planned.aliases[$0] }
            try await record(moves, in: current, &outcome)
        } catch {
            outcome.fail(error)
        }
    }

    /// Moves the aliases of a prompt.
    private func move(_ outcome: inout PromptOutcome, _ group: Current, stopAtFailure: Bool) async {
        do throws(RegistryError) {
            for position in try pending(try group.prompt(of: outcome), &outcome) {
                if runner.isInterrupted || (stopAtFailure && outcome.status == .failed) { break }
                await move(position, of: &outcome)
            }
        } catch {
            outcome.fail(error)
        }
    }

    private func move(_ position: Int, of outcome: inout PromptOutcome) async {
        let alias = outcome.planned.aliases[position]
        do throws(RegistryError) {
            let mayBeRepeated = try await registry.moveAlias(
                alias.alias, of: outcome.planned.prompt.name, from: alias.previousVersion,
                to: outcome.version(for: alias))
            if mayBeRepeated { outcome.unsettledAliases.insert(alias.alias) }
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
            try Self.checkFollowed(alias, goal, current)
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

    static func movedElsewhere(_ alias: PlannedAlias, to place: Int?) -> RegistryError {
        let moved = place.map { "moved the alias '\(alias.alias)' to version \($0)" }
        let expected = alias.previousVersion.map { "version \($0)" } ?? "no such alias"
        return RegistryError(
            .conflict,
            "something else \(moved ?? "removed the alias '\(alias.alias)'") during this run, which expected \(expected)",
            hint: "it was left there; check what moved it, then run again")
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

    /// The aliases that were to be moved and are where the plan wants them, whoever moved them.
    var settledAliases: [PlannedAlias] {
        zip(planned.aliases, aliases).filter { $0.action != .unchanged && $1 == .ok }.map(\.0)
    }
}

extension [Int] {
    /// The elements in parts of so many.
    fileprivate func inParts(of size: Int) -> [[Int]] {
        stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min($0 + size, count)]) }
    }
}
