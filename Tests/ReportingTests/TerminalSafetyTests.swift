import Diagnostics
import Foundation
import Prompts
import Testing

@testable import Execution
@testable import Planning
@testable import Reporting

@Suite("No format passes on what steers a terminal")
struct TerminalSafetyTests {
    private func rendered(_ format: String) throws -> String {
        let (report, plan) = (HostileFixture.report, HostileFixture.plan)
        let planned = ReportFixture.planned(plan, mode: .plan)
        switch format {
        case "text": return TextReport.render(report, TextStyle(color: false, verbose: true))
        case "text of a plan": return TextReport.render(planned, TextStyle(color: false, verbose: true))
        case "plan": return PlanText.render(plan, TextStyle(color: false, verbose: true))
        case "json": return JSONReport.render(report)
        case "markdown": return MarkdownReport.render(report, plan: plan)
        case "markdown of a plan": return MarkdownReport.render(planned, plan: plan)
        case "html": return HTMLReport.render(report, plan: plan)
        case "html of a plan": return HTMLReport.render(planned, plan: plan)
        case "junit": return JUnitReport.render(report)
        case "annotations": return GitHubAnnotations.render(report, specPath: HostileFixture.text)
        case "annotations of Azure": return AzureAnnotations.render(report, specPath: HostileFixture.text)
        default:
            var list = DiagnosticList()
            list.add(
                .error(
                    Diagnostic.Code(rawValue: "x"), HostileFixture.text,
                    at: SourceLocation(file: HostileFixture.text), help: HostileFixture.text))
            return GitHubAnnotations.render(list) + AzureAnnotations.render(list)
        }
    }

    @Test(
        "neither controls nor line separators nor bidirectional overrides",
        arguments: [
            "text", "text of a plan", "plan", "json", "markdown", "markdown of a plan", "junit",
            "html", "html of a plan", "annotations", "annotations of Azure", "diagnostics",
        ])
    func controls(format: String) throws {
        let text = try rendered(format)
        let raw = text.unicodeScalars.filter { scalar in
            switch scalar.value {
            case 0x09, 0x0A: false
            case 0..<0x20, 0x7F...0x9F, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: true
            default: false
            }
        }
        #expect(raw.isEmpty, "\(raw.map { String($0.value, radix: 16) })")
        #expect(text.hasSuffix("\n"))
        #expect(text.contains("é"))
    }

    @Test("what a runner would obey is shown, and not obeyed")
    func commands() {
        let template =
            "::error::x\n\t \u{2003}::set-output name=a::b\nsee ##[add-mask]c ##vso[a.b]\nfine: a::b"
        var plan = PlanFixture.plan([PlanFixture.cost, PlanFixture.orchestrator])
        plan.prompts[0].previousContent?.template = template + "\nold"
        plan.prompts[0].version.content.template = template + "\nnew"
        plan.prompts[1].version.content.template = template
        plan.prompts[1].prompt.description = template
        let error = RegistryError(.failed, "##[set-output name=a]b")
        let report = ReportFixture.report(plan, error: error) { _ in }
        for text in [
            PlanText.render(plan, TextStyle(color: false, verbose: true)),
            PlanText.render(plan, TextStyle(color: true, verbose: true)),
            TextReport.render(report, TextStyle(color: false, verbose: true)),
        ] {
            #expect(!text.contains("##["))
            #expect(!text.contains("##vso["))
            #expect(text.contains("#\\u{23}["))
            for line in text.components(separatedBy: "\n") {
                #expect(!line.drop(while: \.isWhitespace).hasPrefix("::"))
            }
        }
        let text = PlanText.render(plan, TextStyle(color: false, verbose: false))
        #expect(text.contains("\\u{3a}:set-output name=a::b\n"))
        #expect(text.contains("     fine: a::b\n"))
    }

    @Test(
        "commands in brackets are told from headings and lists",
        arguments: [
            ("##[a]", "#\\u{23}[a]"),
            ("x ##vso[task.setvariable variable=PATH]/x", "x #\\u{23}vso[task.setvariable variable=PATH]/x"),
            ("###[a]##vso[b]", "##\\u{23}[a]#\\u{23}vso[b]"), ("##VsO[[a]", "#\\u{23}VsO[[a]"),
            ("## [a]", "## [a]"), ("##a#[b]", "##a#[b]"), ("#vso[a]", "#vso[a]"),
            ("##\nvso[a]", "##\nvso[a]"), ("##", "##"),
        ])
    func brackets(text: String, shown: String) {
        #expect(text.withoutWorkflowCommands == shown)
    }

    @Test("JSON without commands says the same")
    func json() throws {
        let texts = ["##[a]", "##vso[a.b]c", "::x", "\\##[", "## Head"]
        let document = String(decoding: try JSONEncoder().encode(texts), as: UTF8.self)
        let disarmed = document.withoutWorkflowCommandsInJSON
        #expect(disarmed.ranges(of: "##").count == 1)
        #expect(try JSONDecoder().decode([String].self, from: Data(disarmed.utf8)) == texts)
        let error = RegistryError(.failed, "##vso[task.complete]")
        #expect(
            !JSONReport.render(ReportFixture.report(PlanFixture.plan([]), error: error) { _ in }).contains(
                "##vso["))
    }
}
