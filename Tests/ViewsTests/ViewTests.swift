import Prompts
import RegistryFixtures
import Testing

@testable import Views

/// What is read to be shown, over `c.s.prompt_a` of three versions and `c.s.prompt_b` of one.
@Suite struct ViewTests {
    private let registry = InMemoryRegistry()

    init() async throws {
        for text in ["one {{x}}", "two {{y}}", "three"] {
            try await registry.run(.job(["a": text, "b": "b"]))
        }
        try await registry.moveAlias("staging", of: full("a"), from: nil, to: 2)
        try await registry.moveAlias("staging", of: full("b"), from: nil, to: nil)
        registry.clearCalls()
    }

    // MARK: Lists

    @Test func aRegistryIsListedWithItsNewestVersions() async throws {
        let listing = try await PromptListing(.query(PromptQuery()), in: registry)
        #expect(listing.entries.map(\.name) == [full("a"), full("b")])
        #expect(listing.entries.map(\.version?.number) == [3, 1])
        #expect(listing.registry.address == "memory:" && listing.job == nil)
        #expect(registry.calls == [.names, .observe])
    }

    @Test func aSchemaIsListedAlone() async throws {
        registry.add(ObservedPrompt(name: "c.other.prompt_x"))
        let listing = try await PromptListing(
            .query(PromptQuery(catalog: "c", schema: "other")), in: registry)
        #expect(listing.entries.map(\.name) == ["c.other.prompt_x"] && listing.entries[0].version == nil)
    }

    @Test func anAliasShowsWhatItServes() async throws {
        let listing = try await PromptListing(.query(PromptQuery()), alias: "staging", in: registry)
        #expect(listing.entries.map(\.name) == [full("a")])
        #expect(listing.entries[0].version == registry.stored(full("a"))[1])
        #expect(registry.calls == [.names, .observe, .version(2, full("a"))])
        registry.clearCalls()
        let newest = try await PromptListing(.query(PromptQuery()), alias: "production", in: registry)
        #expect(newest.entries.map(\.version?.number) == [3, 1])
        #expect(registry.calls == [.names, .observe])
    }

    @Test func aJobIsListedInItsOrderWithWhatIsNotRegistered() async throws {
        let listing = try await PromptListing(.job(.job(["b": "b", "new": "n", "a": "a"])), in: registry)
        #expect(listing.entries.map(\.nameInJob) == ["b", "new", "a"] && listing.job == "job")
        #expect(listing.entries.map(\.version?.number) == [1, nil, 3])
        #expect(listing.entries.map { $0.prompt == nil } == [false, true, false])
        let staged = try await PromptListing(
            .job(.job(["b": "b", "new": "n", "a": "a"])), alias: "staging", in: registry)
        #expect(staged.entries.map(\.nameInJob) == ["a"])
    }

    @Test func aFailureToReadAVersionEndsTheList() async throws {
        registry.fail(.version(2, full("a")), .unreachable)
        let error = await #expect(throws: RegistryError.self) {
            try await PromptListing(.query(PromptQuery()), alias: "staging", in: registry)
        }
        #expect(error?.code == .unreachable)
    }

    // MARK: Prompts

    @Test func aPromptIsReadWithAllItsVersions() async throws {
        let details = try await PromptDetails(of: full("a"), in: registry)
        #expect(details.versions.map(\.number) == [3, 2, 1] && details.prompt.aliases["staging"] == 2)
        #expect(details.url == "https://host/all/c.s.prompt_a/0")
        let error = await #expect(throws: RegistryError.self) {
            try await PromptDetails(of: full("c"), in: registry)
        }
        #expect(error?.code == .notFound)
    }

    @Test(arguments: [("/1", 1, []), ("@staging", 2, ["staging"]), ("", 3, ["production"])])
    func aVersionIsReadWithItsAliases(reference: String, number: Int, aliases: [String]) async throws {
        let details = try await VersionDetails(of: try PromptURI(full("a") + reference), in: registry)
        #expect(details.version.number == number && details.aliases == aliases)
        #expect(details.uri == "prompts:/c.s.prompt_a/\(number)")
    }

    @Test func aPageIsThatOfTheFirstExperiment() async throws {
        try await registry.update(
            full("a"), MetadataChanges(promptTags: [ReservedTag.experimentIDs: ",12,15,"]))
        let details = try await VersionDetails(of: try PromptURI(full("a") + "/1"), in: registry)
        #expect(details.url == "https://host/12/c.s.prompt_a/1")
    }

    @Test func theOriginIsWhatTheTagsSay() {
        var version = PromptVersion(number: 1, content: PromptContent(kind: .text, template: ""))
        #expect(VersionOrigin(of: version).shortCommit == nil && !VersionOrigin(of: version).isDirty)
        version.tags = [
            ProvenanceTag.commit: "0123456789abcdef", ProvenanceTag.dirty: "false",
            ProvenanceTag.source: "a.md",
        ]
        #expect(
            VersionOrigin(of: version).shortCommit == "01234567"
                && VersionOrigin(of: version).source == "a.md")
        version.tags[ProvenanceTag.dirty] = "true"
        #expect(VersionOrigin(of: version).shortCommit == "01234567*")
    }

    // MARK: Comparisons

    @Test func twoVersionsAreCompared() async throws {
        let report = try await ComparisonReport(
            from: try PromptURI(full("a") + "/1"), to: try PromptURI(full("a") + "@staging"), in: registry)
        #expect(report.hasDifferences && report.prompts.count == 1)
        #expect(report.prompts[0].old?.name == "prompts:/c.s.prompt_a/1")
        #expect(report.prompts[0].new.name == "prompts:/c.s.prompt_a/2")
        #expect(report.prompts[0].difference.addedVariables == ["y"])
        #expect(report.prompts[0].difference.removedVariables == ["x"])
    }

    @Test func aJobIsComparedWithTheNewestVersions() async throws {
        let report = try await ComparisonReport(of: .job(["b": "b", "new": "n", "a": "four"]), in: registry)
        #expect(report.prompts.map(\.nameInJob) == ["b", "new", "a"])
        #expect(report.prompts.map(\.difference.differences) == [[], [.template], [.template]])
        #expect(report.prompts.map(\.old?.version) == [1, nil, 3] && report.hasDifferences)
        #expect(try await !ComparisonReport(of: .job(["a": "three"]), in: registry).hasDifferences)
        #expect(registry.writes == [])
    }
}
