import FoundationEssentials
import Jobs
package import Planning
package import Prompts
import Support

/// Does what a plan says, and only that.
package struct Runner: Sendable {
    private let registry: any PromptRegistry
    private let concurrency: Int
    private let failFast: Bool
    private let provenance: Provenance
    private let author: String?
    private let interruption: Interruption
    private let onEvent: @Sendable (RunEvent) -> Void

    /// A runner.
    ///
    /// - Parameters:
    ///   - registry: Where to register.
    ///   - concurrency: How many prompts are worked on at a time.
    ///   - failFast: Whether the first failure keeps the rest from being begun.
    ///   - provenance: Where the templates come from.
    ///   - author: Who runs it, for the journal of alias moves.
    ///   - interruption: Asks the run to stop.
    ///   - onEvent: Told of what happens, from any task.
    package init(
        registry: any PromptRegistry, concurrency: Int = 8, failFast: Bool = false,
        provenance: Provenance = .none, author: String? = nil,
        interruption: Interruption = Interruption(),
        onEvent: @escaping @Sendable (RunEvent) -> Void = { _ in }
    ) {
        self.registry = registry
        self.concurrency = max(1, concurrency)
        self.failFast = failFast
        self.provenance = provenance
        self.author = author
        self.interruption = interruption
        self.onEvent = onEvent
    }

    /// Registers what the plan makes, then moves its aliases.
    ///
    /// - Parameter plan: The plan, made while the registry was held by `beginRun`.
    /// - Returns: What became of each prompt. Failures are in there, not thrown.
    package func run(_ plan: Plan) async -> RunOutcome {
        if plan.isRefused { return RunOutcome(prompts: plan.prompts.map(PromptOutcome.init(refusing:))) }
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
        let mover = AliasMover(
            registry: registry, concurrency: concurrency, failFast: failFast, interruption: interruption,
            author: author, commit: provenance.commit, job: plan.job,
            isRollback: plan.operation == .rollback, time: Date().timestamp, onEvent: onEvent)
        switch plan.onError {
        case .hold: await mover.moveAllOrNone(moves, in: &outcome.prompts)
        case .continue: await mover.moveEach(moves, in: &outcome.prompts)
        }
        return outcome
    }

    // MARK: Versions

    private func register(_ plan: Plan) async -> [PromptOutcome] {
        var outcomes = plan.prompts.map(PromptOutcome.init(notRun:))
        // A prompt that does not change may still come to belong to another job.
        let pending = plan.prompts.indices.filter {
            plan.prompts[$0].action != .unchanged || !plan.prompts[$0].changes.isEmpty
        }
        for index in Set(outcomes.indices).subtracting(pending) { outcomes[index].status = .ok }
        await forEachConcurrently(pending, limit: concurrency) { index in
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
        if plan.provenance, let job = plan.job, planned.action.makesVersion {
            version.tags.merge(provenance.tags(of: planned.source, job: job)) { _, new in new }
        }
        do {
            if planned.action.makesVersion {
                for earlier in planned.earlierVersions {
                    let isFirst = outcome.earlierVersions.isEmpty
                    outcome.earlierVersions.append(try await make(earlier, of: planned, isFirst: isFirst))
                }
                let isFirst = outcome.earlierVersions.isEmpty
                outcome.version = try await make(version, of: planned, isFirst: isFirst)
            }
            for changes in [planned.changes] + planned.versionChanges where !changes.isEmpty {
                try await registry.update(planned.prompt.name, changes)
            }
            outcome.status = .ok
        } catch {
            outcome.status = .failed
            outcome.error = error
        }
        outcome.elapsed = .now - start
        return outcome
    }

    private func make(
        _ version: VersionDraft, of planned: PlannedPrompt, isFirst: Bool
    ) async throws(RegistryError) -> Int {
        planned.exists || !isFirst
            ? try await registry.createVersion(of: planned.prompt.name, version)
            : try await registry.createPrompt(planned.prompt, firstVersion: version)
    }
}

extension PromptOutcome {
    /// Whether the plan sets or moves any of its aliases.
    fileprivate var hasMoves: Bool { planned.aliases.contains { $0.action != .unchanged } }
}
