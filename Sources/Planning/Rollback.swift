package import Prompts
import Support

/// Plans to point aliases back to where they were.
package struct Rollback: Sendable {
    /// Where the aliases go back to.
    package enum Destination: Hashable, Sendable {
        /// Where each was before a run moved it: the moves by full name, where the run was, and when it ended.
        case moves([String: [Move]], in: RegistryLocation, until: String)
        /// Where an alias of each prompt was before its last move, by the journal.
        case journal(alias: String)
        /// One version number, for an alias of each prompt.
        case version(Int, alias: String)
    }

    /// An alias move to undo.
    package struct Move: Hashable, Sendable {
        /// The alias.
        package var alias: String
        /// The version that it pointed to before; nil when it did not exist, or where that is unknown.
        package var from: Int?
        /// The version that it pointed to afterwards; nil when it was deleted, or where that is unknown.
        package var to: Int?

        /// A move.
        package init(alias: String, from: Int? = nil, to: Int? = nil) {
            self.alias = alias
            self.from = from
            self.to = to
        }
    }

    private let destination: Destination
    private let force: Bool

    /// A rollback.
    ///
    /// - Parameters:
    ///   - destination: Where the aliases go back to.
    ///   - force: Whether aliases that were moved since go back as well.
    package init(_ destination: Destination, force: Bool = false) {
        self.destination = destination
        self.force = force
    }

    /// Plans the rollback of a batch.
    ///
    /// - Parameters:
    ///   - batch: The prompts.
    ///   - registry: The registry; only read.
    ///   - concurrency: How many versions are read at a time.
    /// - Returns: The plan. It is refused where an alias has nowhere to go back to, or was moved since.
    /// - Throws: `RegistryError` when the registry cannot be read, or is another workspace than that of the run.
    package func plan(
        _ batch: Batch, in registry: any PromptRegistry, concurrency: Int = 8
    ) async throws(RegistryError) -> Plan {
        if case .moves(_, let location, _) = destination, location.workspace != registry.workspace {
            throw RegistryError(
                .invalidAddress, "the report is of a run in \(location), but this is \(registry.location)",
                hint: "use the credentials or the MLFLOW_WORKSPACE of that run")
        }
        let moves = moves(of: batch)
        let observed = try await ObservedBatch(
            batch.prompts.map(\.fullName), versionsOf: Set(moves.values.joined().map(\.alias)).sorted(),
            mayBeMissing: true, in: registry, concurrency: concurrency)
        let release = latestRelease(batch, observed)
        let prompts = batch.prompts.map {
            plan($0, of: batch.job, moves[$0.fullName] ?? [], observed, release)
        }
        return Plan(
            operation: .rollback, job: batch.job, target: batch.target, registry: registry.location,
            prompts: try await concurrentMap(prompts, limit: concurrency) {
                (prompt) async throws(RegistryError) in
                try RegistryError.checkCancellation()
                return try await readingVersions(of: prompt, in: registry)
            })
    }

    /// The moves of the report, or the alias whose last move is looked for.
    private func moves(of batch: Batch) -> [String: [Move]] {
        switch destination {
        case .moves(let moves, _, _): moves
        case .journal(let alias), .version(_, let alias):
            Dictionary(batch.prompts.map { ($0.fullName, [Move(alias: alias)]) }) { first, _ in first }
        }
    }

    /// Moves of a job's aliases that belong together.
    private struct Release {
        /// When the last of them was made.
        let at: String
        /// What they were part of; nil in journals of earlier programs.
        let digest: String?
        /// After when the first of them was made: the last move of another release before it.
        let after: String

        /// Whether a prompt's alias came where it is as part of it.
        func contains(_ step: AliasLog.Step) -> Bool {
            guard let time = step.at else { return false }
            return time == at || (digest != nil && step.release == digest && time > after)
        }
    }

    /// The last release of a job, so that aliases that were moved earlier stay; nil without a job, or when none was
    /// moved.
    ///
    /// Runs at once, and a run that completes one that was stopped, make the moves of one release at different times.
    private func latestRelease(_ batch: Batch, _ observed: ObservedBatch) -> Release? {
        guard case .journal(let alias) = destination, batch.job != nil else { return nil }
        // A journal that cannot be read is reported where the prompt is planned.
        let logs = batch.prompts.compactMap { subject in
            observed.prompts[subject.fullName].flatMap { try? AliasLog(of: $0) }
        }
        guard let last = logs.compactMap({ $0.steps(of: alias).last }).max(by: { $0.at ?? "" < $1.at ?? "" }),
            let time = last.at
        else { return nil }
        let others = logs.flatMap(\.entries).filter {
            $0.alias == alias && $0.release != last.release && $0.at < time
        }
        return Release(at: time, digest: last.release, after: others.map(\.at).max() ?? "")
    }

    // MARK: - One prompt

    private func plan(
        _ subject: PromptSubject, of job: String?, _ moves: [Move], _ observed: ObservedBatch,
        _ release: Release?
    ) -> PlannedPrompt {
        guard let prompt = observed.prompts[subject.fullName] else {
            return PlannedPrompt(subject, problem: .notFound(prompt: subject.fullName))
        }
        do throws(RegistryError) {
            var aliases: [PlannedAlias] = []
            for move in moves {
                if let alias = try plan(move, of: prompt, release) { aliases.append(alias) }
            }
            let first = aliases.first { $0.action == .move }
            let replaced = first.flatMap { observed.version(of: subject.fullName, at: $0.alias) }
            var planned = PlannedPrompt(subject, of: prompt, replacing: replaced, aliases: aliases)
            planned.noteLastMoves(of: prompt)
            planned.drift = prompt.drift.filter { drift in aliases.contains { $0.alias == drift.alias } }
            // A report tells which moves are the run's own.
            if case .moves = destination { return planned }
            planned.checkOwner(of: prompt, subject, in: job)
            return planned
        } catch {
            return PlannedPrompt(subject, of: prompt, problem: error)
        }
    }

    /// Plans an alias; nil where it neither exists nor is to exist.
    private func plan(
        _ move: Move, of prompt: ObservedPrompt, _ release: Release?
    ) throws(RegistryError) -> PlannedAlias? {
        let current = prompt.aliases[move.alias]
        let goal: Int?
        switch destination {
        case .moves(_, _, let time):
            goal = move.from
            if current != move.to, current != goal, !force {
                throw moved(move.alias, of: prompt, since: move.to, goal: goal)
            }
            if current != goal, !force, let left = departure(from: move, of: prompt, after: time) {
                throw movedAndBack(move.alias, of: prompt, left, goal: goal)
            }
        case .version(let number, _):
            // A name that is mistyped would become an alias.
            if current == nil, !force, try AliasLog(of: prompt).steps(of: move.alias).isEmpty {
                throw prompt.notFound(alias: move.alias)
            }
            goal = number
        case .journal:
            let steps = try AliasLog(of: prompt).steps(of: move.alias)
            if let release, let last = steps.last, last.at == nil, steps.count > 1,
                steps[steps.count - 2].at ?? "" > release.at
            {
                throw RegistryError(
                    .conflict,
                    "something else put the alias '\(move.alias)' of '\(prompt.name)' where it is, after the job's release",
                    hint:
                        "roll back that prompt by its name, or name the version to go back to with --to N; see promptreg history \(prompt.name.shellWord)"
                )
            }
            // The job went back since, to where the journal of one prompt knows no way on: the others do not go without it.
            let isLost = release.map { steps.count == 1 && steps[0].returnedAt ?? "" > $0.at } ?? false
            if let release, !isLost, steps.count < 2 || steps.last.map(release.contains) != true {
                return current.map {
                    PlannedAlias(
                        alias: move.alias, action: .unchanged, previousVersion: $0, goal: .version($0))
                }
            }
            if steps.isEmpty, current == nil, nearestName(to: move.alias, in: prompt.aliases.keys) != nil {
                throw prompt.notFound(alias: move.alias)
            }
            guard let last = steps.last, steps.count > 1 else {
                let earliest = steps.last.map {
                    $0.version.map { " before version \($0)" } ?? ": it was taken away last"
                }
                throw RegistryError(
                    .neverMoved,
                    "the journal of '\(prompt.name)' records no earlier version of '\(move.alias)'\(earliest ?? "")",
                    hint: "name the version to go back to: --to N")
            }
            goal = steps[steps.count - 2].version
            if current != last.version, !force {
                throw moved(move.alias, of: prompt, since: last.version, goal: goal)
            }
        }
        // What something else did already is recorded, so that it is no drift afterwards.
        let drift = prompt.drift.first { $0.alias == move.alias }
        if current == nil, goal == nil, drift == nil { return nil }
        let action: AliasAction =
            current == goal ? .unchanged : goal == nil ? .remove : current == nil ? .set : .move
        return PlannedAlias(
            alias: move.alias, action: action, previousVersion: current,
            goal: goal.map(AliasGoal.version) ?? .newest, acceptedDrift: action == .unchanged ? drift : nil)
    }

    private func moved(
        _ alias: String, of prompt: ObservedPrompt, since left: Int?, goal: Int?
    ) -> RegistryError {
        let now = prompt.aliases[alias].map { "points to version \($0)" } ?? "was deleted"
        let expected = left.map { "version \($0)" } ?? "none"
        let rest = goal.map { "points it to version \($0)" } ?? "removes it"
        return RegistryError(
            .conflict,
            "the alias '\(alias)' of '\(prompt.name)' has changed since: it \(now), expected \(expected)",
            hint: "see promptreg history \(prompt.name.shellWord); --force \(rest) all the same")
    }

    /// The move by which a move of the report was taken back already, though the alias is there again; nil where the
    /// journal records none.
    private func departure(from move: Move, of prompt: ObservedPrompt, after time: String) -> AliasLog.Entry?
    {
        AliasLog(continuing: prompt.tags[AliasLog.tag]).entries.first {
            ($0.alias, $0.from, $0.to) == (move.alias, move.to, move.from) && $0.at > time
        }
    }

    private func movedAndBack(
        _ alias: String, of prompt: ObservedPrompt, _ departure: AliasLog.Entry, goal: Int?
    ) -> RegistryError {
        let how =
            departure.isFoundThere
            ? "was found moved" : departure.isRollback == true ? "was rolled back" : "was moved"
        let place = prompt.aliases[alias].map { "points to version \($0)" } ?? "is gone"
        let rest = goal.map { "points it to version \($0)" } ?? "removes it"
        return RegistryError(
            .conflict,
            "the alias '\(alias)' of '\(prompt.name)' \(how) on \(departure.at) already, and \(place) again since",
            hint: "see promptreg history \(prompt.name.shellWord); --force \(rest) all the same")
    }

    /// Reads the versions that aliases go back to, for the diff and to make sure that they exist.
    private func readingVersions(
        of prompt: PlannedPrompt, in registry: any PromptRegistry
    ) async throws(RegistryError) -> PlannedPrompt {
        var planned = prompt
        let shown = planned.aliases.first { $0.action == .move }?.goal
        // A report may have been made to name a version often.
        var read: Set<Int> = []
        for alias in planned.aliases where alias.action == .move || alias.action == .set {
            guard case .version(let number) = alias.goal, read.insert(number).inserted else { continue }
            do {
                let version = try await registry.version(number, of: planned.prompt.name)
                guard alias.goal == shown else { continue }
                planned.version.content = version.content
                planned.source.characters = version.content.template.unicodeScalars.count
                planned.source.variables = version.content.variables
            } catch {
                guard error.code == .notFound else { throw error }
                planned.problem = .notFound(
                    version: number, of: planned.prompt.name, newest: planned.previousVersion)
                // There is nothing to compare it with.
                (planned.previousContent, planned.previousContentVersion) = (nil, nil)
                break
            }
        }
        return planned
    }
}
