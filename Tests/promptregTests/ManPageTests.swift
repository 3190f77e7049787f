import ArgumentParsing
import Testing

@testable import promptreg

@Suite struct ManPageTests {
    @Test func aFlagThatIsTheSameForSeveralCommandsIsExplainedOnce() {
        let page = ManPage.render(.promptreg, date: "2026-01-01")
        let lines = page.split(separator: "\n", omittingEmptySubsequences: false)
        let tags = lines.indices.dropLast(2).filter { lines[$0] == ".TP" }
        let explained = tags.map { lines[$0 + 1] + "\n" + lines[$0 + 2] }
        for flag in ["registry", "timeout", "format", "quiet", "color", "target"] {
            let mentions = explained.filter { $0.contains("\\fB\\-\\-\(flag)\\fR") }
            #expect(Set(mentions).count == mentions.count, "\(flag)")
            #expect(!mentions.isEmpty, "\(flag)")
        }
    }
}
