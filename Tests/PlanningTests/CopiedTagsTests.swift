import Jobs
import Prompts
import RegistryFixtures
import Testing

@testable import Planning

/// Another client reads a version and registers it again, with the tags that say which run made it.
@Suite("Versions with copied tags") struct CopiedTagsTests {
    let registry = InMemoryRegistry()
    var job = DesiredState.job(["a": "one"])

    /// What the other client changes.
    enum Change: CaseIterable {
        case nothing, message, tag, lostTag, text, settings, time, author, alias

        /// Whether the version is one that a second attempt at the first one may have left.
        var isRepetition: Bool { self == .nothing }
    }

    /// Makes the job's first version, and lets another client register it once more.
    ///
    /// - Parameters:
    ///   - change: What that changes.
    ///   - isMarked: Whether the registry marks what runs make; a folder does not.
    /// - Throws: What the fixture throws.
    private func copy(_ change: Change, isMarked: Bool = true) async throws {
        try await registry.run(job)
        registry.edit(1, of: full("a")) { version in
            version.tags["team"] = "a"
            version.createdAt = 1_000_000
            version.createdBy = "ci"
            if !isMarked { version.tags[RunMark.tag] = nil }
        }
        let first = try #require(registry.prompt(full("a"))?.newest)
        let draft = VersionDraft(content: first.content, description: first.description, tags: first.tags)
        let number = registry.register(draft, of: full("a"))
        registry.edit(number, of: full("a")) { version in
            version.createdAt = 1_060_000
            version.createdBy = "ci"
            switch change {
            case .nothing, .alias: break
            case .message: version.description = "Approved by legal"
            case .tag: version.tags["approved_by"] = "legal"
            case .lostTag: version.tags["team"] = nil
            case .text: version.content.template = "theirs"
            case .settings: version.content.modelConfig = #"{"temperature": 0.5}"#
            case .time: version.createdAt = 1_000_000 + 16 * 60_000
            case .author: version.createdBy = "alice"
            }
        }
        if change == .alias { registry.place("review", of: full("a"), at: number) }
    }

    private func planned(_ text: String) async throws -> PlannedPrompt {
        var job = job
        job.prompts[0].template.text = text
        job.onForeign = .refuse
        return try await registry.plan(job).prompts[0]
    }

    @Test(arguments: Change.allCases) func onlyWhatIsTheSameInAllIsARepetition(_ change: Change) async throws
    {
        try await copy(change)
        #expect(try await planned("one").repetitions == (change.isRepetition ? [2] : []))
        let prompt = try await planned("two")
        #expect(prompt.foreign.map(\.version.number) == (change.isRepetition ? [] : [2]))
        #expect(prompt.foreign.allSatisfy { !$0.isEdited && $0.own?.number == 1 })
        #expect((prompt.problem?.code == .foreignVersion) == !change.isRepetition)
    }

    /// Nothing is registered twice there.
    @Test(arguments: Change.allCases) func aRegistryWithoutMarksHasNoRepetitions(_ change: Change)
        async throws
    {
        try await copy(change, isMarked: false)
        #expect(try await planned("one").repetitions == [])
        #expect(try await planned("two").foreign.map(\.version.number) == [2])
    }

    @Test(arguments: [Change.nothing, .message, .tag]) func anOlderTextThatIsRestoredIsTheirs(
        _ change: Change
    ) async throws {
        try await registry.run(job)
        let first = try #require(registry.prompt(full("a"))?.newest)
        var two = job
        two.prompts[0].template.text = "two"
        try await registry.run(two)
        var draft = VersionDraft(content: first.content, description: first.description, tags: first.tags)
        if change == .message { draft.description = "Back" }
        if change == .tag { draft.tags["approved_by"] = "legal" }
        registry.register(draft, of: full("a"))
        registry.place("production", of: full("a"), at: 3)
        let refused = try await registry.plan(two).prompts[0]
        #expect(refused.problem?.code == .foreignVersion && refused.repetitions == [])
        #expect(refused.foreign.map(\.version.number) == [3] && refused.foreign[0].aliases == ["production"])
        #expect(refused.foreign[0].own?.number == 2)
        // It is nobody else's once the job has it in its files.
        #expect(try await registry.plan(job).prompts[0].problem == nil)
        try await registry.run(job)
        #expect(try await registry.plan(two).prompts[0].foreign == [])
    }

    /// The newest version is the job's, and an alias is on one below that is not.
    @Test func aCopyBelowTheNewestVersionIsTheirs() async throws {
        try await copy(.tag)
        var two = job
        two.prompts[0].template.text = "two"
        try await registry.run(two)
        registry.place("staging", of: full("a"), at: 2)
        let prompt = try await planned("two")
        #expect(prompt.action == .unchanged && prompt.foreign.map(\.version.number) == [2])
        #expect(prompt.problem?.code == .foreignVersion)
        registry.place("staging", of: full("a"), at: 1)
        #expect(try await planned("two").foreign == [])
    }

    /// What runs at once made is no copy, whatever their tags: each has a mark of its own.
    @Test func whatAnotherRunMadeIsNoCopy() async throws {
        try await registry.run(job)
        registry.repeatNewest(of: full("a"), mark: "other-1")
        registry.edit(2, of: full("a")) { $0.tags[ProvenanceTag.commit] = "abc" }
        #expect(try await planned("one").repetitions == [])
        #expect(try await planned("two").foreign == [])
    }
}
