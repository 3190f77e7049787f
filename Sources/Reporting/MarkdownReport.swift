package import Execution
package import Planning
import Prompts
import Support

/// The report as Markdown, for GitHub's step summary and for comments on pull requests.
package enum MarkdownReport {
    /// How long the parts of a report may be. Differences take what the other parts leave of the total.
    package struct Limits: Sendable {
        /// GitHub refuses a step's summary of more than 1 MiB.
        package static let stepSummary = Limits(
            total: 900_000, rows: .init(pieces: 500, bytes: 300_000),
            errors: .init(pieces: 200, bytes: 200_000), errorDetails: 100_000,
            gates: .init(pieces: 200, bytes: 100_000), orphans: .init(pieces: 200, bytes: 100_000))
        /// GitHub refuses a comment of more than 65,536 characters; whoever writes it may add a header and a footer.
        package static let comment = Limits(
            total: 60_000, rows: .init(pieces: 100, bytes: 16_000),
            errors: .init(pieces: 50, bytes: 14_000), errorDetails: 8_000,
            gates: .init(pieces: 50, bytes: 4_000), orphans: .init(pieces: 50, bytes: 4_000))

        /// How many bytes the report may have.
        let total: Int
        let rows: SizeBudget
        let errors: SizeBudget
        /// How many bytes of one error's details are shown.
        let errorDetails: Int
        let gates: SizeBudget
        let orphans: SizeBudget
    }

    /// The report as Markdown, ended by a newline.
    ///
    /// - Parameters:
    ///   - report: The report.
    ///   - plan: The plan, for the changes to templates; nil shows none.
    ///   - limits: How long it may be.
    /// - Returns: The text.
    package static func render(
        _ report: RunReport, plan: Plan?, limits: Limits = .stepSummary
    ) -> String {
        var blocks = [
            "## \(title(of: report))", facts(of: report), numbers(of: report), table(of: report, limits.rows),
            errors(of: report, limits), gates(of: report, limits.gates),
            (report.remarks + report.drifted + report.madeElsewhere).map(MarkdownText.prose).joined(
                separator: "\n"),
            orphans(of: report, limits.orphans),
        ]
        if let plan {
            let used = blocks.reduce(0) { $0 + $1.utf8.count }
            blocks.append(diffs(of: plan, SizeBudget(bytes: limits.total - used)))
        }
        return blocks.filter { !$0.isEmpty }.joined(separator: "\n\n") + "\n"
    }

    // MARK: Heading

    private static func title(of report: RunReport) -> String {
        let isRun = report.mode == .run
        let end =
            switch report.status {
            case .ok: isRun ? " ✓ done" : ""
            case .failed: " ✗ failed"
            case .interrupted: " ✗ interrupted"
            }
        return "promptreg: \(isRun ? "" : "plan for ")\(MarkdownText.code(report.title))\(end)"
    }

    private static func facts(of report: RunReport) -> String {
        var facts =
            report.registry.isEmpty ? [] : ["Registry \(MarkdownText.code(report.location.description))"]
        if let target = report.target {
            let rest = report.registryOverridden == true ? " with another registry" : ""
            facts.append("target \(MarkdownText.code(target))\(rest)")
        }
        if let git = report.git {
            let short = MarkdownText.code(String(git.commit.prefix(12)))
            let commit = git.url.map { MarkdownText.link(short, to: $0) } ?? short
            let branch = git.branch.map { " of branch \(MarkdownText.code($0))" } ?? ""
            facts.append("commit \(commit)\(branch)" + (git.dirty == true ? " with uncommitted changes" : ""))
        }
        if let reason = report.policyOverride {
            facts.append("policy overridden: \(MarkdownText.code(reason))")
        }
        facts.append(Quantity.elapsed(milliseconds: report.elapsedMs))
        let line = facts.joined(separator: " · ")
        guard report.mode != .run else { return line }
        let kind = report.mode == .plan ? "plan" : "dry run"
        return line + "\n\nThis is a \(kind): nothing was written to the registry."
    }

    // MARK: Table

    private static func table(of report: RunReport, _ limit: SizeBudget) -> String {
        guard !report.prompts.isEmpty else { return "" }
        var rows = limit.prefix(of: report.prompts.lazy.map { row($0, of: report) })
        if rows.count < report.prompts.count {
            // Where not all of them fit, those that something happened to come first.
            rows = limit.prefix(of: report.prompts.sortedByWeight.lazy.map { row($0, of: report) })
        }
        var lines =
            ["| | Prompt | Action | Version | Aliases | Template |", "|---|---|---|---|---|---|"] + rows
        let rest = report.prompts.count - rows.count
        if rest > 0 { lines += ["", "\(Quantity.of(rest, "more prompt")) not listed here."] }
        return lines.joined(separator: "\n")
    }

    private static func row(_ prompt: PromptReport, of report: RunReport) -> String {
        let wording = PromptWording(prompt, of: report)
        let cells = [
            MarkdownText.code(wording.sign), name(of: prompt), wording.state, wording.version,
            wording.aliases.map(MarkdownText.prose).joined(separator: "<br>"),
            prompt.template?.path.map(MarkdownText.code) ?? "",
        ]
        return "| " + cells.joined(separator: " | ") + " |"
    }

    private static func name(of prompt: PromptReport) -> String {
        let name = MarkdownText.code(prompt.name)
        return prompt.url.map { MarkdownText.link(name, to: $0) } ?? name
    }

    // MARK: Numbers and errors

    private static func numbers(of report: RunReport) -> String {
        guard report.mode == .run else {
            return report.error == nil ? PlanText.counts(report.plan, of: report.command) : ""
        }
        return
            "\(report.command.success): **\(report.succeeded)** · Errors: **\(report.errorCount)**\n\n"
            + report.summaryLine
    }

    private static func errors(of report: RunReport, _ limits: Limits) -> String {
        let details = SizeBudget(bytes: limits.errorDetails)
        var errors: [String] = []
        if let error = report.error { errors.append(item(error, of: report.errorSubject, details)) }
        errors += report.prompts.compactMap { prompt in
            prompt.error.map { item($0, of: MarkdownText.code(prompt.name), details) }
        }
        return section("### Errors", errors, limits.errors, rest: "more error")
    }

    /// Items under a title, as many as there is room for; empty where there are none.
    private static func section(
        _ title: String, _ items: [String], _ limit: SizeBudget, rest noun: String
    ) -> String {
        guard !items.isEmpty else { return "" }
        let listed = limit.prefix(of: items)
        let rest = items.count - listed.count
        let note = rest > 0 ? ["", "\(Quantity.of(rest, noun)) not listed here."] : []
        return ([title, ""] + listed + note).joined(separator: "\n")
    }

    private static func gates(of report: RunReport, _ limit: SizeBudget) -> String {
        let items = report.prompts.flatMap { prompt in
            (prompt.gates ?? []).map { finding in
                "- \(finding.status == .passed ? "✓" : "✗") \(MarkdownText.code(prompt.name)): \(MarkdownText.prose(finding.line))"
            }
        }
        return section("### Gates", items, limit, rest: "more gate")
    }

    private static func item(_ error: RegistryError, of subject: String, _ limit: SizeBudget) -> String {
        let hint = error.hint.map { "<br>help: " + MarkdownText.prose($0) } ?? ""
        let lines = error.message.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let item = "- \(subject): \(MarkdownText.prose(lines[0])) (`\(error.code.rawValue)`)\(hint)"
        let all = lines.dropFirst().map { $0.escapedForTerminal }
        let details = limit.prefix(of: all)
        guard !details.isEmpty else { return item }
        let fence = MarkdownText.fence(for: details)
        let rest = all.count - details.count
        let note = rest > 0 ? ["", "\(Quantity.of(rest, "more line")) not shown here."] : []
        return ([item, "", fence] + details + [fence] + note)
            .map { $0.isEmpty || $0 == item ? $0 : "  " + $0 }.joined(separator: "\n")
    }

    private static func orphans(of report: RunReport, _ limit: SizeBudget) -> String {
        let lines = OrphanText.lines(report.orphans, report.plan).map(MarkdownText.prose)
        let listed = limit.prefix(of: lines)
        let rest = lines.count - listed.count
        let note = rest > 0 ? ["\(Quantity.of(rest, "more line")) not shown here."] : []
        return (listed + note).joined(separator: "<br>\n")
    }

    // MARK: Differences

    private static func diffs(of plan: Plan, _ limit: SizeBudget) -> String {
        var room = limit
        var blocks: [String] = []
        var rest = 0
        for prompt in plan.prompts {
            guard rest == 0 else {
                rest += prompt.differences.contains(.template) ? 1 : 0
                continue
            }
            guard let diff = UnifiedDiff(prompt) else { continue }
            if let block = details(prompt.name, diff, room: &room) { blocks.append(block) } else { rest += 1 }
        }
        if rest > 0 { blocks.append("\(Quantity.of(rest, "more changed template")) not shown here.") }
        guard !blocks.isEmpty else { return "" }
        return (["### Changed templates"] + blocks).joined(separator: "\n\n")
    }

    /// A diff that can be unfolded, cut to the room that is left; nil if there is none.
    private static func details(_ name: String, _ diff: UnifiedDiff, room: inout SizeBudget) -> String? {
        var block = ["<details><summary>\(MarkdownText.entities(name))</summary>", ""]
        let end = ["", "</details>"]
        guard room.takes((block + end).joined(separator: "\n")) else { return nil }
        let lines = diff.lines.map { $0.text.escapedLinesForTerminal }
        let shown = lines.prefix { line in
            // The fences are longer than any run of backquotes between them.
            room.takes(bytes: (line.contains("```") ? 3 : 1) * line.utf8.count + 1)
        }
        guard !shown.isEmpty else { return nil }
        let fence = MarkdownText.fence(for: shown)
        block += [fence + "diff"] + shown + [fence]
        let rest = lines.count - shown.count
        if rest > 0 { block += ["", "\(Quantity.of(rest, "more line")) not shown here."] }
        return (block + end).joined(separator: "\n")
    }
}

extension [PromptReport] {
    /// The prompts that failed, then those that something happened to, then the rest, each in their order.
    var sortedByWeight: [PromptReport] {
        filter { $0.status == .failed } + filter { $0.status != .failed && !$0.isQuiet } + filter(\.isQuiet)
    }
}
