import Foundation
import Prompts
import Testing

@testable import Execution
@testable import Planning
@testable import Reporting

@Suite("The report as HTML")
struct HTMLReportTests {
    /// The page without its style sheet, whose looks a browser is better to judge.
    private func unstyled(_ page: String) -> String {
        page.replacing(HTMLStyle.sheet, with: "…").replacing(HTML(HTMLStyle.policy).source, with: "…")
            .replacing("><", with: ">\n<")
    }

    @Test("looks as kept", arguments: ["held", "restored", "interrupted", "planned"])
    func snapshot(name: String) throws {
        let page = HTMLReport.render(try ReportFixture.named(name), plan: PlanFixture.all)
        try expectSnapshot(unstyled(page), "report-\(name).html")
    }

    @Test("looks as kept when nothing was planned, or when everything is hostile")
    func others() throws {
        try expectSnapshot(
            unstyled(HTMLReport.render(ReportFixture.notBegun, plan: nil)), "report-not-begun.html")
        try expectSnapshot(
            unstyled(HTMLReport.render(HostileFixture.report, plan: HostileFixture.plan)),
            "report-hostile.html")
    }

    @Test("begins as every page does by which it is known as this program's own")
    func start() {
        #expect(HTMLReport.render(ReportFixture.done, plan: nil).hasPrefix(HTMLPage.start))
    }

    @Test("links to a page on the web, and to nothing else")
    func links() {
        #expect(HTML.link(HTML("x"), to: "https://a/?b&c").source.hasPrefix("<a href=\"https://a/?b&amp;c\""))
        for address in ["javascript:alert(1)", "data:text/html,x", "https://a b", "//a", "file:///a", ""] {
            #expect(HTML.link(HTML("x"), to: address).source == "x", "\(address)")
        }
    }

    @Test("says what it left out of a report that is too large, and stays of a size that opens")
    func limit() {
        var changed = PlanFixture.cost
        changed.version.content.template = String(repeating: "<new line>\n", count: 6_000)
        let plan = PlanFixture.plan(
            (0..<2_100).map { number in
                var prompt = changed
                prompt.name = "prompt_\(number)"
                prompt.prompt.name = "main.agent.prompt_\(number)"
                return prompt
            })
        let error = RegistryError(.failed, String(repeating: "<", count: 3_000))
        let report = ReportFixture.report(plan) { outcomes in
            ReportFixture.succeed(&outcomes)
            for index in outcomes.indices.dropFirst(1_000) { ReportFixture.fail(&outcomes[index], error) }
        }
        let page = HTMLReport.render(report, plan: plan)
        let size = page.utf8.count
        #expect(size < 16_000_000)
        // The page is not what a failure should print.
        let missing = [
            "100 more prompts not listed here.", " more errors not listed here.",
            "The rest is too long to be shown here.", " more changed prompts not shown here.",
        ].filter { !page.contains($0) }
        #expect(missing.isEmpty)
    }
}
