import Execution
import Planning

/// What a report says of one prompt, in the words that every format shares. Nothing is escaped yet.
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
    let look: ANSIStyle.Look?

    /// The words for a prompt.
    ///
    /// - Parameters:
    ///   - prompt: The prompt.
    ///   - report: The report that it is of. One of a run that writes nothing is told as what it would do.
    init(_ prompt: PromptReport, of report: RunReport) {
        let mode = report.mode
        if prompt.isMoved(by: report.command) {
            sign = "→"
            look = .yellow
            state = mode == .run ? "moved" : "move"
            version = ""
            aliases = prompt.aliases.map { alias in
                guard mode != .run else { return VersionPhrase.outcome(alias) }
                return "\(alias.alias) \(VersionPhrase.planned(alias))"
            }
            return
        }
        if let action = prompt.action, mode != .run, prompt.status != .failed {
            sign = action.sign
            look = action.look
            state = action.rawValue
            version = VersionPhrase.plannedStep(
                action, from: prompt.previousVersion, to: prompt.targetVersion)
            aliases = prompt.aliases.map { "\($0.alias) \(VersionPhrase.planned($0))" }
            return
        }
        version = VersionPhrase.step(from: prompt.previousVersion, to: prompt.version)
        aliases = prompt.aliases.map(VersionPhrase.outcome)
        switch prompt.status {
        case .ok:
            sign = prompt.action?.sign ?? " "
            look = prompt.action?.look
            state = prompt.action?.past ?? "done"
        case .failed:
            sign = "✗"
            look = .red
            state = prompt.failure
        case .notRun:
            sign = "-"
            look = .dim
            state = "not run"
        }
    }
}

extension PromptReport {
    /// Whether nothing happened to the prompt, and nothing was to happen.
    var isQuiet: Bool {
        action == .unchanged && status == .ok && error == nil
            && aliases.allSatisfy { $0.action == .unchanged && $0.status == .ok }
    }

    /// Whether it is a prompt of which nothing but aliases moves, as it was to be.
    fileprivate func isMoved(by command: Operation) -> Bool {
        guard command == .promote || command == .rollback, status == .ok else { return false }
        return aliases.contains { $0.action != .unchanged && $0.status != .restored }
    }

    /// Whether the run ended before it was known what to do with the prompt; a remark counts those.
    var isUnplanned: Bool { action == nil && status == .notRun }

    /// What failed, such as `update failed`.
    var failure: String {
        if aliases.contains(where: { $0.status == .failed }) { return "aliases failed" }
        guard let action, action != .unchanged else { return "failed" }
        return "\(action.rawValue) failed"
    }
}

extension PlannedPrompt {
    /// Whether nothing would happen to the prompt.
    var isQuiet: Bool { action == .unchanged && aliases.allSatisfy { $0.action == .unchanged } }
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
    var look: ANSIStyle.Look? {
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
