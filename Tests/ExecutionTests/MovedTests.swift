import Jobs
import Planning
import Prompts
import RegistryFixtures
import Testing

@testable import Execution

/// Runs that carry a prompt over to another name.
@Suite struct MovedTests {
    /// The old name is marked last, and a run that fails leaves nothing that says otherwise; the next one does it all.
    @Test(arguments: [
        InMemoryRegistry.Call.setAlias("production", full("new"), 2),
        .setAlias("production", full("other"), 1),
        .createPrompt(full("other")), .update(full("old")),
    ])
    func isMarkedOnceAllIsThere(_ call: InMemoryRegistry.Call) async throws {
        let registry = InMemoryRegistry()
        for text in ["one", "two"] { try await registry.run(.job(["old": text])) }
        registry.place("canary", of: full("old"), at: 1)
        var job = DesiredState.job(["new": "two", "other": "other"])
        job.prompts[0].movedFrom = full("old")
        registry.fail(call)
        _ = try await registry.run(job)
        #expect(registry.prompt(full("old"))?.tags[ProvenanceTag.movedTo] == nil)
        let begun = try #require(registry.prompt(full("new")))
        #expect(begun.drift.isEmpty)
        registry.heal()
        try await registry.run(job)
        let (old, new) = try (
            #require(registry.prompt(full("old"))), #require(registry.prompt(full("new")))
        )
        #expect(old.tags[ProvenanceTag.movedTo] == full("new"))
        #expect(new.aliases == old.aliases && new.aliases["canary"] == 1 && new.drift.isEmpty)
        #expect(
            try AliasLog(of: new).entries.filter { $0.from != nil }.map(\.to)
                == AliasLog(of: old).entries.map(\.to))
        // What comes under the old name now stays there.
        let version = VersionDraft(content: PromptContent(kind: .text, template: "three"))
        _ = try await registry.createVersion(of: full("old"), version)
        #expect(try await !registry.plan(job).hasChanges)
    }
}
