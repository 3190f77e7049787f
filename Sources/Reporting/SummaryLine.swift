import Execution
import Planning

/// The numbers of a run as one line.
enum SummaryLine {
    /// The line, without its newline.
    static func text(_ summary: RunReport.Summary) -> String {
        let prompts = [
            (summary.created, "created"), (summary.updated, "updated"), (summary.retagged, "retagged"),
            (summary.unchanged, "unchanged"), (summary.failed, "failed"), (summary.notRun, "not run"),
        ].map { "\(Quantity.grouped($0)) \($1)" }.joined(separator: ", ")
        let (set, held) = (Quantity.grouped(summary.aliasesSet), Quantity.grouped(summary.aliasesHeld))
        let removed = summary.aliasesRemoved
        return "\(prompts); aliases: \(set) set, \(held) held"
            + (removed > 0 ? ", \(Quantity.grouped(removed)) removed" : "")
    }
}

extension Operation {
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
