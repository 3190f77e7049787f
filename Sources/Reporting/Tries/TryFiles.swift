import Evidence
import Jobs
import Prompts
import Support
import Tracing

// A try in the formats of report files, besides JSON.
extension TriedVersions {
    // GitHub refuses a step's summary of more than 1 MiB.
    private static let caseRoom = SizeBudget(pieces: 500, bytes: 300_000)

    private var failing: [TryReport.Case] { report.cases.filter { !$0.isPassed } }

    /// What was tried, when and where.
    private var facts: [(name: String, value: String)] {
        let all = [
            ("Job", report.job), ("Model", report.models.joined(separator: ", ")),
            ("Started", Moment(report.startedAt)?.text ?? ""),
            ("Experiment", report.experiments.joined(separator: ", ")),
            ("Registry", report.registry.description),
        ]
        return all.filter { !$0.1.isEmpty }
    }

    /// How it went. Where nothing became worse, not every case need have passed.
    private var verdict: (sign: String, badge: HTMLPage.Verdict, word: String) {
        let word =
            report.isInterrupted
            ? "interrupted" : report.hasFailed ? "failed" : failing.isEmpty ? "passed" : "no regressions"
        if report.hasFailed { return ("✗", .bad(word), word) }
        return failing.isEmpty ? ("✓", .good(word), word) : ("–", .fair(word), word)
    }

    /// The try as Markdown, ended by a newline.
    package var markdown: String {
        let failing = failing
        let items = Self.caseRoom.prefix(
            of: failing.lazy.map { one in
                let sign = [.notRun, .incomplete].contains(one.outcome) ? "" : "✗ "
                let title = "- \(sign)\(MarkdownText.code(one.one.name)) \(one.verdict)"
                return ([title] + one.failures.map { "  - " + MarkdownText.prose($0) }).joined(
                    separator: "\n")
            })
        let rest = failing.count - items.count
        let blocks =
            [
                "## promptreg: try \(verdict.sign) \(verdict.word)", MarkdownText.prose(summary),
                facts.map { "\($0.name): \(MarkdownText.code($0.value))" }.joined(separator: "  \n"),
            ]
            + (items.isEmpty ? [] : ["### Cases that did not pass"] + items)
            + (rest > 0 ? ["\(Quantity.of(rest, "more case")) not listed here."] : [])
        let tables = TraceMarkdown.render(comparison).split(separator: "\n", omittingEmptySubsequences: false)
        return blocks.joined(separator: "\n\n") + "\n" + tables.dropFirst().joined(separator: "\n")
    }

    /// The try as a page, ended by a newline.
    package var page: String {
        var room = Self.caseRoom
        let items = failing.map { one in
            HTML.element(
                "li",
                [.element("p", .code(one.one.name), HTML(" " + one.verdict))]
                    + (one.failures.isEmpty
                        ? []
                        : [
                            .element(
                                "div", ["class": "pre"], HTML(lines: one.failures.joined(separator: "\n")))
                        ]))
        }.prefix { room.takes(bytes: $0.source.utf8.count) }
        return HTMLPage(
            title: "promptreg: try", verdict: verdict.badge,
            facts: facts.map { ($0.name, .code($0.value)) } + [("promptreg", HTML(report.toolVersion))],
            sections: [
                .init("Summary", [.element("p", HTML(summary))]),
                .init("Cases that did not pass", items.isEmpty ? [] : [.element("ul", Array(items))]),
            ] + TraceHTML.sections(of: comparison)
        ).document
    }

    /// The try as JUnit XML, ended by a newline: a test case for each case.
    package var junit: String {
        let cases = report.cases.map { one -> XMLElement in
            let time = one.candidate.attempts.reduce(0) { $0 + $1.run.milliseconds }
            let isFailure =
                one.isFailure || report.isStrict && one.candidate.passed < one.candidate.attempts.count
            let lines = one.failures
            var result: [XMLElement] = []
            if isFailure {
                result = [
                    XMLElement(
                        name: "failure", attributes: [("type", "check"), ("message", lines.first ?? "")],
                        text: lines.joined(separator: "\n"))
                ]
            } else if !one.isComplete {
                let reason = [one.gap, report.stop].compactMap(\.self).joined(separator: "; ")
                result = [
                    XMLElement(name: "skipped", attributes: [("message", "not run: \(reason)")])
                ]
            } else if one.outcome == .failed {
                result = [
                    XMLElement(
                        name: "skipped", attributes: [("message", "fails in both versions")],
                        text: lines.joined(separator: "\n"))
                ]
            }
            return XMLElement(
                name: "testcase",
                attributes: [
                    ("classname", one.prompt), ("name", one.one.name),
                    ("time", decimalSeconds(milliseconds: time)),
                ], children: result)
        }
        let count = { (name: String) in "\(cases.count { $0.children.first?.name == name })" }
        let counts = [
            (name: "tests", value: "\(cases.count)"), ("failures", count("failure")), ("errors", "0"),
            ("skipped", count("skipped")),
        ]
        let suite = XMLElement(name: "testsuite", attributes: [("name", "try")] + counts, children: cases)
        return XMLElement(name: "testsuites", attributes: [("name", "promptreg")] + counts, children: [suite])
            .document
    }
}
