import Execution
import Jobs
import Planning

/// Sentences that say what a run left undone and why, and what to do about it.
enum RunRemarks {
    /// The sentences on a report, without line breaks; none if everything was done.
    static func sentences(on report: RunReport) -> [String] {
        guard report.mode == .run else { return [] }
        var sentences: [String] = []
        let (notRun, held) = (report.summary.notRun, report.summary.aliasesHeld)
        let restored = report.prompts.reduce(0) { $0 + $1.aliases.count { $0.status == .restored } }
        if notRun > 0 {
            let prompts = Quantity.of(notRun, "prompt was", plural: "prompts were")
            sentences.append("\(prompts) not started: \(stop(report)).")
        }
        let aliases = [(restored, "moved back"), (held, "held")].filter { $0.0 > 0 }
            .map { "\(Quantity.of($0, "alias", plural: "aliases")) \($1)" }
        if !aliases.isEmpty, !report.refused {
            sentences.append("\(aliases.joined(separator: ", ")): \(hold(report)).")
        }
        guard !sentences.isEmpty else { return [] }
        let errors = report.errorCount == 1 ? "error" : "errors"
        let remedy = report.errorCount > 0 ? "Fix the \(errors) and run" : "Run"
        let rest =
            report.command == .run
            ? "the job again; what is already registered is not registered twice" : "the same command again"
        return sentences + ["\(remedy) \(rest)."]
    }

    /// Why prompts were not started.
    private static func stop(_ report: RunReport) -> String {
        if report.status == .interrupted { return "the run was interrupted" }
        if report.refused { return "the plan has problems, so nothing was done" }
        return report.summary.failed > 0
            ? "--fail-fast stops a run at its first failure" : "the registry failed"
    }

    /// Why aliases are where they were before.
    private static func hold(_ report: RunReport) -> String {
        if report.status == .interrupted { return "the run was interrupted" }
        if report.summary.failed == 0 { return "the registry failed" }
        if report.command != .run { return "either all aliases move or none" }
        switch report.onError {
        case .hold: return "on_error is hold, so aliases move only when every prompt succeeds"
        case .continue: return "the aliases of a prompt that failed stay where they are"
        }
    }
}

extension RunReport {
    /// The number of errors: prompts that failed, and the failure of the run itself.
    var errorCount: Int { summary.failed + (error == nil ? 0 : 1) }
}
