import Foundation
import Planning
import Prompts
import Support
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
        try expectSnapshot(JSONReport.render(report), "report-\(name).json")
    }

    @Test("reads back as the same report", arguments: reports)
    func roundTrip(name: String) throws {
        let report = try ReportFixture.named(name)
        let text = JSONReport.render(report)
        #expect(try RunReport(json: Data(text.utf8)) == report)
    }

    @Test("says which version it has, or which key is wrong, if it cannot be read")
    func unreadable() throws {
        let text = JSONReport.render(ReportFixture.held)
        func error(_ old: String, _ new: String) throws -> VersionedFileError? {
            let changed = text.replacing(old, with: new)
            #expect(changed != text)
            return #expect(throws: VersionedFileError.self) { try RunReport(json: Data(changed.utf8)) }
        }
        // A newer report may lack what this program reads.
        let newer = text.replacing(#""schema_version": 1"#, with: #""schema_version": 2"#)
            .replacing(#""summary""#, with: #""totals""#)
        #expect(throws: VersionedFileError.otherVersion(2)) { try RunReport(json: Data(newer.utf8)) }
        #expect(try error(#""schema_version""#, #""version_of_schema""#) == .otherFormat)
        #expect(try error(#""on_error""#, #""on_failure""#) == .invalid("on_error is missing"))
        #expect(
            try error(#""characters": 45"#, #""characters": "many""#)
                == .invalid("prompts[0].template.characters has an unexpected value"))
    }

    @Test("is as its schema says", arguments: reports)
    func schema(name: String) throws {
        let report = try ReportFixture.named(name)
        let schema = try SchemaCheck(JSONReport.schema)
        let value = try JSONSerialization.jsonObject(with: Data(JSONReport.render(report).utf8))
        #expect(schema.problems(with: value) == [])
    }

    @Test("has exactly the keys that its schema names")
    func keys() throws {
        let schema = try SchemaCheck(JSONReport.schema)
        var report = ReportFixture.held
        report.error = ReportFixture.unreachable
        report.orphans = [OrphanedPrompt(fullName: "main.agent.prompt_old", aliases: ["production": 3])]
        report.prompts[0].gates = [
            GateFinding(
                gate: "latency_p95 <= +10%", status: .failed, evidence: "1.5 s after 1.2 s",
                figures: .init(value: 1_500, base: 1_200, limit: 1_320, count: 57))
        ]
        report.prompts[0].drift = [AliasDrift(alias: "canary", left: 2, place: nil, at: "t", by: "ann")]
        for index in report.prompts.indices {
            for place in report.prompts[index].foreign?.indices ?? 0..<0 {
                report.prompts[index].foreign?[place].edits = [.init(key: "top_k", from: nil, to: "5")]
            }
        }
        report.git?.branch = "main"
        report.git?.repository = "https://example.com/agent"
        report.git?.url = "https://example.com/agent/commit/0123456"
        let value = try JSONSerialization.jsonObject(with: Data(JSONReport.render(report).utf8))
        // The aliases are the user's names, and no keys of the format.
        #expect(schema.undescribed(in: value) == ["/orphans/aliases/production"])
        #expect(schema.unused(by: value) == [])
    }

    @Test("has the values that its schema lists")
    func enumerations() throws {
        let schema = try SchemaCheck(JSONReport.schema)
        func values(_ path: String...) -> [String] { schema.enumeration(at: path) }
        func values(ofPrompt path: String...) -> [String] {
            schema.enumeration(at: ["properties", "prompts", "items", "properties"] + path)
        }
        #expect(values("properties", "mode") == RunReport.Mode.allCases.map(\.rawValue))
        #expect(values("properties", "command") == Operation.allCases.map(\.rawValue))
        #expect(values("properties", "on_error") == OnError.allCases.map(\.rawValue))
        #expect(values("properties", "status") == RunReport.Status.allCases.map(\.rawValue))
        #expect(
            values(ofPrompt: "action")
                == PromptAction.allCases.map(\.rawValue) + ["null"])
        #expect(
            values(ofPrompt: "status")
                == [PromptOutcome.Status.ok, .failed, .notRun].map(\.rawValue))
        #expect(values(ofPrompt: "differences", "items") == Difference.allCases.map(\.rawValue))
        #expect(
            values(ofPrompt: "aliases", "items", "properties", "action")
                == AliasAction.allCases.map(\.rawValue))
        #expect(
            values(ofPrompt: "aliases", "items", "properties", "status")
                == [AliasStatus.ok, .held, .failed, .restored].map(\.rawValue))
        #expect(
            values("properties", "error", "properties", "code") == RegistryError.Code.allCases.map(\.rawValue)
        )
    }

    @Test("is refused by its schema when it is something else")
    func refused() throws {
        let schema = try SchemaCheck(JSONReport.schema)
        var report = ReportFixture.held
        report.orphans = [OrphanedPrompt(fullName: "main.agent.prompt_old", aliases: ["production": 3])]
        let text = JSONReport.render(report)
        #expect(schema.problems(with: try JSONSerialization.jsonObject(with: Data(text.utf8))) == [])
        for (old, new) in [
            (#""status": "failed""#, #""status": "broken""#), (#""git": {"#, #""got": {"#),
            (#""elapsed_ms": 41"#, #""elapsed_ms": "41""#),
            (#""schema_version": 1"#, #""schema_version": 2"#),
            (#""action": "create""#, #""action": "make""#),
            (#""previous_version": 2"#, #""previous_version": 0"#),
            (#""production": 3"#, #""production": 0"#),
        ] {
            let changed = text.replacing(old, with: new)
            #expect(changed != text)
            let value = try JSONSerialization.jsonObject(with: Data(changed.utf8))
            #expect(schema.problems(with: value) != [], "\(new) is accepted")
        }
    }
}
