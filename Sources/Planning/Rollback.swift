package import Prompts
import Support

/// Points aliases back to where they were. It never writes.
package struct Rollback: Sendable {
    /// Where the aliases go back to.
    package enum Way: Hashable, Sendable {
        /// To where each was before a run moved it: the moves by full name, and where they were made.
        case moves([String: [Move]], in: RegistryLocation)
        /// One alias of each prompt, to where it was before its last move, by the journal.
        case journal(alias: String)
        /// One alias of each prompt, to a version of this number.
        case version(Int, alias: String)
    }

    /// An alias move that is to be taken back.
    package struct Move: Hashable, Sendable {
        /// The alias.
        package var alias: String
        /// The version that it pointed to before; nil when it did not exist, or is not known.
        package var from: Int?
        /// The version that the move left it at; nil when it was taken away, or is not known.
        package var to: Int?

        /// A move.
        package init(alias: String, from: Int? = nil, to: Int? = nil) {
            self.alias = alias
            self.from = from
            self.to = to
        }
    }

    /// Where the aliases go back to.
    package var way: Way
    /// Whether aliases that somebody moved since go back as well.
    package var force: Bool

    /// A rollback.
    ///
    /// - Parameters:
    ///   - way: Where the aliases go back to.
    ///   - force: Whether aliases that somebody moved since go back as well.
    package init(_ way: Way, force: Bool = false) {
        self.way = way
        self.force = force
    }

    /// The plan that takes a batch back.
    ///
    /// - Parameters:
    ///   - batch: The prompts.
    ///   - registry: The registry, which is read.
    ///   - concurrency: How many versions are read at a time.
    /// - Returns: The plan. It is refused where an alias has no way back, or is not where it was left.
    /// - Throws: `RegistryError` when the registry cannot be read, or is in another workspace than the run was.
    package func plan(
        _ batch: Batch, in registry: any PromptRegistry, concurrency: Int = 8
    ) async throws(RegistryError) -> Plan {
        if case .moves(_, let location) = way, location.workspace != registry.workspace {
            throw RegistryError(
                .invalidAddress,
                "the report is of a run in \(location), and this is \(registry.location)",
                hint: "choose the run's workspace, by its credentials or by MLFLOW_WORKSPACE")
        }
        let moves = self.moves(of: batch)
        let names = batch.prompts.map(\.fullName)
        let observed = try await ObservedBatch(
            names, versionsOf: Set(moves.values.flatMap { $0.map(\.alias) }).sorted(), in: registry,
            concurrency: concurrency)
        let release = latestRelease(batch, observed)
        let prompts = batch.prompts.map { plan($0, moves[$0.fullName] ?? [], observed, release) }
        let unchecked = Plan(
            operation: .rollback, job: batch.job, target: batch.target, registry: registry.location,
            prompts: prompts)
        return try await lookUp(unchecked, in: registry, concurrency: concurrency)
    }

    // MARK: What is to be taken back

    /// The moves that a report tells of, or the alias whose last move is looked for.
    private func moves(of batch: Batch) -> [String: [Move]] {
        switch way {
        case .moves(let moves, _): moves
        case .journal(let alias), .version(_, let alias):
            Dictionary(batch.prompts.map { ($0.fullName, [Move(alias: alias)]) }) { first, _ in first }
        }
    }

    /// When the aliases of a job were last moved together, so that those which were moved before stay; nil without a
    /// job, and when none was moved.
    private func latestRelease(_ batch: Batch, _ observed: ObservedBatch) -> String? {
        guard case .journal(let alias) = way, batch.job != nil else { return nil }
        return batch.prompts.compactMap { subject in
            // What cannot be read is told where the prompt is planned.
            guard let prompt = observed.prompts[subject.fullName], let log = try? AliasLog(of: prompt) else {
                return nil
            }
            return log.steps(of: alias).last?.at
        }.max()
    }

    // MARK: One prompt

    private func plan(
        _ subject: PromptSubject, _ moves: [Move], _ observed: ObservedBatch, _ release: String?
    ) -> PlannedPrompt {
        guard let prompt = observed.prompts[subject.fullName] else {
            return PlannedPrompt(
                subject, problem: RegistryError(.notFound, "there is no prompt '\(subject.fullName)'"))
        }
        do throws(RegistryError) {
            var aliases: [PlannedAlias] = []
            for move in moves {
                if let alias = try plan(move, of: prompt, release) { aliases.append(alias) }
            }
            let first = aliases.first { $0.action == .move }
            let replaced = first.flatMap { observed.version(of: subject.fullName, at: $0.alias) }
            return PlannedPrompt(subject, of: prompt, replacing: replaced, aliases: aliases)
        } catch {
            return PlannedPrompt(subject, of: prompt, problem: error)
        }
    }

    /// What becomes of an alias; nil where there is none, and is to be none.
    private func plan(
        _ move: Move, of prompt: ObservedPrompt, _ release: String?
    ) throws(RegistryError) -> PlannedAlias? {
        let current = prompt.aliases[move.alias]
        let goal: Int?
        switch way {
        case .moves:
            if current != move.to, current != move.from, !force {
                throw moved(move.alias, of: prompt, since: move.to)
            }
            goal = move.from
        case .version(let number, _):
            goal = number
        case .journal:
            let steps = try AliasLog(of: prompt).steps(of: move.alias)
            if let release, steps.count < 2 || steps.last?.at != release {
                return PlannedAlias(
                    alias: move.alias, action: .unchanged, previousVersion: current,
                    goal: current.map(AliasGoal.version) ?? .newest)
            }
            guard let last = steps.last, steps.count > 1 else {
                let place = steps.last.map { $0.version.map { "before version \($0)" } ?? "before that" }
                throw RegistryError(
                    .neverMoved,
                    "the journal of '\(prompt.name)' tells of no place of '\(move.alias)' \(place ?? "at all")",
                    hint: "name the version to go back to: --to N")
            }
            if current != last.version, !force { throw moved(move.alias, of: prompt, since: last.version) }
            // Forced, an alias that somebody moved goes back to where the journal's last move had left it.
            goal = current == last.version ? steps[steps.count - 2].version : last.version
        }
        guard let goal else {
            return current.map { PlannedAlias(alias: move.alias, action: .remove, previousVersion: $0) }
        }
        return PlannedAlias(
            alias: move.alias, action: current == goal ? .unchanged : current == nil ? .set : .move,
            previousVersion: current, goal: .version(goal))
    }

    private func moved(_ alias: String, of prompt: ObservedPrompt, since left: Int?) -> RegistryError {
        let now = prompt.aliases[alias].map { "is at version \($0)" } ?? "is gone"
        let then = left.map { "version \($0)" } ?? "nowhere"
        return RegistryError(
            .conflict,
            "somebody moved the alias '\(alias)' of '\(prompt.name)' since: it \(now), not at \(then)",
            hint: "look at promptreg history \(prompt.name); --force takes it back all the same")
    }

    /// Reads the versions that aliases go back to, which shows what they bring and that they are still there.
    private func lookUp(
        _ plan: Plan, in registry: any PromptRegistry, concurrency: Int
    ) async throws(RegistryError) -> Plan {
        var result = plan
        result.prompts = try await concurrentMap(plan.prompts, limit: concurrency) {
            (prompt) async throws(RegistryError) in
            try RegistryError.checkCancellation()
            return try await lookUp(prompt, in: registry)
        }
        return result
    }

    private func lookUp(
        _ prompt: PlannedPrompt, in registry: any PromptRegistry
    ) async throws(RegistryError) -> PlannedPrompt {
        var planned = prompt
        let shown = planned.aliases.first { $0.action == .move }
        for alias in planned.aliases where alias.action == .move || alias.action == .set {
            guard case .version(let number) = alias.goal else { continue }
            do {
                let version = try await registry.version(number, of: planned.prompt.name)
                guard alias == shown else { continue }
                planned.version.content = version.content
                planned.source.characters = version.content.template.unicodeScalars.count
                planned.source.variables = version.content.variables
            } catch {
                guard error.code == .notFound else { throw error }
                planned.problem = error
                break
            }
        }
        return planned
    }
}
