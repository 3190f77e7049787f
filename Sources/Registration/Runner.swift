import JobSpec
package import PromptRegistry

/// Does what a plan says, and only that.
package struct Runner: Sendable {
    private let registry: any PromptRegistry
    private let concurrency: Int
    private let failFast: Bool
    private let provenance: Provenance
    private let interruption: Interruption
    private let onEvent: @Sendable (RunEvent) -> Void

    /// A runner.
    ///
    /// - Parameters:
    ///   - registry: Where to register.
    ///   - concurrency: How many prompts are worked on at a time.
    ///   - failFast: Whether the first failure keeps the rest from being begun.
    ///   - provenance: Where the templates come from.
    ///   - interruption: Asks the run to stop.
    ///   - onEvent: Told of what happens, from any task.
    package init(
        registry: any PromptRegistry, concurrency: Int = 8, failFast: Bool = false,
        provenance: Provenance = .none, interruption: Interruption = Interruption(),
        onEvent: @escaping @Sendable (RunEvent) -> Void = { _ in }
    ) {
        self.registry = registry
        self.concurrency = max(1, concurrency)
        self.failFast = failFast
        self.provenance = provenance
        self.interruption = interruption
        self.onEvent = onEvent
    }

    /// Registers what the plan makes, then moves its aliases.
    ///
    /// - Parameter plan: The plan, made while the registry was held by `beginRun`.
    /// - Returns: What became of each prompt. Failures are in there, not thrown.
    package func run(_ plan: Plan) async -> RunOutcome {
        var outcome = RunOutcome(prompts: await register(plan))
        let failed = outcome.prompts.contains { $0.status == .failed }
        let stopped = interruption.signal != nil || (failed && (failFast || plan.onError == .hold))
        let moves = outcome.prompts.indices.filter { outcome.prompts[$0].hasMoves }
        guard !stopped, !moves.isEmpty else { return outcome }
        do {
            // No alias may outlast a loss of power that the version it points to does not.
            try await registry.synchronize()
        } catch {
            outcome.error = error
            return outcome
        }
        switch plan.onError {
        case .hold: await moveAllOrNone(moves, in: &outcome.prompts)
        case .continue: await moveEach(moves, in: &outcome.prompts)
        }
        return outcome
    }

    // MARK: Versions

    private func register(_ plan: Plan) async -> [PromptOutcome] {
        var outcomes = plan.prompts.map(PromptOutcome.init(notRun:))
        for index in outcomes.indices where plan.prompts[index].action == .unchanged {
            outcomes[index].status = .ok
        }
        let pending = plan.prompts.indices.filter { plan.prompts[$0].action != .unchanged }
        await concurrently(pending, at: concurrency) { index in
            await register(plan.prompts[index], of: plan)
        } onResult: { index, outcome in
            outcomes[index] = outcome
            onEvent(.registered(outcome))
            return !(failFast && outcome.status == .failed) && interruption.signal == nil
        }
        return outcomes
    }

    private func register(_ planned: PlannedPrompt, of plan: Plan) async -> PromptOutcome {
        var outcome = PromptOutcome(notRun: planned)
        guard interruption.signal == nil else { return outcome }
        let start = ContinuousClock.now
        var version = planned.version
        if plan.provenance, planned.action.makesVersion {
            version.tags.merge(provenance.tags(of: planned.source, job: plan.job)) { _, new in new }
        }
        do {
            if planned.action.makesVersion {
                outcome.version =
                    planned.exists
                    ? try await registry.createVersion(of: planned.prompt.name, version)
                    : try await registry.createPrompt(planned.prompt, firstVersion: version)
            }
            if !planned.changes.isEmpty {
                try await registry.update(planned.prompt.name, planned.changes)
            }
            outcome.status = .ok
        } catch {
            outcome.status = .failed
            outcome.error = error
        }
        outcome.elapsed = .now - start
        return outcome
    }

    // MARK: Aliases

    /// Moves the aliases of every prompt, each for itself.
    private func moveEach(_ moves: [Int], in outcomes: inout [PromptOutcome]) async {
        let before = outcomes
        await concurrently(moves.filter { before[$0].status == .ok }, at: concurrency) { index in
            await moveAliases(of: before[index], stopAtFailure: failFast)
        } onResult: { index, outcome in
            outcomes[index] = outcome
            onEvent(.aliasesMoved(name: outcome.planned.name))
            return !(failFast && outcome.status == .failed) && interruption.signal == nil
        }
    }

    /// Moves the aliases of every prompt; when one fails or the run is stopped, all go back to where they were.
    private func moveAllOrNone(_ moves: [Int], in outcomes: inout [PromptOutcome]) async {
        let before = outcomes
        await concurrently(moves, at: concurrency) { index in
            await moveAliases(of: before[index], stopAtFailure: true)
        } onResult: { index, outcome in
            outcomes[index] = outcome
            onEvent(.aliasesMoved(name: outcome.planned.name))
            return outcome.status == .ok && interruption.signal == nil
        }
        let isWhole = moves.allSatisfy { index in
            outcomes[index].status == .ok && !outcomes[index].aliases.contains(.held)
        }
        guard !isWhole else { return }
        onEvent(.restoring)
        let after = outcomes
        await concurrently(moves, at: concurrency) { index in
            await restoreAliases(of: after[index])
        } onResult: { index, outcome in
            outcomes[index] = outcome
            return true
        }
    }

    private func moveAliases(of before: PromptOutcome, stopAtFailure: Bool) async -> PromptOutcome {
        var outcome = before
        guard let version = outcome.version else { return outcome }
        let start = ContinuousClock.now
        for (position, alias) in outcome.planned.aliases.enumerated() where alias.action != .unchanged {
            if interruption.signal != nil || (stopAtFailure && outcome.status == .failed) { break }
            do {
                try await registry.setAlias(alias.alias, of: outcome.planned.prompt.name, to: version)
                outcome.aliases[position] = .ok
            } catch {
                outcome.aliases[position] = .failed
                outcome.status = .failed
                outcome.error = outcome.error ?? error
            }
        }
        outcome.elapsed += .now - start
        return outcome
    }

    private func restoreAliases(of after: PromptOutcome) async -> PromptOutcome {
        var outcome = after
        let name = outcome.planned.prompt.name
        for (position, alias) in outcome.planned.aliases.enumerated()
        where alias.action != .unchanged && outcome.aliases[position] == .ok {
            do {
                if let previous = alias.previousVersion {
                    try await registry.setAlias(alias.alias, of: name, to: previous)
                } else {
                    try await registry.deleteAlias(alias.alias, of: name)
                }
                outcome.aliases[position] = .restored
            } catch {
                outcome.aliases[position] = .failed
                outcome.stuckAliases.insert(alias.alias)
                outcome.status = .failed
                let place = alias.previousVersion.map { "back to version \($0)" } ?? "away again"
                outcome.error = RegistryError(
                    error.code,
                    "the alias '\(alias.alias)' could not be taken \(place): \(error.message)",
                    hint:
                        "it points to version \(outcome.version ?? 0); run the job again once the registry works"
                )
            }
        }
        return outcome
    }
}

extension PromptOutcome {
    /// Whether the plan sets or moves any of its aliases.
    fileprivate var hasMoves: Bool { planned.aliases.contains { $0.action != .unchanged } }
}
