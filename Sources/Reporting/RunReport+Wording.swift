import Execution
import Jobs
import Planning
import Support

extension RunReport {
    /// The title of the report.
    var title: String { command.title(job: job) }

    /// The number of errors: prompts that failed, and the failure of the run itself.
    var errorCount: Int { summary.failed + (error == nil ? 0 : 1) }

    /// What the failure of the run itself is about: without a registry, none was looked for.
    var errorSubject: String { registry.isEmpty ? "job" : "registry" }

    /// What became of how many prompts. A command that registers nothing moves aliases of prompts, or leaves them alone.
    var promptCounts: [(Int, String)] {
        let ended = [(summary.failed, "failed"), (summary.notRun, "not run")]
        guard command.registersVersions else {
            let moved = prompts.count { $0.onlyMoves(in: self) }
            return [(moved, "moved"), (summary.unchanged - moved, "unchanged")] + ended
        }
        return [
            (summary.created, "created"), (summary.updated, "updated"), (summary.retagged, "retagged"),
            (summary.unchanged, "unchanged"),
        ] + ended
    }

    /// The numbers of the run as one line.
    var summaryLine: String {
        let prompts = promptCounts.map { "\(Quantity.grouped($0)) \($1)" }.joined(separator: ", ")
        let (set, held) = (Quantity.grouped(summary.aliasesSet), Quantity.grouped(summary.aliasesHeld))
        let (removed, others) = (summary.aliasesRemoved, summary.aliasesSetByAnotherRun ?? 0)
        return "\(prompts); aliases: \(set) set, \(held) held"
            + (removed > 0 ? ", \(Quantity.grouped(removed)) removed" : "")
            + (others > 0 ? ", \(Quantity.grouped(others)) set by a run at the same time" : "")
    }

    /// Sentences that say what a run left undone and why, and what to do about it; none if everything was done.
    var remarks: [String] {
        guard mode == .run else { return [] }
        var sentences: [String] = []
        if summary.notRun > 0 {
            let prompts = Quantity.of(summary.notRun, "prompt was", plural: "prompts were")
            sentences.append("\(prompts) not started: \(stopReason).")
        }
        let restored = prompts.reduce(0) { $0 + $1.aliases.count { $0.status == .restored } }
        let aliases = [(restored, "moved back"), (summary.aliasesHeld, "held")].filter { $0.0 > 0 }
            .map { "\(Quantity.of($0, "alias", plural: "aliases")) \($1)" }
        if !aliases.isEmpty, !refused {
            sentences.append("\(aliases.joined(separator: ", ")): \(holdReason).")
        }
        guard !sentences.isEmpty else { return overridden + takenAway }
        // Each problem says what helps.
        if refused, command != .run { return sentences }
        let errors = errorCount == 1 ? "error" : "errors"
        let remedy = errorCount > 0 ? "Fix the \(errors) and run" : "Run"
        let rest =
            command == .run
            ? "the job again; what is already registered is not registered twice" : "the same command again"
        return overridden + takenAway + sentences + ["\(remedy) \(rest)."]
    }

    /// What an interrupted run had done by then, where its prompts are too many to be listed one by one.
    var doneBeforeInterruption: [String] {
        guard status == .interrupted else { return [] }
        let registered = prompts.filter { $0.status == .ok && ($0.action ?? .unchanged) != .unchanged }
        let restored = prompts.filter { $0.aliases.contains { $0.status == .restored } }
        return [("Registered", registered), ("Aliases moved back", restored)].filter { !$0.1.isEmpty }
            .map { "\($0): \($1.map(\.name).listed(Self.toldBeforeInterruption))." }
    }

    private static let toldBeforeInterruption = 100

    /// What something else did to aliases, a sentence for each of the first ones.
    var drifted: [String] {
        let sentences = prompts.lazy.flatMap { prompt in
            (prompt.drift ?? []).map { "\(prompt.name): \(VersionPhrase.drift($0))." }
        }
        let told = Array(sentences.prefix(Self.toldForeign + 1))
        if told.count <= Self.toldForeign { return told }
        return told.dropLast() + ["Others are marked as drifted, too."]
    }

    /// What was made elsewhere and replaced, a sentence for each of the first versions.
    var madeElsewhere: [String] {
        let sentences = prompts.lazy.flatMap { prompt in
            (prompt.foreign ?? []).filter { $0.action != .refuse }.map { foreign in
                let maker =
                    (foreign.createdBy.map { " by \($0.prefix(80))" } ?? "")
                    + (foreign.createdAt.map { " on \($0)" } ?? "")
                let what =
                    foreign.isEdited
                    ? "changed elsewhere\(VersionPhrase.edits(foreign.edits))" : "made elsewhere\(maker)"
                let end = mode == .run && prompt.status == .ok ? "was" : "would be"
                return "v\(foreign.version) of \(prompt.name) was \(what), and \(end) replaced."
            }
        }
        let told = Array(sentences.prefix(Self.toldForeign + 1))
        if told.count <= Self.toldForeign { return told }
        return told.dropLast() + ["So were versions of other prompts."]
    }

    /// How many versions that were made elsewhere, and aliases that were moved elsewhere, are told of.
    private static let toldForeign = 10

    /// Why the job's policy did not count.
    private var overridden: [String] {
        (policyOverride.map { ["The job's policy was overridden: \($0.escapedForTerminal)"] } ?? [])
            + (gateOverride.map { ["Gates that failed were allowed to: \($0.escapedForTerminal)"] } ?? [])
    }

    /// What agents can no longer load, as a rollback took an alias away.
    private var takenAway: [String] {
        guard command == .rollback else { return [] }
        var names: [String: [String]] = [:]
        for prompt in prompts {
            for alias in prompt.aliases where alias.action == .remove && alias.status == .ok {
                names[alias.alias, default: []].append(prompt.name)
            }
        }
        return names.sorted { $0.key < $1.key }.map { alias, names in
            "No version has the alias '\(alias)' any more: \(names.listed(5))."
        }
    }

    /// Why prompts were not started.
    private var stopReason: String {
        if status == .interrupted { return "the run was interrupted" }
        if refused { return "the plan has problems, so nothing was done" }
        return summary.failed > 0 ? "--fail-fast stops a run at its first failure" : "the registry failed"
    }

    /// Why aliases are where they were before.
    private var holdReason: String {
        if status == .interrupted { return "the run was interrupted" }
        if summary.failed == 0 { return "the registry failed" }
        if command != .run { return "either all aliases move or none" }
        switch onError {
        case .hold: return "on_error is hold, so aliases move only when every prompt succeeds"
        case .continue: return "the aliases of a prompt that failed stay where they are"
        }
    }
}

extension Operation {
    /// The title of a report: the job's name, after the command if that is not to run it.
    func title(job: String?) -> String {
        guard let job else { return rawValue }
        return self == .run ? job : "\(rawValue) \(job)"
    }

    /// What the number of prompts that succeeded is called.
    var success: String {
        switch self {
        case .run: "Successfully registered"
        case .promote: "Successfully promoted"
        case .rollback: "Successfully rolled back"
        case .copy: "Successfully copied"
        }
    }
}
