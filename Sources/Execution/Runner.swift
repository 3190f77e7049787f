import Jobs
package import Planning
package import Prompts
import Support

/// Carries out a plan, and does nothing else.
package struct Runner: Sendable {
    let registry: any PromptRegistry
    let concurrency: Int
    let failFast: Bool
    let provenance: Provenance
    let author: String?
    let policyOverride: String?
    let job: String?
    private let interruption: Interruption
    let onEvent: @Sendable (RunEvent) -> Void

    /// A runner.
    ///
    /// - Parameters:
    ///   - registry: Where to register.
    ///   - concurrency: How many prompts to work on at a time.
    ///   - failFast: Whether to start no more prompts after the first failure.
    ///   - provenance: Where the templates come from.
    ///   - author: Who runs it, for the journal of alias moves.
    ///   - policyOverride: Why the run is made against the job's policy; nil where that allows it.
    ///   - job: The job that the journal names where the plan names none.
    ///   - interruption: Stops the run.
    ///   - onEvent: Called with each event, from any task.
    package init(
        registry: any PromptRegistry, concurrency: Int = 8, failFast: Bool = false,
        provenance: Provenance = .none, author: String? = nil,
        policyOverride: String? = nil, job: String? = nil,
        interruption: Interruption = Interruption(),
        onEvent: @escaping @Sendable (RunEvent) -> Void = { _ in }
    ) {
        self.registry = registry
        self.concurrency = max(1, concurrency)
        self.failFast = failFast
        self.provenance = provenance
        self.author = author
        self.policyOverride = policyOverride
        self.job = job
        self.interruption = interruption
        self.onEvent = onEvent
    }

    /// Whether the run was asked to stop.
    var isInterrupted: Bool { interruption.signal != nil }

    /// Registers the versions of a plan, then moves its aliases.
    ///
    /// - Parameter plan: The plan, made while the registry was locked by `beginRun`.
    /// - Returns: What became of each prompt. Failures are part of it, not thrown.
    package func run(_ plan: Plan) async -> RunOutcome {
        if plan.isRefused { return RunOutcome(prompts: plan.prompts.map(PromptOutcome.init(refusing:))) }
        var outcome = RunOutcome(prompts: await register(plan))
        await settleUncertainVersions(&outcome)
        await moveAliases(plan, &outcome)
        // What an attempt with a lost answer did may show only now.
        await settleUncertainVersions(&outcome)
        await confirmVersions(&outcome)
        await markMoved(plan, &outcome)
        await confirmChanges(&outcome)
        await acceptDrift(plan, &outcome)
        await removeRepetitions(&outcome)
        return outcome
    }

    /// Moves the aliases, unless a failure holds them.
    private func moveAliases(_ plan: Plan, _ outcome: inout RunOutcome) async {
        let failed = outcome.prompts.contains { $0.status == .failed }
        let stopped = isInterrupted || (failed && (failFast || plan.onError == .hold))
        let mover = AliasMover(runner: self, plan: plan)
        let moves = outcome.prompts.indices.filter { index in
            // What another run moves back this one may have to move again.
            plan.prompts[index].movingBack ?? "" > mover.horizon
                || plan.prompts[index].aliases.contains { $0.action != .unchanged }
                || plan.prompts[index].movedFrom != nil
        }
        guard !stopped, !moves.isEmpty else { return }
        do {
            // After a power failure no alias may point to a version that is not there.
            try await registry.synchronize()
        } catch {
            outcome.error = error
            return
        }
        switch plan.onError {
        case .hold: await mover.moveAllOrNone(moves, in: &outcome.prompts)
        case .continue: await mover.moveEach(moves, in: &outcome.prompts)
        }
        for index in moves { await mover.takeBackJournal(of: outcome.prompts[index]) }
        await mover.noteRepeated(moves.map { outcome.prompts[$0] })
    }

    // MARK: Repetitions

    /// Looks again for repetitions of versions whose answers were lost.
    private func settleUncertainVersions(_ outcome: inout RunOutcome) async {
        let indices = outcome.prompts.indices.filter { !outcome.prompts[$0].uncertainVersions.isEmpty }
        await update(indices, &outcome) { prompt async throws(RegistryError) in
            for number in prompt.uncertainVersions { try await settle(number, &prompt) }
        }
    }

    /// Makes sure that a run which succeeded has made the new versions that no alias was pointed to: the others were
    /// seen when their aliases had moved.
    private func confirmVersions(_ outcome: inout RunOutcome) async {
        guard outcome.error == nil, !outcome.prompts.contains(where: { $0.status == .failed }) else { return }
        let indices = outcome.prompts.indices.filter { index in
            let prompt = outcome.prompts[index]
            return prompt.status == .ok && prompt.planned.action.makesVersion
                && !prompt.settledAliases.contains { $0.action != .remove }
        }
        await update(isInterrupted ? [] : indices, &outcome) { prompt async throws(RegistryError) in
            guard let number = prompt.version else { return }
            try await Repetitions(registry: registry, name: prompt.planned.prompt.name).confirm(number)
        }
    }

    /// Makes sure that descriptions and tags of prompts are as they were set: a server may say so and keep none.
    private func confirmChanges(_ outcome: inout RunOutcome) async {
        let indices = outcome.prompts.indices.filter { index in
            outcome.prompts[index].status == .ok && !outcome.prompts[index].planned.changes.isEmpty
        }
        await update(isInterrupted ? [] : indices, &outcome) { prompt async throws(RegistryError) in
            let planned = prompt.planned
            let name = planned.prompt.name
            var problem: RegistryError?
            _ = try await Repetitions.look { () async throws(RegistryError) -> Bool? in
                let current = try await registry.observe([name])[name] ?? ObservedPrompt(name: name)
                problem = planned.problem(with: current)
                return problem == nil ? true : nil
            }
            if let problem { throw problem }
        }
    }

    /// Marks the old names of prompts that moved, once their versions and aliases are all under the new name: a run that
    /// finds the mark carries nothing over.
    private func markMoved(_ plan: Plan, _ outcome: inout RunOutcome) async {
        guard outcome.error == nil, !isInterrupted else { return }
        let moved = outcome.prompts.filter { $0.status == .ok && $0.aliases.allSatisfy { $0 == .ok } }
        let names = Set(moved.map(\.planned.prompt.name))
        let indices = Self.marks(of: plan).filter { plan.prompts[$0].movedTo.map(names.contains) ?? false }
        await update(indices, &outcome) { prompt async throws(RegistryError) in
            try await registry.update(
                prompt.planned.prompt.name, noting(prompt.planned.changes, in: prompt.planned))
            prompt.status = .ok
        }
        for index in indices { onEvent(.registered(outcome.prompts[index])) }
    }

    /// The prompts of a plan that are only marked to have moved.
    private static func marks(of plan: Plan) -> [Int] {
        plan.operation == .run ? plan.prompts.indices.filter { plan.prompts[$0].movedTo != nil } : []
    }

    /// Records, once a run has succeeded, which aliases something else had put where it wants them.
    private func acceptDrift(_ plan: Plan, _ outcome: inout RunOutcome) async {
        guard outcome.error == nil, !outcome.prompts.contains(where: { $0.status == .failed }) else { return }
        let indices = outcome.prompts.indices.filter { index in
            outcome.prompts[index].status == .ok
                && outcome.prompts[index].planned.aliases.contains { $0.acceptedDrift != nil }
        }
        let mover = AliasMover(runner: self, plan: plan)
        await update(isInterrupted ? [] : indices, &outcome) { prompt async throws(RegistryError) in
            try await mover.acceptDrift(&prompt)
        }
    }

    /// Deletes what the plan found to be registered twice, once no alias of the plan points to it.
    private func removeRepetitions(_ outcome: inout RunOutcome) async {
        let indices = outcome.prompts.indices.filter { index in
            let prompt = outcome.prompts[index]
            return !prompt.planned.repetitions.isEmpty && prompt.status == .ok
                && prompt.aliases.allSatisfy { $0 == .ok }
        }
        await update(isInterrupted ? [] : indices, &outcome) { prompt async throws(RegistryError) in
            let repetitions = Repetitions(registry: registry, name: prompt.planned.prompt.name)
            try await repetitions.remove(prompt.planned.repetitions)
            prompt.removedVersions += prompt.planned.repetitions
        }
    }

    /// Does something for some prompts, several at a time; what is thrown fails the prompt.
    private func update(
        _ indices: [Int], _ outcome: inout RunOutcome,
        _ work: @escaping @Sendable (inout PromptOutcome) async throws(RegistryError) -> Void
    ) async {
        let before = outcome.prompts
        await forEachConcurrently(indices, limit: concurrency) { index in
            var prompt = before[index]
            do throws(RegistryError) { try await work(&prompt) } catch { prompt.fail(error) }
            return prompt
        } onResult: { index, prompt in
            outcome.prompts[index] = prompt
            return true
        }
    }

    /// Finds out which version stays of one that was made, and notes it.
    private func settle(_ number: Int, _ outcome: inout PromptOutcome) async throws(RegistryError) {
        let name = outcome.planned.prompt.name
        let (kept, removed) = try await Repetitions(registry: registry, name: name)
            .settle(number, attempts: outcome.attempts[number, default: []])
        outcome.removedVersions += removed.map(\.number)
        guard kept.number != number, let own = removed.first(where: { $0.number == number }) else { return }
        outcome.take(kept.number, insteadOf: number)
        // What is kept may be an attempt of this run's own.
        if !removed.contains(where: kept.isAttempt) { outcome.attempts[kept.number] = removed }
        // The other run may have had other tags.
        let tags = own.tags.filter { !$0.key.hasPrefix("promptreg_") && kept.tags[$0.key] != $0.value }
        let changes = MetadataChanges(version: kept.number, versionTags: tags.mapValues(Optional.some))
        if !changes.isEmpty { try await registry.update(name, changes) }
    }

    // MARK: Versions

    private func register(_ plan: Plan) async -> [PromptOutcome] {
        var outcomes = plan.prompts.map(PromptOutcome.init(notRun:))
        // An unchanged prompt may still change hands from one job to another.
        let pending = plan.prompts.indices.filter {
            plan.prompts[$0].action != .unchanged || !plan.prompts[$0].changes.isEmpty
        }
        for index in Set(outcomes.indices).subtracting(pending) { outcomes[index].status = .ok }
        let marks = Set(Self.marks(of: plan))
        await forEachConcurrently(pending.filter { !marks.contains($0) }, limit: concurrency) { index in
            await register(plan.prompts[index], of: plan)
        } onResult: { index, outcome in
            outcomes[index] = outcome
            onEvent(.registered(outcome))
            return !(failFast && outcome.status == .failed) && !isInterrupted
        }
        return outcomes
    }

    private func register(_ planned: PlannedPrompt, of plan: Plan) async -> PromptOutcome {
        var outcome = PromptOutcome(notRun: planned)
        guard !isInterrupted else { return outcome }
        let start = ContinuousClock.now
        do {
            try await checkTakeover(of: planned, plan)
            if planned.action.makesVersion { try await makeVersions(of: &outcome, plan) }
            for changes in [planned.changes] + planned.versionChanges where !changes.isEmpty {
                try await update(planned.prompt.name, noting(changes, in: planned))
            }
            outcome.status = .ok
        } catch {
            // Of what was not sent before the interruption nothing was begun.
            let isBegun = error.outcomeIsUnknown || outcome.version != nil || !outcome.earlierVersions.isEmpty
            if isInterrupted, !isBegun { return PromptOutcome(notRun: planned) }
            outcome.status = .failed
            outcome.error = error
        }
        outcome.elapsed = .now - start
        return outcome
    }

    /// Changes in place, with why they are made against the job's policy. A version that is made says so itself.
    private func noting(_ changes: MetadataChanges, in planned: PlannedPrompt) -> MetadataChanges {
        guard let policyOverride, !planned.action.makesVersion,
            let version = changes.version ?? planned.previousVersion
        else { return changes }
        var changes = changes
        changes.version = version
        changes.versionTags[ProvenanceTag.policyOverride] = AliasLog.shortened(policyOverride)
        return changes
    }

    private func makeVersions(of outcome: inout PromptOutcome, _ plan: Plan) async throws(RegistryError) {
        let planned = outcome.planned
        var newest = planned.version
        if plan.provenance, let job = plan.job {
            newest.tags.merge(provenance.tags(of: planned.source, job: job)) { _, new in new }
        }
        newest.tags[ProvenanceTag.policyOverride] = policyOverride.map(AliasLog.shortened)
        let count = planned.earlierVersions.count
        for (index, version) in (planned.earlierVersions + [newest]).enumerated() {
            let base = outcome.earlierVersions.last ?? planned.previousVersion ?? 0
            let number = try await make(version, on: base, &outcome, plan)
            if index < count { outcome.earlierVersions.append(number) } else { outcome.version = number }
            // Something else registered a version meanwhile; another run of the same job may have made this one.
            if number != base + 1 {
                try await settle(number, &outcome)
                try await checkOthers(above: base, &outcome, plan)
            }
        }
    }

    /// Registers one version.
    ///
    /// - Returns: The number that it was given.
    private func make(
        _ version: VersionDraft, on base: Int, _ outcome: inout PromptOutcome, _ plan: Plan
    ) async throws(RegistryError) -> Int {
        var prompt = outcome.planned.prompt
        // It tells of aliases that are not there yet.
        prompt.tags[AliasLog.tag] = nil
        var draft = version
        draft.tags[VersionKey.tag] =
            VersionKey(version.content, of: prompt.name, job: plan.job, base: base).text
        let created = try await Repetitions(registry: registry, name: prompt.name).checked(draft, above: base)
        {
            () async throws(RegistryError) in
            outcome.planned.exists || !outcome.earlierVersions.isEmpty
                ? try await registry.createVersion(of: prompt.name, draft)
                : try await registry.createPrompt(prompt, firstVersion: draft) {
                    [planned = outcome.planned] existing async throws(RegistryError) in
                    try await checkOwner(of: existing, planned, plan)
                }
        }
        if created.mayBeRepeated { outcome.uncertainVersions.append(created.number) }
        return created.number
    }
}
