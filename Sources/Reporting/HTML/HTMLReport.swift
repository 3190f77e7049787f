package import Execution
package import Planning
import Prompts
import Support

/// The report as a page for reviewers.
package enum HTMLReport {
    // A browser shows a page of some megabytes at once.
    private static let rowRoom = SizeBudget(pieces: 2_000, bytes: 2_000_000)
    private static let errorRoom = SizeBudget(pieces: 1_000, bytes: 1_000_000)

    /// The report as HTML, ended by a newline.
    ///
    /// - Parameters:
    ///   - report: The report.
    ///   - plan: The plan, for the changes to templates; nil shows none.
    /// - Returns: The page.
    package static func render(_ report: RunReport, plan: Plan?) -> String {
        let isRun = report.mode == .run
        let changes = plan.map { HTMLChanges($0, of: report) }
        return HTMLPage(
            title: "promptreg: \(isRun ? "" : "plan for ")\(report.title)", verdict: verdict(of: report),
            facts: facts(of: report),
            sections: [
                .init("Summary", numbers(of: report)), .init("Errors", errors(of: report)),
                .init("Gates", gates(of: report)), .init("Prompts", table(of: report, changes)),
                .init("Changes", changes?.blocks ?? []),
                .init("Prompts that left the job", orphans(of: report)),
            ]
        ).document
    }

    // MARK: Head

    private static func verdict(of report: RunReport) -> HTMLPage.Verdict? {
        switch report.status {
        case .ok: report.mode == .run ? .good("done") : nil
        case .failed: .bad("failed")
        case .interrupted: .bad("interrupted")
        }
    }

    private static func facts(of report: RunReport) -> [(name: String, value: HTML)] {
        var facts: [(name: String, value: HTML)] = []
        if !report.registry.isEmpty { facts.append(("Registry", .code(report.location.description))) }
        if let target = report.target { facts.append(("Target", .code(target))) }
        if let git = report.git {
            let dirty = HTML(git.dirty == true ? " with uncommitted changes" : "")
            let commit = HTML.code(String(git.commit.prefix(12)))
            facts.append(("Commit", HTML([git.url.map { .link(commit, to: $0) } ?? commit, dirty])))
        }
        if let reason = report.policyOverride { facts.append(("Policy overridden", HTML(reason))) }
        if let reason = report.gateOverride { facts.append(("Failed gates allowed", HTML(reason))) }
        facts += [
            ("Started", .element("time", ["datetime": report.startedAt], HTML(report.startedAt))),
            ("Took", HTML(Quantity.elapsed(milliseconds: report.elapsedMs))),
            ("promptreg", HTML(report.tool.version)),
        ]
        return facts
    }

    // MARK: Numbers and errors

    private static func numbers(of report: RunReport) -> [HTML] {
        let isRun = report.mode == .run
        let (done, planned) = (report.summary, report.plan)
        let some = { (count: Int?, what: String) -> [(Int, String)] in
            (count ?? 0) > 0 ? [(count ?? 0, what)] : []
        }
        let counts: [(Int, String)]
        if isRun {
            counts =
                report.promptCounts
                + [(done.aliasesSet, "aliases set"), (done.aliasesHeld, "aliases held")]
                + some(done.aliasesSetByAnotherRun, "aliases set by a run at the same time")
                + some(done.aliasesRemoved, "aliases removed")
        } else {
            counts =
                some(planned.refused, "refused, which holds back the rest")
                + PlanText.promptCounts(planned, of: report.command)
                + [(planned.aliases, "aliases to set or move")]
                + some(planned.aliasRemovals, "aliases to remove")
        }
        let kind = report.mode == .plan ? "plan" : "dry run"
        let sentences =
            isRun
            ? ["\(report.command.success): \(report.succeeded)", "Errors: \(report.errorCount)"]
                + report.remarks + report.drifted
            : report.drifted + ["This is a \(kind): nothing was written to the registry."]
        let shown = isRun || report.error == nil ? counts : []
        return [.counts(shown.map { (Quantity.grouped($0.0), $0.1) })]
            + sentences.map { .element("p", HTML($0)) }
    }

    private static func errors(of report: RunReport) -> [HTML] {
        var errors = report.error.map { [item($0, of: HTML(report.errorSubject))] } ?? []
        errors += report.prompts.compactMap { prompt in
            prompt.error.map { item($0, of: .code(prompt.name)) }
        }
        guard !errors.isEmpty else { return [] }
        var room = errorRoom
        let listed = errors.prefix { room.takes($0.source) }
        return [.element("ul", Array(listed))] + unlisted(errors.count - listed.count, "more error")
    }

    private static func item(_ error: RegistryError, of subject: HTML) -> HTML {
        let hint = error.hint.map { [HTML.element("p", HTML("help: \($0)"))] } ?? []
        let lines = error.message.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
        let head = HTML.element(
            "p", subject, HTML(": "), HTML(lines.first.map(String.init) ?? ""), HTML(" "),
            .element("span", ["class": "bad"], .code(error.code.rawValue)))
        let details = lines.dropFirst().map { HTML.element("div", ["class": "pre"], HTML(lines: String($0))) }
        return .element("li", [head] + details + hint)
    }

    private static func unlisted(_ count: Int, _ noun: String) -> [HTML] {
        count > 0 ? [.element("p", HTML("\(Quantity.of(count, noun)) not listed here."))] : []
    }

    private static func gates(of report: RunReport) -> [HTML] {
        var room = errorRoom
        let items = report.prompts.flatMap { prompt in
            (prompt.gates ?? []).map { finding in
                let isPassed = finding.status == .passed
                return HTML.element(
                    "li",
                    .element(
                        "span", ["class": isPassed ? "good" : "bad"], HTML(isPassed ? "passed" : "failed")),
                    HTML(" "), .code(prompt.name), HTML(": \(finding.line)"))
            }
        }.prefix { room.takes(bytes: $0.source.utf8.count) }
        return items.isEmpty ? [] : [.element("ul", Array(items))]
    }

    // MARK: Prompts

    private static func table(of report: RunReport, _ changes: HTMLChanges?) -> [HTML] {
        guard !report.prompts.isEmpty else { return [] }
        let ordered = report.prompts.count <= 2_000 ? report.prompts : report.prompts.sortedByWeight
        var room = rowRoom
        let rows = ordered.lazy.map { row($0, of: report, changes) }.prefix { row in
            room.takes(bytes: row.reduce(0) { $0 + $1.source.utf8.count })
        }
        let listed = Array(rows)
        return [
            .table(
                caption: "What \(report.mode == .run ? "happened" : "would happen") to each prompt",
                columns: ["Prompt", "Action", "Version", "Aliases", "Template"], rows: listed)
        ] + unlisted(report.prompts.count - listed.count, "more prompt")
    }

    private static func row(
        _ prompt: PromptReport, of report: RunReport, _ changes: HTMLChanges?
    ) -> [HTML] {
        let wording = PromptWording(prompt, of: report)
        let look = prompt.status == .failed ? "bad" : prompt.isQuiet ? "dim" : "state"
        let page = prompt.url.map { [HTML(" "), .link(HTML("page"), to: $0)] } ?? []
        let aliases = wording.aliases.map { HTML.element("div", HTML($0)) }
        return [
            HTML([changes?.link(to: prompt) ?? .code(prompt.name)] + page),
            .element("span", ["class": look], HTML("\(wording.sign) \(wording.state)")),
            HTML(wording.version), HTML(aliases), prompt.template?.path.map(HTML.code) ?? HTML(""),
        ]
    }

    private static func orphans(of report: RunReport) -> [HTML] {
        OrphanText.lines(report.orphans, report.plan).map { .element("p", HTML($0)) }
    }
}
