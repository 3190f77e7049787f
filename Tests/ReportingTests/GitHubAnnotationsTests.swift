import Diagnostics
import Testing

@testable import Reporting

@Suite("GitHub's annotations")
struct GitHubAnnotationsTests {
    private let code = Diagnostic.Code(rawValue: "unknown-key")

    @Test("look as kept")
    func snapshot() throws {
        var list = DiagnosticList()
        list.add(.warning(code, "second", at: SourceLocation(file: "jobs/a.yaml", line: 9, column: 2)))
        list.add(
            .error(
                code, "unknown key 'aliasses'", at: SourceLocation(file: "jobs/a.yaml", line: 3, column: 5),
                help: "did you mean 'aliases'?"))
        list.add(.error(code, "about no place", at: nil))
        list.add(
            .error(code, HostileFixture.text, at: SourceLocation(file: HostileFixture.text), help: "100%"))
        try expectSnapshot(GitHubAnnotations.render(list), "annotations-diagnostics.txt")
        try expectSnapshot(
            [ReportFixture.held, ReportFixture.restored, ReportFixture.notBegun, HostileFixture.report]
                .map { GitHubAnnotations.render($0, specPath: "jobs/health_monitor.yaml") }.joined(),
            "annotations-report.txt")
    }

    @Test("escape what GitHub would read as its own")
    func escaping() {
        var list = DiagnosticList()
        list.add(.error(code, "50%, a:b\r\nc", at: SourceLocation(file: "a,b:c%.yaml")))
        #expect(
            GitHubAnnotations.render(list)
                == "::error file=a%2Cb%3Ac%25.yaml,line=1,col=1,title=unknown-key::50%25, a:b%0D%0Ac\n")
    }

    @Test("take one line each, however many lines a message has")
    func lines() {
        let lines = GitHubAnnotations.render(HostileFixture.report, specPath: nil).split(separator: "\n")
        #expect(lines.count == 2)
        for line in lines { #expect(line.hasPrefix("::error ")) }
    }

    @Test("point to the template when the spec is not known")
    func templatePlace() {
        let text = GitHubAnnotations.render(ReportFixture.held, specPath: nil)
        #expect(
            text.hasPrefix(
                "::error file=prompts/orchestrator.md,line=1,title=prompt orchestrator%3A create failed::"))
        #expect(
            GitHubAnnotations.render(ReportFixture.held, specPath: "j.yaml").contains("file=j.yaml,line=12,"))
    }

    @Test("are none when nothing is wrong")
    func nothing() {
        #expect(GitHubAnnotations.render(DiagnosticList()).isEmpty)
        #expect(GitHubAnnotations.render(ReportFixture.done, specPath: nil).isEmpty)
        #expect(GitHubAnnotations.render(ReportFixture.planned, specPath: nil).isEmpty)
    }

    @Test("stop at as many as GitHub shows")
    func limit() {
        var list = DiagnosticList()
        for line in 1...53 { list.add(.error(code, "x", at: SourceLocation(file: "a", line: line))) }
        let lines = GitHubAnnotations.render(list).split(separator: "\n")
        #expect(lines.count == 51)
        #expect(lines.last == "::notice title=promptreg::3 more findings in the log")
    }
}
