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
    ///   - interruption: Stops the run.
    ///   - onEvent: Called with each event, from any task.
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

    /// Whether the run was asked to stop.
    var isInterrupted: Bool { interruption.signal != nil }

    /// Registers the versions of a plan, then moves its aliases.
    ///
    /// - Parameter plan: The plan, made while the registry was locked by `beginRun`.
    /// - Returns: What became of each prompt. Failures are part of it, not thrown.
    package func run(_ plan: Plan) async -> RunOutcome {
        if plan.isRefused { return RunOutcome(prompts: plan.prompts.map(PromptOutcome.init(refusing:))) }
        var outcome = RunOutcome(prompts: await register(plan))
        let failed = outcome.prompts.contains { $0.status == .failed }
        let stopped = isInterrupted || (failed && (failFast || plan.onError == .hold))
        let moves = outcome.prompts.indices.filter { index in
            plan.prompts[index].aliases.contains { $0.action != .unchanged }
        }
        guard !stopped, !moves.isEmpty else { return outcome }
        do {
            // After a power failure no alias may point to a version that is not there.
            try await registry.synchronize()
        } catch {
            outcome.error = error
            return outcome
        }
        let mover = AliasMover(runner: self, plan: plan)
        switch plan.onError {
        case .hold: await mover.moveAllOrNone(moves, in: &outcome.prompts)
        case .continue: await mover.moveEach(moves, in: &outcome.prompts)
        }
        return outcome
    }

    // MARK: Versions

    private func register(_ plan: Plan) async -> [PromptOutcome] {
        var outcomes = plan.prompts.map(PromptOutcome.init(notRun:))
        // An unchanged prompt may still change hands from one job to another.
        let pending = plan.prompts.indices.filter {
            plan.prompts[$0].action != .unchanged || !plan.prompts[$0].changes.isEmpty
        }
        for index in Set(outcomes.indices).subtracting(pending) { outcomes[index].status = .ok }
        await forEachConcurrently(pending, limit: concurrency) { index in
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
            if planned.action.makesVersion { try await makeVersions(of: &outcome, plan) }
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

    private func makeVersions(of outcome: inout PromptOutcome, _ plan: Plan) async throws(RegistryError) {
        let planned = outcome.planned
        var newest = planned.version
        if plan.provenance, let job = plan.job {
            newest.tags.merge(provenance.tags(of: planned.source, job: job)) { _, new in new }
        }
        var numbers: [Int] = []
        for version in planned.earlierVersions + [newest] {
            let exists = planned.exists || !numbers.isEmpty
            numbers.append(
                exists
                    ? try await registry.createVersion(of: planned.prompt.name, version)
                    : try await registry.createPrompt(planned.prompt, firstVersion: version))
            outcome.earlierVersions = Array(numbers.prefix(planned.earlierVersions.count))
        }
        outcome.version = numbers.last
    }
}
