import Prompts
import Foundation
import Testing

@testable import Execution
@testable import Planning
@testable import Reporting

@Suite("The report on a terminal")
struct TextReportTests {
    private func lines(_ report: RunReport, verbose: Bool = false) -> [String] {
        TextReport.render(report, TextStyle(color: false, verbose: verbose)).components(separatedBy: "\n")
    }

    @Test(
        "looks as kept",
        arguments: [
            "done", "held", "continued", "restored", "interrupted", "not-begun", "planned", "hostile",
        ])
    func snapshot(name: String) throws {
        let report = try ReportFixture.named(name)
        try expectSnapshot(
            TextReport.render(report, TextStyle(color: false, verbose: false)), "report-\(name).txt")
    }

    @Test("is coloured on demand")
    func colour() throws {
        try expectSnapshot(
            TextReport.render(ReportFixture.held, TextStyle(color: true, verbose: false)), "report-colour.txt"
        )
    }

    @Test("tells which aliases something else moved")
    func drift() throws {
        var report = ReportFixture.done
        report.prompts[0].drift = [AliasDrift(alias: "canary", left: 2, place: nil, at: "t", by: "ann")]
        let shown = lines(report)
        #expect(shown.contains { $0.hasSuffix("canary removed (drifted)") })
        #expect(
            shown.contains("\(report.prompts[0].name): canary had been removed from v2 by something else."))
    }

    @Test("tells once of what several prompts have alike, and gives the same advice once")
    func sharedErrors() throws {
        var report = ReportFixture.held
        let conflict = RegistryError(.conflict, "something else moved it", hint: "look")
        for index in [1, 2] { report.prompts[index].error = conflict }
        report.prompts[0].error = RegistryError(.conflict, "something else removed it", hint: "look")
        let shown = lines(report)
        let names = report.prompts[1...2].map(\.name).joined(separator: ", ")
        #expect(shown.contains("error: \(names): something else moved it [conflict]"))
        #expect(shown.contains("    error: something else removed it [conflict]"))
        #expect(shown.count { $0.contains("something else moved it") } == 1)
        #expect(shown.count { $0.contains("help: look") } == 1)
    }

    @Test("names versions that were registered twice and deleted")
    func duplicates() throws {
        var report = ReportFixture.done
        report.prompts[0].duplicatesRemoved = [3]
        #expect(lines(report).contains { $0.contains("(duplicate v3 deleted)") })
    }

    @Test("tells of a long run that was interrupted how far it came, and lists what failed")
    func interrupted() throws {
        var report = ReportFixture.interrupted
        let prompt = try #require(report.prompts.first { $0.error == nil })
        report.prompts = (0..<300).map { _ in prompt }
        report.prompts[7].error = RegistryError(.failed, "the seventh failed")
        let shown = lines(report)
        #expect(shown.count < 20 && shown.contains { $0.contains("the seventh failed") })
        #expect(shown.contains("299 prompts not listed; --verbose lists them"))
        #expect(lines(report, verbose: true).count > 300)
        // Few are listed as they are.
        report.prompts = Array(report.prompts.prefix(3))
        #expect(!lines(report).contains { $0.contains("not listed") })
    }

    @Test("names what a long run registered and moved back before it was interrupted")
    func doneBeforeInterruption() throws {
        let prompt = try #require(
            ReportFixture.restored.prompts.first { prompt in
                prompt.status == .ok && prompt.aliases.contains { $0.status == .restored }
            })
        var report = ReportFixture.interrupted
        report.prompts = (0..<60).map { number in
            var prompt = prompt
            prompt.name = "p\(number)"
            return prompt
        }
        let shown = lines(report)
        #expect(shown.contains { $0.hasPrefix("Registered: p0, p1, ") && $0.hasSuffix("p59.") })
        #expect(shown.contains { $0.hasPrefix("Aliases moved back: p0, p1, ") })
        #expect(!lines(report, verbose: true).contains { $0.hasPrefix("Registered: ") })
    }

    @Test("ends with its two numbers")
    func lastLines() {
        #expect(lines(ReportFixture.done).suffix(3) == ["Successfully registered: 4", "Errors: 0", ""])
        #expect(lines(ReportFixture.held).suffix(3) == ["Successfully registered: 3", "Errors: 1", ""])
        #expect(lines(ReportFixture.notBegun).suffix(3) == ["Successfully registered: 0", "Errors: 1", ""])
    }

    @Test("counts the failure of the run beside those of prompts")
    func bothErrors() {
        var report = ReportFixture.held
        report.error = ReportFixture.unreachable
        #expect(lines(report).contains("Errors: 2"))
    }

    @Test("blames on_error only when it held the aliases of prompts that did not fail")
    func blame() {
        func blames(_ report: RunReport) -> Bool {
            lines(report).contains { $0.contains("on_error is hold") }
        }
        #expect(blames(ReportFixture.held))
        #expect(blames(ReportFixture.restored))
        #expect(!blames(ReportFixture.continued))
        #expect(!blames(ReportFixture.interrupted))
        #expect(!blames(ReportFixture.done))
    }

    @Test("lists unchanged prompts up to thirty, or when asked to")
    func manyPrompts() {
        func listed(_ count: Int, verbose: Bool = false) -> (prompts: Int, note: String?) {
            let report = ReportFixture.report(PlanFixture.many(count)) { ReportFixture.succeed(&$0) }
            let lines = lines(report, verbose: verbose)
            return (lines.count { $0.contains("quality_") }, lines.first { $0.contains("not listed") })
        }
        #expect(listed(30) == (29, nil))
        #expect(listed(31) == (0, "30 unchanged prompts not listed; --verbose lists them"))
        #expect(listed(31, verbose: true) == (30, nil))
        #expect(listed(9_951) == (0, "9,950 unchanged prompts not listed; --verbose lists them"))
    }

    @Test("lists an unchanged prompt of many when its alias moved")
    func movedAlias() {
        var plan = PlanFixture.many(40)
        plan.prompts.append(PlanFixture.reliability)
        let report = ReportFixture.report(plan) { ReportFixture.succeed(&$0) }
        #expect(lines(report).contains { $0.contains("reliability") && $0.contains("staging v1 → v2") })
    }

    @Test("says of a plan what it would do")
    func planned() {
        #expect(lines(ReportFixture.planned).contains { $0.contains("v3 → v4 (expected)") })
        #expect(!lines(ReportFixture.planned).contains { $0.contains("held") })
        #expect(
            lines(ReportFixture.planned).suffix(2)
                == ["Plan: 1 to create, 2 to update, 1 to retag, 2 unchanged; 6 aliases to set or move", ""])
    }
}
