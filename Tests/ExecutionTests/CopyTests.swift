import Planning
import Prompts
import RegistryFixtures
import Synchronization
import Testing

@testable import Execution

@Suite struct CopyTests {
    let source = InMemoryRegistry()
    let destination = InMemoryRegistry()

    @discardableResult
    private func copy(_ copy: Copy = Copy()) async throws -> (plan: Plan, outcome: RunOutcome) {
        destination.clearCalls()
        let names = try await source.names(matching: PromptQuery())
        let (plan, _) = try await copy.plan(names, from: source, to: destination)
        return (plan, await Runner(registry: destination, concurrency: 1).run(plan))
    }

    private func add(
        _ text: String, to name: String, in registry: InMemoryRegistry, tags: [String: String] = [:]
    ) async throws {
        let version = VersionDraft(content: PromptContent(kind: .text, template: text), tags: tags)
        if registry.prompt(name) == nil {
            let prompt = PromptDraft(name: name, description: "about", tags: ["of": "prompt"])
            _ = try await registry.createPrompt(prompt, firstVersion: version)
        } else {
            _ = try await registry.createVersion(of: name, version)
        }
    }

    @Test func versionsTagsAndAliasesAreTakenOver() async throws {
        for text in ["one", "two", "three"] {
            try await add(text, to: full("a"), in: source, tags: ["t": text])
        }
        try await source.moveAlias("production", of: full("a"), from: nil, to: 2)
        try await source.moveAlias("staging", of: full("a"), from: nil, to: 3)
        let (plan, outcome) = try await copy(Copy(catalog: "prod"))
        let name = "prod.s.prompt_a"
        #expect(plan.counts.create == 1 && plan.job == nil && outcome.prompts[0].status == .ok)
        #expect(destination.stored(name).map(\.content.template) == ["one", "two", "three"])
        #expect(destination.stored(name).map(\.tags) == ["one", "two", "three"].map { ["t": $0] })
        #expect(destination.aliases(of: name) == ["production": 2, "staging": 3])
        #expect(destination.prompt(name)?.description == "about")
        #expect(destination.prompt(name)?.tags == ["of": "prompt"])
        #expect(try await !copy(Copy(catalog: "prod")).plan.hasChanges)
    }

    @Test func onlyWhatIsMissingIsMade() async throws {
        for text in ["one", "two"] { try await add(text, to: full("a"), in: source) }
        for text in ["zero", "one"] { try await add(text, to: full("a"), in: destination) }
        try await source.moveAlias("production", of: full("a"), from: nil, to: 2)
        try await destination.moveAlias("production", of: full("a"), from: nil, to: 1)
        try await destination.moveAlias("theirs", of: full("a"), from: nil, to: 1)
        let (plan, _) = try await copy()
        #expect(plan.prompts[0].action == .update && plan.prompts[0].aliases.map(\.action) == [.move])
        #expect(destination.stored(full("a")).map(\.content.template) == ["zero", "one", "two"])
        #expect(destination.aliases(of: full("a")) == ["production": 3, "theirs": 1])
        #expect(try await !copy().plan.hasChanges)
    }

    /// Versions that say the same are still so many versions.
    @Test func twinsStayTwins() async throws {
        for text in ["x", "x", "y", "x"] { try await add(text, to: full("a"), in: source) }
        try await source.moveAlias("old", of: full("a"), from: nil, to: 1)
        try await copy()
        #expect(destination.stored(full("a")).count == 4)
        #expect(destination.aliases(of: full("a")) == ["old": 1])
        #expect(try await !copy().plan.hasChanges)
    }

    @Test func anAliasAloneTakesItsVersionAlone() async throws {
        for name in [full("a"), full("b")] {
            for text in ["one", "two", "three"] { try await add(text, to: name, in: source) }
        }
        try await source.moveAlias("production", of: full("a"), from: nil, to: 2)
        try await source.moveAlias("staging", of: full("a"), from: nil, to: 3)
        let one = Copy(alias: "production")
        try await copy(one)
        #expect(destination.stored(full("a")).map(\.content.template) == ["two"])
        #expect(destination.aliases(of: full("a")) == ["production": 1])
        #expect(destination.prompt(full("b")) == nil)
        #expect(try await !copy(one).plan.hasChanges)
        try await source.moveAlias("production", of: full("a"), from: nil, to: 3)
        try await copy(one)
        #expect(destination.stored(full("a")).map(\.content.template) == ["two", "three"])
        #expect(destination.aliases(of: full("a")) == ["production": 2])
        // Back to what is there already: no third version.
        try await source.moveAlias("production", of: full("a"), from: nil, to: 2)
        try await copy(one)
        #expect(destination.stored(full("a")).count == 2)
        #expect(destination.aliases(of: full("a")) == ["production": 1])
    }

    @Test func tagsFollow() async throws {
        try await add("one", to: full("a"), in: source, tags: ["t": "1"])
        try await copy()
        let tags = MetadataChanges(promptTags: ["p": "new"], version: 1, versionTags: ["t": "2"])
        try await source.update(full("a"), tags)
        try await destination.update(full("a"), MetadataChanges(promptTags: ["theirs": "x"]))
        let (plan, _) = try await copy()
        #expect(plan.prompts[0].action == .retag)
        #expect(destination.stored(full("a"))[0].tags == ["t": "2"])
        #expect(destination.prompt(full("a"))?.tags == ["of": "prompt", "p": "new", "theirs": "x"])
        #expect(try await !copy().plan.hasChanges)
    }

    /// The journal and the experiments of one registry mean nothing in another.
    @Test func whatBelongsToTheSourceStaysThere() async throws {
        try await add("one", to: full("a"), in: source, tags: [RunMark.tag: "x"])
        let tags: [String: String?] = [AliasLog.tag: "[]", ReservedTag.experimentIDs: ",1,"]
        try await source.update(full("a"), MetadataChanges(promptTags: tags))
        try await copy()
        #expect(destination.prompt(full("a"))?.tags == ["of": "prompt"])
        #expect(destination.stored(full("a"))[0].tags == [:])
    }

    @Test(arguments: ["job", nil]) func aPromptOfAnotherJobHasToBeAdopted(_ owner: String?) async throws {
        try await add("one", to: full("a"), in: source, tags: owner.map { [ProvenanceTag.job: $0] } ?? [:])
        try await source.moveAlias("production", of: full("a"), from: nil, to: 1)
        try await add("other", to: full("a"), in: destination)
        destination.setTag(ProvenanceTag.job, to: "other", of: full("a"))
        let refused = try await copy().plan.prompts[0]
        #expect(refused.problem?.code == .otherJob && refused.previousJob == "other")
        #expect(destination.writes == [])
        var adopting = Copy()
        adopting.adopts = true
        let (plan, outcome) = try await copy(adopting)
        #expect(plan.prompts[0].previousJob == "other" && outcome.prompts[0].status == .ok)
        #expect(destination.aliases(of: full("a")) == ["production": 2])
        // What is there already takes nothing from anybody.
        #expect(try await copy().plan.prompts[0].problem == nil)
    }

    @Test func whatTheOtherRegistryWouldRefuseStopsAll() async throws {
        try await add("one", to: full("a"), in: source)
        try await add("two", to: full("b"), in: source, tags: ["refused": "x"])
        let (plan, outcome) = try await copy()
        #expect(plan.prompts.map { $0.problem?.code } == [nil, .invalidValue])
        #expect(destination.writes == [] && outcome.prompts.map(\.status) == [.notRun, .failed])
    }

    /// Of the versions, only those of the prompts that are being planned are in memory; of the prompts, only a part.
    @Test func promptsArePlannedInParts() async throws {
        let (source, destination) = (InMemoryRegistry(observedAtOnce: 3), InMemoryRegistry(observedAtOnce: 4))
        let names = (0..<8).map { full("p\($0)") }
        let held = Mutex<(now: Set<String>, most: Int)>(([], 0))
        for name in names {
            try await add("one", to: name, in: source)
            source.when(.versions(name)) {
                held.withLock { held in
                    held.now.insert(name)
                    held.most = max(held.most, held.now.count)
                }
            }
            destination.when(.check(name)) { held.withLock { _ = $0.now.remove(name) } }
        }
        let (plan, _) = try await Copy().plan(names, from: source, to: destination, concurrency: 2)
        #expect(plan.prompts.map(\.prompt.name) == names)
        #expect(source.calls.filter { $0 == .observe }.count == 3)
        #expect(held.withLock(\.most) <= 2)
    }

    /// A copy that stopped half way is completed by the next one, over generated registries.
    @Test(arguments: 0..<40)
    func copyingIsIdempotentFromWhereverItStopped(seed: Int) async throws {
        var random = SeededGenerator(seed: UInt64(seed))
        for name in ["a", "b", "c"].map(full) {
            for _ in 0..<Int.random(in: 1...5, using: &random) {
                let text = ["x", "y", "z"].randomElement(using: &random) ?? ""
                try await add(
                    text, to: name, in: source, tags: ["n": "\(Int.random(in: 0...1, using: &random))"])
            }
            let count = source.stored(name).count
            for alias in ["production", "staging"] where Bool.random(using: &random) {
                try await source.moveAlias(
                    alias, of: name, from: nil, to: Int.random(in: 1...count, using: &random))
            }
        }
        let call = [
            InMemoryRegistry.Call.createVersion(full("b")), .setAlias("production", full("c"), 1),
            .createPrompt(full("a")), .update(full("b")),
        ].randomElement(using: &random)
        try destination.fail(#require(call))
        try await copy()
        destination.heal()
        try await copy()
        for name in ["a", "b", "c"].map(full) {
            let (original, copied) = (source.stored(name), destination.stored(name))
            #expect(original.map(\.content) == copied.map(\.content))
            #expect(original.map(\.tags) == copied.map(\.tags))
            #expect(source.aliases(of: name) == destination.aliases(of: name))
        }
        #expect(try await !copy().plan.hasChanges)
    }
}
