import Foundation
import Prompts
import Testing

@testable import Execution
@testable import Planning
@testable import Reporting

@Suite("The report as Markdown")
struct MarkdownReportTests {
    @Test("looks as kept", arguments: ["done", "held", "restored", "interrupted", "planned"])
    func snapshot(name: String) throws {
        let report = try ReportFixture.named(name)
        try expectSnapshot(MarkdownReport.render(report, plan: PlanFixture.all), "report-\(name).md")
    }

    @Test("looks as kept when nothing was planned, or when everything is hostile")
    func others() throws {
        try expectSnapshot(MarkdownReport.render(ReportFixture.notBegun, plan: nil), "report-not-begun.md")
        try expectSnapshot(
            MarkdownReport.render(HostileFixture.report, plan: HostileFixture.plan), "report-hostile.md")
    }

    @Test("keeps every row of its table in one line with six cells")
    func cells() {
        let text = MarkdownReport.render(HostileFixture.report, plan: HostileFixture.plan)
        let rows = text.components(separatedBy: "\n").filter { $0.hasPrefix("| ") }
        #expect(rows.count == 4)
        for row in rows { #expect(row.count { $0 == "|" } == 7) }
    }

    @Test("fences a difference with more backquotes than there are in it")
    func fence() {
        let text = MarkdownReport.render(HostileFixture.report, plan: HostileFixture.plan)
        #expect(text.contains("\n`````diff\n"))
        #expect(text.components(separatedBy: "\n").count { $0 == "`````" } == 1)
    }

    @Test("calls nobody by their name in a comment")
    func mentions() {
        var report = ReportFixture.done
        report.error = RegistryError(.failed, "ask @octocat, or the team of @acme/owners")
        let text = MarkdownReport.render(report, plan: nil)
        #expect(text.contains("ask @&#8203;octocat, or the team of @&#8203;acme/owners"))
    }

    @Test("links to a prompt's page, and to nothing else")
    func links() {
        var report = ReportFixture.done
        let plain = "https://host/#/prompts/a?promptVersion=1"
        report.prompts[0].url = plain
        #expect(MarkdownReport.render(report, plan: nil).contains("| [`orchestrator`](<\(plain)>) |"))
        for url in [
            "javascript:alert(1)", "https://a b", "https://a>(x", "https://a|b", "https://a\n", "https://ä",
        ] {
            report.prompts[0].url = url
            #expect(MarkdownReport.render(report, plan: nil).contains("| `orchestrator` |"), "\(url)")
        }
    }

    @Test("says of a dry run that nothing was written")
    func dryRun() {
        let report = ReportFixture.planned(PlanFixture.all, mode: .dryRun)
        #expect(
            MarkdownReport.render(report, plan: PlanFixture.all).contains("This is a dry run: nothing was"))
    }

    @Test(
        "stays below GitHub's limits, and says what it left out",
        arguments: [
            (MarkdownReport.Limits.stepSummary, 1_048_576 as Int), (MarkdownReport.Limits.comment, 65_000),
        ])
    func limit(limits: MarkdownReport.Limits, bytes: Int) {
        var changed = PlanFixture.cost
        changed.version.content.template = String(repeating: "`new line`\n", count: 9_000)
        changed.aliases[0].alias = String(repeating: "|", count: 250)
        let plan = PlanFixture.plan(
            (0..<2_000).map { number in
                var prompt = changed
                prompt.name = "prompt_\(number)" + String(repeating: "|", count: 230)
                return prompt
            })
        let error = RegistryError(.failed, String(repeating: "<", count: 3_000))
        let report = ReportFixture.report(plan) { outcomes in
            ReportFixture.succeed(&outcomes)
            for index in outcomes.indices.dropFirst(1_000) { ReportFixture.fail(&outcomes[index], error) }
        }
        let text = MarkdownReport.render(report, plan: plan, limits: limits)
        #expect(text.utf8.count < bytes)
        #expect(text.ranges(of: "\n<details>").count == text.ranges(of: "\n</details>").count)
        #expect(text.contains(" more prompts not listed here."))
        #expect(text.contains(" more errors not listed here."))
        #expect(text.contains(" more lines not shown here."))
        #expect(text.contains(" more changed templates not shown here."))
        // Failures come before what went well.
        #expect(text.contains("| <code>prompt&#95;1000"))
        #expect(!text.contains("| <code>prompt&#95;0&#124;"))
    }

    @Test("keeps the lines of an error, orphans and gates within a comment")
    func longParts() {
        let findings = (0..<3_000).map { "prompts/a.md:\($0):1: error: `x` is not declared" }
        var report = ReportFixture.notBegun
        report.error = RegistryError(.invalidValue, (["the job is wrong"] + findings).joined(separator: "\n"))
        report.orphans = (0..<3_000).map {
            OrphanedPrompt(fullName: "main.agent.prompt_\($0)", aliases: ["production": 1])
        }
        let text = MarkdownReport.render(report, plan: nil, limits: .comment)
        #expect(text.utf8.count < 65_000)
        #expect(text.contains("prompts/a.md:0:1: error"))
        #expect(text.contains("main.agent.prompt\\_0:"))
        #expect(text.ranges(of: " more lines not shown here.").count == 2)
    }

    @Test("says the numbers before it lists the prompts")
    func numbersFirst() throws {
        let text = MarkdownReport.render(ReportFixture.done, plan: PlanFixture.all)
        let numbers = try #require(text.range(of: "Successfully registered:"))
        let table = try #require(text.range(of: "| Prompt |"))
        #expect(numbers.upperBound < table.lowerBound)
    }

    @Test("lists as many prompts as are told, with those that changed first")
    func rows() {
        let plan = PlanFixture.many(600)
        let report = ReportFixture.report(plan) { ReportFixture.succeed(&$0) }
        let text = MarkdownReport.render(report, plan: plan)
        #expect(text.components(separatedBy: "\n").count { $0.hasPrefix("| `") } == 500)
        #expect(text.contains("| `~` | `cost` |"))
        #expect(text.contains("\n100 more prompts not listed here.\n"))
    }
}
