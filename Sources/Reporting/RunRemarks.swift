import Execution
import Jobs
import Planning

/// Sentences that say why a run left something as it was, and what to do about it.
struct RunRemarks {
    /// The sentences, without line breaks; none when all was done.
    let sentences: [String]

    /// The sentences for a report.
    init(_ report: RunReport) {
        guard report.mode == .run else {
            sentences = []
            return
        }
        var sentences: [String] = []
        let (notRun, held) = (report.summary.notRun, report.summary.aliasesHeld)
        let restored = report.prompts.reduce(0) { $0 + $1.aliases.count { $0.status == .restored } }
        if notRun > 0 {
            sentences.append(
                "\(Quantity.of(notRun, "prompt was", plural: "prompts were")) not begun: \(Self.stop(report))."
            )
        }
        let stayed = [
            restored > 0 ? Quantity.of(restored, "alias", plural: "aliases") + " moved back" : nil,
            held > 0 ? Quantity.of(held, "alias", plural: "aliases") + " held" : nil,
        ].compactMap { $0 }
        if !stayed.isEmpty, !report.refused {
            sentences.append("\(stayed.joined(separator: ", ")): \(Self.hold(report)).")
        }
        if !sentences.isEmpty {
            let errors = report.errorCount == 1 ? "error" : "errors"
            let remedy = report.errorCount > 0 ? "Fix the \(errors) and run" : "Run"
            switch report.command {
            case .run:
                sentences.append(
                    "\(remedy) the job again to finish it; a version that is registered is not registered twice."
                )
            case .promote, .rollback, .copy:
                sentences.append("\(remedy) the same command again to finish it.")
            }
        }
        self.sentences = sentences
    }

    /// Why prompts were not begun.
    private static func stop(_ report: RunReport) -> String {
        if report.status == .interrupted { return "the run was interrupted" }
        if report.refused { return "nothing is done unless all of it can be" }
        return report.summary.failed > 0
            ? "--fail-fast ends a run at its first failure" : "the registry failed"
    }

    /// Why aliases are where they were.
    private static func hold(_ report: RunReport) -> String {
        if report.status == .interrupted { return "the run was interrupted" }
        if report.summary.failed == 0 { return "the registry failed" }
        if report.command != .run { return "all of them move, or none" }
        switch report.onError {
        case .hold: return "on_error is hold, so aliases move only when every prompt succeeds"
        case .continue: return "a prompt that fails keeps its aliases where they are"
        }
    }
}

extension RunReport {
    /// How many errors a run ended with: prompts that failed, and the failure of the run itself.
    var errorCount: Int { summary.failed + (error == nil ? 0 : 1) }
}
