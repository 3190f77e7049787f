package import Planning

/// A plan on a terminal.
package struct PlanText: Sendable {
    private let style: ANSIStyle
    private let isVerbose: Bool

    /// A renderer.
    ///
    /// - Parameters:
    ///   - color: Whether to use ANSI colours.
    ///   - verbose: Whether to show the templates of new prompts, and every unchanged prompt.
    package init(color: Bool, verbose: Bool) {
        style = ANSIStyle(isOn: color)
        isVerbose = verbose
    }

    /// The plan as text.
    ///
    /// - Parameter plan: The plan.
    /// - Returns: Lines; the last one has the numbers of the plan.
    package func render(_ plan: Plan) -> String {
        let header = JobHeader.line(
            title: plan.operation.title(job: plan.job), registry: plan.registry, target: plan.target, style)
        var blocks = [[header]]
        for prompt in plan.prompts where !prompt.isQuiet {
            blocks.append(PlannedPromptText(prompt, style: style, isVerbose: isVerbose).lines)
        }
        blocks.append(quietPrompts(of: plan))
        blocks.append(OrphanText.lines(plan.orphans, arePruned: plan.counts.aliasRemovals > 0))
        let counts = style(Self.counts(plan.counts), .bold)
        if plan.isRefused {
            let problems = plan.prompts.count { $0.problem != nil }
            blocks.append(["\(Quantity.of(problems, "problem")), so that nothing would be done.", counts])
        } else {
            blocks.append(plan.hasChanges ? [counts] : [plan.operation.nothingToDo, counts])
        }
        return blocks.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") + "\n" }
            .joined(separator: "\n").withoutWorkflowCommands
    }

    /// The numbers of a plan as one line, which scripts may look for.
    static func counts(_ counts: PlanCounts) -> String {
        "Plan: \(counts.create) to create, \(counts.update) to update, \(counts.retag) to retag, "
            + "\(counts.unchanged) unchanged; \(counts.aliases) aliases to set or move"
            + (counts.aliasRemovals > 0 ? ", \(counts.aliasRemovals) to remove" : "")
    }

    /// A line for each prompt that nothing happens to, or one for all.
    private func quietPrompts(of plan: Plan) -> [String] {
        guard isVerbose || plan.prompts.count <= Quantity.listedPrompts else {
            let count = plan.prompts.count(where: \.isQuiet)
            return count == 0 ? [] : [style(Quantity.unlisted(count), .dim)]
        }
        let rows = plan.prompts.filter(\.isQuiet).map { prompt -> [TextTable.Cell] in
            let aliases = prompt.aliases.map(\.alias).joined(separator: ", ")
            return [
                .init(prompt.action.sign), .init(prompt.name),
                .init(VersionPhrase.number(prompt.previousVersion)), .init(aliases, .dim),
            ]
        }
        let table = TextTable(rows)
        return rows.map { table.line($0, style) }
    }
}

extension Operation {
    /// What is said of a plan that changes nothing.
    fileprivate var nothingToDo: String {
        switch self {
        case .run: "No changes. The registry matches the job."
        case .promote, .rollback: "No changes. The aliases are there already."
        case .copy: "No changes. The other registry has all of it."
        }
    }
}
