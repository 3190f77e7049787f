package import Planning
import Support

/// A plan on a terminal.
package enum PlanText {
    /// The plan as text.
    ///
    /// - Parameters:
    ///   - plan: The plan.
    ///   - style: How to write it; a verbose one shows the templates of new prompts, and every unchanged prompt.
    /// - Returns: Lines; the last one has the numbers of the plan.
    package static func render(_ plan: Plan, _ style: TextStyle) -> String {
        let header = style.header(
            plan.operation.title(job: plan.job), plan.registry, target: plan.target,
            isElsewhere: plan.isElsewhere ?? false)
        let problems = plan.prompts.count { $0.problem != nil }
        let conclusion =
            plan.isRefused
            ? ["\(Quantity.of(problems, "problem")): nothing would be done."]
            : plan.hasChanges
                ? []
                : plan.hasDrift
                    ? ["No changes, but something else moved aliases."]
                    : [plan.orphans.isEmpty ? plan.operation.nothingToDo : Self.onlyOrphans]
        let changes = plan.prompts.filter { !$0.isQuiet }.map {
            PlannedPromptText($0, of: plan.operation, style).lines
        }
        return
            ([[header]] + changes + [
                quietPrompts(of: plan, style), changedParts(of: plan),
                plan.takenFromNobody.map { [$0.escapedForTerminal] } ?? [],
                OrphanText.lines(plan.orphans, plan.counts),
                conclusion + [style(counts(plan.counts, of: plan.operation), .bold)],
            ]).text
    }

    /// What is said of a plan that changes nothing, though prompts left the job.
    private static let onlyOrphans = "No changes to the prompts that the job names."

    /// The numbers of a plan as one line, which scripts may look for.
    static func counts(_ counts: PlanCounts, of operation: Operation) -> String {
        let held = counts.create + counts.update + counts.retag + counts.aliases + counts.aliasRemovals
        let refused = counts.refused ?? 0
        let start = refused > 0 ? "\(refused) refused; " + (held > 0 ? "held back: " : "") : ""
        let prompts = promptCounts(counts, of: operation).map { "\($0) \($1)" }
        return "Plan: " + start + (prompts.isEmpty ? "" : prompts.joined(separator: ", ") + "; ")
            + "\(counts.aliases) \(counts.aliases == 1 ? "alias" : "aliases") to set or move"
            + (counts.aliasRemovals > 0 ? ", \(counts.aliasRemovals) to remove" : "")
    }

    /// What would become of how many prompts; nothing where a command only moves aliases.
    static func promptCounts(_ counts: PlanCounts, of operation: Operation) -> [(Int, String)] {
        guard operation.registersVersions else { return [] }
        return [
            (counts.create, "to create"), (counts.update, "to update"), (counts.retag, "to retag"),
            (counts.unchanged, "unchanged"),
        ]
    }

    /// A line for each part whose text changed, with the prompts that it reaches.
    private static func changedParts(of plan: Plan) -> [String] {
        plan.changedParts.map { part in
            "\(part.path.escapedForTerminal) changed, a part of \(part.prompts.listed(10).escapedForTerminal)"
        }
    }

    /// A line for each prompt without changes, or one that counts them.
    private static func quietPrompts(of plan: Plan, _ style: TextStyle) -> [String] {
        let quiet = plan.prompts.lazy.filter(\.isQuiet)
        guard style.isVerbose || plan.prompts.count <= Quantity.listedPrompts else {
            return Quantity.unlisted(quiet.count, "unchanged prompt", style)
        }
        let rows = quiet.map { prompt -> [TextTable.Cell] in
            let start: [TextTable.Cell] = [.init(prompt.action.sign), .init(prompt.name)]
            guard plan.operation.registersVersions else {
                let places = prompt.aliases.map { "\($0.alias) \(VersionPhrase.number($0.previousVersion))" }
                return start + [.init(places.joined(separator: ", "), .dim)]
            }
            return start + [
                .init(VersionPhrase.number(prompt.previousVersion)),
                .init(prompt.aliases.map(\.alias).joined(separator: ", "), .dim),
            ]
        }
        return TextTable.lines(Array(rows), style)
    }
}

extension Operation {
    /// What is said of a plan that changes nothing.
    fileprivate var nothingToDo: String {
        switch self {
        case .run: "No changes. The registry matches the job."
        case .promote, .rollback: "No changes. The aliases already point there."
        case .copy: "No changes. The other registry already has everything."
        }
    }
}
