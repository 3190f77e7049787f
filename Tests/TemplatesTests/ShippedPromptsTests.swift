import Diagnostics
import Foundation
import Testing

@testable import Templates

/// The prompts that the repository ships keep the contracts of its jobs.
@Suite struct ShippedPromptsTests {
    private static let prompts = GroundTruth.repository.appendingPathComponent("prompts")

    static let contracts: [String: (syntax: TemplateSyntax, variables: [String])] = [
        "orchestrator.md": (.mustache, ["query", "context"]),
        "intent_classifier.md": (.mustache, ["query"]),
        "synthesizer.md": (.mustache, ["query", "domain_responses"]),
        "cost_worker.md": (.mustache, ["query", "data"]),
        "security_worker.md": (.mustache, ["query", "data"]),
        "performance_worker.md": (.mustache, ["query", "data"]),
        "reliability_worker.md": (.mustache, ["query", "data"]),
        "quality_worker.md": (.mustache, ["query", "data"]),
        "support/support.chat.yaml": (.mustache, ["product", "account", "articles", "question"]),
        "support/triage.md": (.mustache, ["plan", "ticket"]),
        "support/handover.txt": (.python, ["case_id", "reason", "conversation"]),
        "support/digest.j2": (.jinja2, ["team", "period", "cases", "goals", "max_words"]),
    ]

    @Test(arguments: contracts.keys.sorted())
    func keepsItsContract(file: String) throws {
        let contract = try #require(Self.contracts[file])
        let text = try String(contentsOf: Self.prompts.appendingPathComponent(file), encoding: .utf8)
        let analysis = contract.syntax.analyze(text)
        #expect(analysis.diagnostics == [])
        #expect(Set(analysis.names) == Set(contract.variables))
        let declared = contract.variables.map {
            DeclaredVariable(name: $0, location: SourceLocation(file: "job.yaml"))
        }
        #expect(analysis.check(contract: declared) == [])
        #expect(text.unicodeScalars.count < 100_000)
    }

    @Test func everyShippedPromptIsChecked() throws {
        let found = try FileManager.default.subpathsOfDirectory(atPath: Self.prompts.path)
            .filter { path in [".md", ".txt", ".j2", ".yaml"].contains { path.hasSuffix($0) } }
        #expect(Set(found) == Set(Self.contracts.keys))
    }

    @Test func theJobsDeclareTheseVariables() throws {
        let jobs = GroundTruth.repository.appendingPathComponent("jobs")
        for (job, folder) in [("health_monitor.yaml", ""), ("support_agent.yaml", "support/")] {
            let lines = try String(contentsOf: jobs.appendingPathComponent(job), encoding: .utf8)
                .split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
            for (file, contract) in Self.contracts where file.contains("/") == !folder.isEmpty {
                let index = try #require(lines.firstIndex(of: "file: \(file.dropFirst(folder.count))"))
                let declaration = "variables: [\(contract.variables.joined(separator: ", "))]"
                #expect(lines[index...].prefix(3).contains(declaration), "\(job): \(file)")
            }
        }
    }
}
