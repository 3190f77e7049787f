import Diagnostics
import Foundation
import Testing

@testable import Reporting

@Suite("Findings for CI systems")
struct ValidationReportTests {
    private let code = Diagnostic.Code(rawValue: "some-code")

    private func report(_ findings: Diagnostic...) -> ValidationReport {
        var list = DiagnosticList()
        list.add(contentsOf: findings)
        return ValidationReport(jobs: [.init(path: "j.yaml", prompts: nil)], findings: list)
    }

    @Test("are commands of Azure, in which nothing of a file is one")
    func azure() {
        let place = SourceLocation(file: "a;b]c.md", line: 3, column: 5)
        let text = report(
            .warning(code, "100%\n##vso[task.setvariable]x", at: place, help: "do; that]"),
            .error(code, "no", at: nil), .note(code, "##[x]", at: nil)
        ).render(.azure)
        #expect(
            text == """
                ##vso[task.logissue type=error;code=some-code]no
                ##vso[task.logissue type=warning;sourcepath=a%3Bb%5Dc.md;linenumber=3;columnnumber=5;code=some-code]\
                100%AZP25%0A##vso[task.setvariable]x (help: do; that])
                note: #\\u{23}[x]

                """)
    }

    @Test("are told apart by GitLab, also where their lines move")
    func gitlab() throws {
        func fingerprints(_ lines: Int...) throws -> [String] {
            var list = DiagnosticList()
            for line in lines { list.add(.error(code, "x", at: SourceLocation(file: "a", line: line))) }
            let text = ValidationReport(jobs: [], findings: list).render(.gitlab)
            let issues = try #require(
                try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]])
            return issues.compactMap { $0["fingerprint"] as? String }
        }
        #expect(Set(try fingerprints(1, 2, 3)).count == 3)
        #expect(try fingerprints(1, 2) == fingerprints(4, 9))
        #expect(report(.note(code, "x", at: nil)).render(.gitlab).contains("\"severity\": \"info\""))
        #expect(report().render(.gitlab) == "[]\n")
    }

    @Test("are notices of GitHub where they are notes")
    func github() {
        #expect(report(.note(code, "x", at: nil)).render(.github) == "::notice title=some-code::x\n")
    }
}
