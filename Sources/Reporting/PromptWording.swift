import Execution
import Planning

/// What a report says about one prompt, in words that all formats share. Nothing is escaped yet.
struct PromptWording {
    /// One character for what happened.
    let sign: String
    /// What happened, such as `updated` or `update failed`.
    let state: String
    /// The version, such as `v1 → v2`; empty when there is none.
    let version: String
    /// What became of each alias.
    let aliases: [String]
    /// The colour for it on a terminal.
    let look: TextStyle.Look?

    /// The words for a prompt; those of a plan or a dry run say what a run would do.
    init(_ prompt: PromptReport, of report: RunReport) {
        let isPlanned = report.mode != .run && prompt.status != .failed && prompt.action != nil
        aliases = VersionPhrase.marking(
            prompt.aliases.map { alias in
                (alias.alias, isPlanned ? VersionPhrase.planned(alias) : VersionPhrase.outcome(alias))
            }, prompt.drift ?? [])
        if prompt.onlyMoves(in: report) {
            (sign, look, version) = ("→", .yellow, "")
            state = isPlanned ? "move" : "moved"
        } else if let action = prompt.action, isPlanned {
            (sign, look, state) = (action.sign, action.look, action.rawValue)
            version =
                report.command.registersVersions
                ? VersionPhrase.plannedStep(action, from: prompt.previousVersion, to: prompt.targetVersion)
                : ""
        } else {
            version =
                report.command.registersVersions
                ? VersionPhrase.step(from: prompt.previousVersion, to: prompt.version)
                    + VersionPhrase.duplicates(prompt.duplicatesRemoved ?? [], "deleted")
                : ""
            let action = prompt.action
            switch prompt.status {
            case .ok where prompt.madeByAnotherRun == true:
                (sign, look, state) = ("=", nil, "made by a run at the same time")
            case .ok: (sign, look, state) = (action?.sign ?? " ", action?.look, action?.past ?? "done")
            case .failed: (sign, look, state) = ("✗", .red, prompt.failure)
            case .notRun: (sign, look, state) = ("-", .dim, "not run")
            }
        }
    }
}

extension PromptReport {
    /// Whether nothing happened to the prompt, and nothing was to happen.
    var isQuiet: Bool {
        action == .unchanged && status == .ok && error == nil && (drift ?? []).isEmpty
            && aliases.allSatisfy { $0.action == .unchanged && $0.status == .ok }
    }

    /// Whether the command moved aliases of the prompt, and nothing else.
    func onlyMoves(in report: RunReport) -> Bool {
        guard !report.command.registersVersions, status == .ok else { return false }
        return aliases.contains { $0.action != .unchanged && (report.mode != .run || $0.status == .ok) }
    }

    /// Whether the run ended before the prompt was planned; a remark counts such prompts.
    var isUnplanned: Bool { action == nil && status == .notRun }

    /// What failed, such as `update failed`.
    var failure: String {
        if aliases.contains(where: { $0.status == .failed }) { return "aliases failed" }
        guard let action, action != .unchanged else { return "failed" }
        return "\(action.rawValue) failed"
    }
}

extension PlannedPrompt {
    /// Whether nothing would happen to the prompt, and nothing keeps it from happening.
    var isQuiet: Bool {
        problem == nil && drift.isEmpty && action == .unchanged
            && aliases.allSatisfy { $0.action == .unchanged }
    }
}

extension PromptAction {
    /// One character that stands for the action.
    var sign: String {
        switch self {
        case .create: "+"
        case .update: "~"
        case .retag: "·"
        case .unchanged: "="
        }
    }

    /// The colour of the action on a terminal.
    var look: TextStyle.Look? {
        switch self {
        case .create: .green
        case .update: .yellow
        case .retag: .cyan
        case .unchanged: nil
        }
    }

    /// The action once it is done.
    fileprivate var past: String {
        switch self {
        case .create: "created"
        case .update: "updated"
        case .retag: "retagged"
        case .unchanged: "unchanged"
        }
    }
}
