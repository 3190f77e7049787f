import Foundation
import Prompts
import Testing

@testable import Execution
@testable import Jobs
@testable import Planning
@testable import Reporting

@Suite("The report as JSON")
struct JSONReportTests {
    static let reports = ["done", "held", "restored", "interrupted", "not-begun", "planned", "hostile"]

    @Test("looks as kept", arguments: reports)
    func snapshot(name: String) throws {
        let report = try ReportFixture.named(name)
        try expectSnapshot(try JSONReport.render(report), "report-\(name).json")
    }

    @Test("reads back as the same report", arguments: reports)
    func roundTrip(name: String) throws {
        let report = try ReportFixture.named(name)
        let text = try JSONReport.render(report)
        #expect(try JSONDecoder().decode(RunReport.self, from: Data(text.utf8)) == report)
    }

    @Test("is as its schema says", arguments: reports)
    func schema(name: String) throws {
        let report = try ReportFixture.named(name)
        let schema = try SchemaCheck(JSONReport.schema)
        let value = try JSONSerialization.jsonObject(with: Data(try JSONReport.render(report).utf8))
        #expect(schema.problems(with: value) == [])
    }

    @Test("has exactly the keys that its schema names")
    func keys() throws {
        let schema = try SchemaCheck(JSONReport.schema)
        var report = ReportFixture.held
        report.error = ReportFixture.unreachable
        report.orphans = [OrphanedPrompt(name: "main.agent.prompt_old", aliases: ["production": 3])]
        let value = try JSONSerialization.jsonObject(with: Data(try JSONReport.render(report).utf8))
        // The aliases are the user's names, and no keys of the format.
        #expect(schema.undescribed(in: value) == ["/orphans/aliases/production"])
        #expect(schema.unused(by: value) == [])
    }

    @Test("has the values that its schema lists")
    func enumerations() throws {
        let schema = try SchemaCheck(JSONReport.schema)
        func values(_ path: String...) -> [String] { schema.enumeration(at: path) }
        #expect(values("properties", "mode") == RunReport.Mode.allCases.map(\.rawValue))
        #expect(values("properties", "command") == Operation.allCases.map(\.rawValue))
        #expect(values("properties", "on_error") == OnError.allCases.map(\.rawValue))
        #expect(values("properties", "status") == RunReport.Status.allCases.map(\.rawValue))
        #expect(
            values("$defs", "prompt", "properties", "action")
                == PromptAction.allCases.map(\.rawValue) + ["null"])
        #expect(
            values("$defs", "prompt", "properties", "status")
                == [PromptOutcome.Status.ok, .failed, .notRun].map(\.rawValue))
        #expect(
            values("$defs", "prompt", "properties", "differences", "items")
                == Difference.allCases.map(\.rawValue))
        #expect(values("$defs", "alias", "properties", "action") == AliasAction.allCases.map(\.rawValue))
        #expect(
            values("$defs", "alias", "properties", "status")
                == [AliasStatus.ok, .held, .failed, .restored].map(\.rawValue))
        #expect(
            values("$defs", "error", "properties", "code") == RegistryError.Code.allCases.map(\.rawValue))
    }

    @Test("is refused by its schema when it is something else")
    func refused() throws {
        let schema = try SchemaCheck(JSONReport.schema)
        let text = try JSONReport.render(ReportFixture.held)
        for (old, new) in [
            (#""status" : "failed""#, #""status" : "broken""#), (#""git" : {"#, #""got" : {"#),
            (#""elapsed_ms" : 41"#, #""elapsed_ms" : "41""#),
            (#""schema_version" : 1"#, #""schema_version" : 2"#),
        ] {
            let changed = text.replacing(old, with: new)
            #expect(changed != text)
            let value = try JSONSerialization.jsonObject(with: Data(changed.utf8))
            #expect(schema.problems(with: value) != [], "\(new) is accepted")
        }
    }
}
