import Diagnostics
import Testing

@testable import Reporting

@Suite("Azure's annotations")
struct AzureAnnotationsTests {
    @Test("of a run point to the line of the spec that names the prompt")
    func failures() {
        let text = AzureAnnotations.render(ReportFixture.held, specPath: "jobs/a.yaml")
        #expect(
            text.hasPrefix(
                "##vso[task.logissue type=error;sourcepath=jobs/a.yaml;linenumber=12;code="))
        #expect(text.contains("]prompt orchestrator: create failed: "))
        #expect(text.contains("linenumber=12;"))
        #expect(
            AzureAnnotations.render(ReportFixture.held, specPath: nil)
                .contains("sourcepath=prompts/orchestrator.md;linenumber=1;"))
    }

    @Test("take one line each, which begins the only command in it that is obeyed")
    func lines() {
        let lines = AzureAnnotations.render(HostileFixture.report, specPath: nil).split(separator: "\n")
        #expect(lines.count == 2)
        for line in lines { #expect(line.hasPrefix("##vso[task.logissue type=error;")) }
    }

    @Test("are none when nothing is wrong")
    func nothing() {
        #expect(AzureAnnotations.render(DiagnosticList()).isEmpty)
        #expect(AzureAnnotations.render(ReportFixture.done, specPath: nil).isEmpty)
    }

    @Test("take up a summary by its path")
    func summary() {
        #expect(
            AzureAnnotations.uploadSummary("/a b/50%;].md") == "##vso[task.uploadsummary]/a b/50%AZP25;].md\n"
        )
    }
}
