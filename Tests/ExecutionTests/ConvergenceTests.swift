import Jobs
import Planning
import Prompts
import RegistryFixtures
import Synchronization
import Testing

@testable import Execution

/// What several clients do to the same prompts at once: nothing is registered twice, and nothing of others is lost.
@Suite struct ConvergenceTests {
    private let registry = InMemoryRegistry()

    // MARK: Versions

    /// Lets another run of the same job register its version of the prompt between this run's plan and its own.
    private func letAnotherRunRegister(
        _ text: String, at call: InMemoryRegistry.Call, base: Int, tags: [String: String]
    ) {
        let content = PromptContent(kind: .text, template: text)
        let key = VersionKey(content, of: full("a"), job: "job", base: base)
        let draft = VersionDraft(content: content, tags: tags.merging([VersionKey.tag: key.text]) { $1 })
        registry.when(call) { [registry] in registry.register(draft, of: full("a")) }
    }

    @Test func theVersionOfARunThatWasFirstIsTaken() async throws {
        try await registry.run(.job(["a": "one"]))
        letAnotherRunRegister("two", at: .createVersion(full("a")), base: 1, tags: [RunMark.tag: "other-1"])
        let outcome = try await registry.run(.job(["a": "two"])).prompts[0]
        #expect(outcome.status == .ok && outcome.version == 2 && outcome.removedVersions == [3])
        #expect(registry.stored(full("a")).map(\.number) == [1, 2])
        #expect(registry.aliases(of: full("a")) == ["production": 2, "staging": 2])
    }

    /// Of runs at once, one made the version; the others do not say that they did.
    @Test func aVersionOfAnotherRunIsNotCountedAsMade() async throws {
        try await registry.run(.job(["a": "one"]))
        letAnotherRunRegister("two", at: .createVersion(full("a")), base: 1, tags: [RunMark.tag: "other-1"])
        let plan = try await registry.plan(.job(["a": "two", "b": "new"]))
        let outcome = await Runner(registry: registry, concurrency: 1).run(plan)
        let report = ReportBuilder(toolVersion: "1")
            .report(of: plan, outcome, RunVerdict(plan, outcome))
        #expect(report.prompts.map(\.madeByAnotherRun) == [true, false])
        #expect(report.summary.updated == 0 && report.summary.unchanged == 1 && report.summary.created == 1)
        #expect(report.succeeded == 1)
    }

    /// The other run had not seen the version that something else registered before this run planned.
    @Test func theVersionOfARunThatKnewAnEarlierOneIsTaken() async throws {
        try await registry.run(.job(["a": "one"]))
        registry.register(
            VersionDraft(content: PromptContent(kind: .text, template: "foreign")), of: full("a"))
        letAnotherRunRegister("two", at: .createVersion(full("a")), base: 1, tags: [RunMark.tag: "other-1"])
        let outcome = try await registry.run(.job(["a": "two"])).prompts[0]
        #expect(outcome.status == .ok && outcome.version == 3 && outcome.removedVersions == [4])
        #expect(registry.stored(full("a")).map(\.number) == [1, 2, 3])
        #expect(try await !registry.plan(.job(["a": "two"])).hasChanges)
    }

    @Test func aVersionThatSomethingElseMakesMeanwhileIsRefusedWhereTheJobSaysSo() async throws {
        try await registry.run(.job(["a": "one"]))
        registry.when(.createVersion(full("a"))) { [registry] in
            registry.register(
                VersionDraft(content: PromptContent(kind: .text, template: "foreign")), of: full("a"))
        }
        var job = DesiredState.job(["a": "two"])
        job.onForeign = .refuse
        let outcome = try await registry.run(job).prompts[0]
        #expect(outcome.status == .failed && outcome.error?.code == .foreignVersion)
        #expect(registry.aliases(of: full("a")) == ["production": 1, "staging": 1])
    }

    /// The other run's version was made from the same text, but with the tags of its own commit.
    @Test func aVersionThatIsTakenGetsThisRunsTags() async throws {
        try await registry.run(.job(["a": "one"]))
        let tags = ["tier": "old", "theirs": "x"]
        letAnotherRunRegister("two", at: .createVersion(full("a")), base: 1, tags: tags)
        var job = DesiredState.job(["a": "two"])
        job.prompts[0].tags = ["tier": "new"]
        let outcome = try await registry.run(job).prompts[0]
        #expect(outcome.status == .ok && outcome.version == 2 && outcome.removedVersions == [3])
        let taken = try #require(registry.stored(full("a")).last)
        #expect(taken.number == 2 && taken.tags["tier"] == "new" && taken.tags["theirs"] == "x")
        #expect(try await !registry.plan(job).hasChanges)
    }

    /// An attempt whose answer was lost takes effect after another run's version was taken.
    @Test func aLateAttemptIsRemovedThoughAnotherVersionWasTaken() async throws {
        try await registry.run(.job(["a": "one"]))
        let content = PromptContent(kind: .text, template: "two")
        registry.makeUncertain(full("a"))
        letAnotherRunRegister("two", at: .createVersion(full("a")), base: 1, tags: [RunMark.tag: "other-1"])
        let own = Mutex<[String: String]>([:])
        registry.when(.deleteVersion(full("a"), 3)) { [registry] in
            own.withLock { $0 = registry.prompt(full("a"))?.newest?.tags ?? [:] }
        }
        registry.when(.setAlias("staging", full("a"), 2)) { [registry] in
            registry.register(VersionDraft(content: content, tags: own.withLock { $0 }), of: full("a"))
        }
        let outcome = try await registry.run(.job(["a": "two"])).prompts[0]
        #expect(outcome.status == .ok && outcome.version == 2 && outcome.removedVersions == [3, 4])
        #expect(registry.stored(full("a")).map(\.number) == [1, 2])
    }

    @Test func aVersionOfSomethingElseIsNotTakenForThisRuns() async throws {
        try await registry.run(.job(["a": "one"]))
        registry.when(.createVersion(full("a"))) { [registry] in
            // The same content, but registered by another client.
            registry.register(
                VersionDraft(content: PromptContent(kind: .text, template: "two")), of: full("a"))
        }
        let outcome = try await registry.run(.job(["a": "two"])).prompts[0]
        #expect(outcome.version == 3 && outcome.removedVersions == [])
        #expect(registry.stored(full("a")).map(\.number) == [1, 2, 3])
    }

    @Test(arguments: [InMemoryRegistry.Call.synchronize, .setAlias("staging", full("a"), 1)])
    func anAttemptThatTakesEffectLateLeavesNothing(_ moment: InMemoryRegistry.Call) async throws {
        registry.makeUncertain(full("a"))
        registry.when(moment) { [registry] in registry.repeatNewest(of: full("a")) }
        let outcome = try await registry.run(.job(["a": "one"])).prompts[0]
        #expect(outcome.status == .ok && outcome.version == 1 && outcome.removedVersions == [2])
        #expect(registry.stored(full("a")).map(\.number) == [1])
        #expect(registry.aliases(of: full("a")) == ["production": 1, "staging": 1])
    }

    @Test func whatCannotBeSettledFails() async throws {
        registry.makeUncertain(full("a"))
        registry.when(.synchronize) { [registry] in
            registry.repeatNewest(of: full("a"))
            registry.place("theirs", of: full("a"), at: 2)
        }
        let outcome = try await registry.run(.job(["a": "one"])).prompts[0]
        #expect(outcome.status == .failed && outcome.removedVersions == [])
        #expect(outcome.error?.message.contains("the alias 'theirs' points to it") == true)
        #expect(registry.stored(full("a")).map(\.number) == [1, 2])
    }

    /// What took effect after a run's end is found by the next one.
    @Test(arguments: [nil, "other-1"])
    func theNextRunRemovesWhatTookEffectAfterTheEnd(_ mark: String?) async throws {
        try await registry.run(.job(["a": "one"]))
        registry.repeatNewest(of: full("a"), mark: mark)
        let plan = try await registry.plan(.job(["a": "one"]))
        #expect(plan.prompts[0].repetitions == [2] && plan.prompts[0].action == .retag && plan.hasChanges)
        let outcome = try await registry.run(.job(["a": "one"])).prompts[0]
        #expect(outcome.status == .ok && outcome.removedVersions == [2])
        #expect(registry.stored(full("a")).map(\.number) == [1])
        #expect(registry.aliases(of: full("a")) == ["production": 1, "staging": 1])
        #expect(try await !registry.plan(.job(["a": "one"])).hasChanges)
    }

    /// What an alias points to is a version like any other: somebody put it there, and nothing has to fail for it.
    @Test(arguments: ["review", "production"])
    func aRepetitionThatAnAliasPointsToStays(_ alias: String) async throws {
        try await registry.run(.job(["a": "one"]))
        registry.repeatNewest(of: full("a"))
        registry.place(alias, of: full("a"), at: 2)
        let outcome = try await registry.run(.job(["a": "one"])).prompts[0]
        #expect(outcome.status == .ok && outcome.removedVersions == [])
        let aliases = ["production": 2, "staging": 2].merging([alias: 2]) { $1 }
        #expect(registry.aliases(of: full("a")) == aliases)
        #expect(try await !registry.plan(.job(["a": "one"])).hasChanges)
    }

    /// A client that reads a version and registers it again may copy all of its tags.
    @Test func aVersionThatWasCopiedWithItsTagsStays() async throws {
        try await registry.run(.job(["a": "one"]))
        let first = try #require(registry.prompt(full("a"))?.newest)
        try await registry.run(.job(["a": "two"]))
        registry.register(VersionDraft(content: first.content, tags: first.tags), of: full("a"))
        #expect(try await registry.plan(.job(["a": "two"])).prompts[0].repetitions == [])
        try await registry.run(.job(["a": "two"]))
        #expect(registry.stored(full("a")).map(\.number) == [1, 2, 3, 4])
    }

    /// Another client copies the version whose answer this run waits for.
    @Test func aCopyThatIsMadeMeanwhileStays() async throws {
        registry.makeUncertain(full("a"))
        registry.when(.synchronize) { [registry] in
            guard let made = registry.prompt(full("a"))?.newest else { return }
            registry.register(
                VersionDraft(content: made.content, description: "Approved", tags: made.tags), of: full("a"))
        }
        let outcome = try await registry.run(.job(["a": "one"])).prompts[0]
        #expect(outcome.status == .ok && outcome.version == 1 && outcome.removedVersions == [])
        #expect(registry.stored(full("a")).map(\.number) == [1, 2])
    }

    // MARK: Numbers that cannot be true

    /// What was registered is looked up.
    @Test(arguments: [0, -1, 1, 2]) func aNumberThatCannotBeTrueIsNotBelieved(_ number: Int) async throws {
        for text in ["one", "two"] { try await registry.run(.job(["a": text])) }
        registry.say(number: number)
        let outcome = try await registry.run(.job(["a": "three"])).prompts[0]
        #expect(outcome.status == .ok && outcome.version == 3 && outcome.removedVersions == [])
        #expect(registry.aliases(of: full("a")) == ["production": 3, "staging": 3])
    }

    @Test func aNumberThatCannotBeTrueFailsWhereTheVersionIsNotFound() async throws {
        for text in ["one", "two"] { try await registry.run(.job(["a": text])) }
        registry.say(number: 1)
        registry.fail(.versions(full("a")))
        let outcome = try await registry.run(.job(["a": "three"])).prompts[0]
        #expect(outcome.status == .failed && outcome.error?.code == .corrupt)
        #expect(outcome.error?.message.contains("the number 1, though version 2 exists") == true)
        #expect(registry.aliases(of: full("a")) == ["production": 2, "staging": 2])
    }

    // MARK: Aliases

    /// Two runs of different commits that both create the prompts do not end with half of each.
    @Test func anAliasOfANewPromptThatSomethingElseMovedOnIsAConflict() async throws {
        registry.when(.setAlias("staging", full("a"), 1)) { [registry] in
            registry.place("production", of: full("a"), at: 2)
        }
        let outcome = try await registry.run(.job(["a": "one"])).prompts[0]
        #expect(outcome.status == .failed && outcome.error?.code == .conflict)
        #expect(registry.aliases(of: full("a")) == ["production": 2])
    }

    @Test func anAliasThatSomethingElseMovedIsAConflict() async throws {
        try await registry.run(.job(["a": "one", "b": "one"]))
        registry.when(.synchronize) { [registry] in registry.place("production", of: full("b"), at: nil) }
        let outcome = try await registry.run(.job(["a": "two", "b": "two"]))
        #expect(outcome.prompts.map(\.status) == [.ok, .failed])
        #expect(outcome.prompts[1].error?.code == .conflict)
        #expect(outcome.prompts[1].places == ["production": nil])
        #expect(registry.aliases(of: full("a")) == ["production": 1, "staging": 1])
        #expect(registry.aliases(of: full("b")) == ["staging": 1])
    }

    @Test func nothingMovesOfAGroupInWhichAnAliasIsElsewhere() async throws {
        try await registry.run(.job(["a": "one", "b": "one"]))
        registry.when(.synchronize) { [registry] in registry.place("production", of: full("b"), at: 7) }
        registry.clearCalls()
        let outcome = try await registry.run(.job(["a": "two", "b": "two"]), concurrency: 4)
        #expect(outcome.prompts.map(\.status) == [.ok, .failed])
        #expect(!registry.writes.contains(.setAlias("production", full("a"), 2)))
        #expect(try journal(full("a")) == [])
    }

    @Test func anAliasThatIsWhereItGoesIsLeftThere() async throws {
        try await registry.run(.job(["a": "one"]))
        registry.when(.synchronize) { [registry] in registry.place("production", of: full("a"), at: 2) }
        registry.clearCalls()
        let outcome = try await registry.run(.job(["a": "two"])).prompts[0]
        #expect(outcome.status == .ok && outcome.aliases == [.ok, .ok])
        #expect(!registry.writes.contains(.setAlias("production", full("a"), 2)))
        #expect(registry.aliases(of: full("a")) == ["production": 2, "staging": 2])
    }

    @Test func onlyAliasesThatAreWhereThisRunPutThemAreMovedBack() async throws {
        try await registry.run(.job(["a": "one", "b": "one"]))
        registry.when(.setAlias("staging", full("b"), 2)) { [registry] in
            registry.place("production", of: full("a"), at: 7)
        }
        registry.fail(.setAlias("staging", full("b"), 2))
        let outcome = try await registry.run(.job(["a": "two", "b": "two"]))
        #expect(outcome.prompts.map(\.status) == [.failed, .failed])
        #expect(outcome.prompts[0].aliases == [.failed, .restored])
        #expect(outcome.prompts[0].places == ["production": 7])
        #expect(registry.aliases(of: full("a")) == ["production": 7, "staging": 1])
        #expect(registry.aliases(of: full("b")) == ["production": 1, "staging": 1])
    }

    /// An attempt that takes effect late would undo what was moved back.
    @Test func aMoveThatMayStillTakeEffectIsNotToldAsTakenBack() async throws {
        try await registry.run(.job(["a": "one", "b": "one"]))
        registry.makeUncertain(full("a"))
        registry.fail(.setAlias("staging", full("b"), 2))
        let outcome = try await registry.run(.job(["a": "two", "b": "two"]))
        #expect(outcome.prompts[0].aliases == [.failed, .failed])
        #expect(outcome.prompts[0].places == ["production": 2, "staging": 2])
        #expect(outcome.prompts[0].error?.hint?.contains("it may point to version 2") == true)
        #expect(registry.aliases(of: full("a")) == ["production": 1, "staging": 1])
    }

    /// Another run of the same job found the alias where it goes, and reported that.
    @Test func anAliasThatAnotherRunReliesOnIsNotMovedBack() async throws {
        try await registry.run(.job(["a": "one", "b": "one"]))
        registry.when(.setAlias("staging", full("b"), 2)) { [self] in
            // That is what a run records that finds an alias in place.
            add(.init(alias: "production", from: 1, to: 2, at: "2026-01-01T00:00:00Z"), to: full("a"))
        }
        registry.fail(.setAlias("staging", full("b"), 2))
        let outcome = try await registry.run(.job(["a": "two", "b": "two"]))
        #expect(outcome.prompts.map(\.status) == [.ok, .failed])
        #expect(outcome.prompts[0].aliases == [.ok, .restored])
        #expect(registry.aliases(of: full("a")) == ["production": 2, "staging": 1])
        #expect(try journal(full("a")).map(\.at) == ["2026-01-01T00:00:00Z"])
    }

    /// Two runs that both create a prompt set its aliases at the same time. The one whose version was taken does not know
    /// of the other, but finds its entries; the other knows that it is not alone.
    @Test(arguments: [true, false]) func aFirstSettingThatAnotherRunReliesOnIsNotMovedBack(
        _ isTaken: Bool
    ) async throws {
        if isTaken {
            letAnotherRunRegister(
                "one", at: .createPrompt(full("a")), base: 0, tags: [RunMark.tag: "other-1"])
        }
        registry.when(.setAlias("staging", full("b"), 1)) { [self] in
            if isTaken { return }
            let entry = AliasLog.Entry(alias: "production", from: nil, to: 1, at: "2026-01-01T00:00:00Z")
            add(entry, to: full("a"))
        }
        registry.fail(.setAlias("staging", full("b"), 1))
        let outcome = try await registry.run(.job(["a": "one", "b": "one"]))
        #expect(outcome.prompts.map(\.status) == [.ok, .failed])
        #expect(outcome.prompts[0].version == 1)
        #expect(outcome.prompts[0].aliases == (isTaken ? [.ok, .ok] : [.ok, .restored]))
        #expect(registry.aliases(of: full("a"))["production"] == 1)
        #expect(registry.aliases(of: full("b")) == [:])
    }

    /// The run that made the version does not know of this one, and would move the aliases back if it failed.
    @Test(arguments: [true, false]) func theFirstSettingsOfARunThatTookAVersionAreRecorded(
        _ isNew: Bool
    ) async throws {
        var before = DesiredState.job(["a": "one"])
        before.prompts[0].aliases = []
        if !isNew { try await registry.run(before) }
        letAnotherRunRegister(
            "two", at: isNew ? .createPrompt(full("a")) : .createVersion(full("a")), base: isNew ? 0 : 1,
            tags: [RunMark.tag: "other-1"])
        let outcome = try await registry.run(.job(["a": "two"])).prompts[0]
        let version = isNew ? 1 : 2
        #expect(outcome.status == .ok && outcome.version == version)
        #expect(try journal(full("a")).map(\.alias).sorted() == ["production", "staging"])
        #expect(try journal(full("a")).allSatisfy { $0.from == nil && $0.to == version })
    }

    /// Two runs that make the same move at the same time leave one entry, that of the later one, and a rollback is one
    /// step.
    @Test func theSameMoveOfTwoRunsIsOneStep() async throws {
        try await registry.run(.job(["a": "one"]))
        registry.when(.setAlias("staging", full("a"), 2)) { [registry] in
            var log = AliasLog()
            log.add([AliasLog.Entry(alias: "production", from: 1, to: 2, at: "2026-01-01T00:00:00Z")])
            registry.setTag(AliasLog.tag, to: log.text(limit: 5000), of: full("a"))
        }
        try await registry.run(.job(["a": "two"]))
        let log = try AliasLog(of: #require(registry.prompt(full("a"))))
        #expect(log.entries.filter { $0.alias == "production" }.map(\.at) == ["2026-01-01T00:00:00Z"])
        #expect(log.steps(of: "production").map(\.version) == [1, 2])
    }

    @Test(arguments: [true, false]) func anAliasThatIsFoundInPlaceIsRecorded(_ isNew: Bool) async throws {
        if !isNew { try await registry.run(.job(["a": "one"])) }
        let version = isNew ? 1 : 2
        registry.when(.synchronize) { [registry] in
            registry.place("production", of: full("a"), at: version)
        }
        let outcome = try await registry.run(.job(["a": "two"])).prompts[0]
        #expect(outcome.aliases == [.ok, .ok])
        let entry = try #require(try journal(full("a")).first { $0.alias == "production" })
        #expect(entry.from == (isNew ? nil : 1) && entry.to == version)
    }

    /// Found in place, but moved back by another run before this one ended.
    @Test func anAliasThatAnotherRunMovesBackIsMovedAgain() async throws {
        try await registry.run(.job(["a": "one"]))
        registry.when(.synchronize) { [registry] in
            registry.place("production", of: full("a"), at: 2)
            registry.place("staging", of: full("a"), at: 2)
        }
        let changes = Atomic<Int>(0)
        registry.when(.observe) { [registry] in
            // After the plan: before the aliases move, and at the end.
            guard changes.add(1, ordering: .relaxed).newValue == 3 else { return }
            registry.place("production", of: full("a"), at: 1)
        }
        let outcome = try await registry.run(.job(["a": "two"])).prompts[0]
        #expect(outcome.status == .ok && outcome.places == [:])
        #expect(registry.aliases(of: full("a")) == ["production": 2, "staging": 2])
    }

    /// Moved on to somewhere else, though, it is left there.
    @Test func anAliasThatIsElsewhereAtTheEndIsAConflict() async throws {
        try await registry.run(.job(["a": "one"]))
        registry.when(.synchronize) { [registry] in registry.place("production", of: full("a"), at: 2) }
        registry.when(.setAlias("staging", full("a"), 2)) { [registry] in
            registry.place("production", of: full("a"), at: 7)
        }
        let outcome = try await registry.run(.job(["a": "two"])).prompts[0]
        #expect(outcome.status == .failed && outcome.error?.code == .conflict)
        #expect(outcome.places == ["production": 7])
        #expect(registry.aliases(of: full("a")) == ["production": 7, "staging": 1])
    }

    /// Writing the journal takes time, in which another client can move an alias.
    @Test func anAliasThatMovesWhileTheJournalIsWrittenIsAConflict() async throws {
        try await registry.run(.job(["a": "one"]))
        registry.when(.update(full("a"))) { [registry] in
            registry.place("production", of: full("a"), at: 7)
        }
        let outcome = try await registry.run(.job(["a": "two"])).prompts[0]
        #expect(outcome.status == .failed && outcome.error?.code == .conflict)
        #expect(registry.aliases(of: full("a")) == ["production": 7, "staging": 1])
    }

    @Test func aMoveWhoseAnswerWasLostIsFoundWhereEachPromptIsOnItsOwn() async throws {
        try await registry.run(.job(["a": "one"]))
        registry.loseAnswer(of: .setAlias("production", full("a"), 2))
        let job = DesiredState.job(["a": "two"], onError: .continue)
        let outcome = try await registry.run(job).prompts[0]
        #expect(outcome.status == .failed && outcome.aliases.first == .ok)
        #expect(registry.aliases(of: full("a"))["production"] == 2)
        #expect(try journal(full("a")).contains { $0.alias == "production" && $0.to == 2 })
    }

    // MARK: Tags

    /// What the job no longer names may be somebody else's by the time that it would be removed.
    @Test(arguments: ["theirs", "data", nil]) func aTagThatSomethingElseChangedIsNotRemoved(
        _ value: String?
    ) async throws {
        var job = DesiredState.job(["a": "one"])
        job.prompts[0].tags = ["team": "data", "tier": "1"]
        try await registry.run(job)
        job.prompts[0].tags = ["tier": "2"]
        let plan = try await registry.plan(job)
        registry.setTag("team", to: value, of: full("a"))
        let outcome = await Runner(registry: registry).run(plan).prompts[0]
        let isTheirs = value == "theirs"
        #expect(
            outcome.status == (isTheirs ? .failed : .ok)
                && outcome.error?.code == (isTheirs ? .conflict : nil))
        #expect(outcome.error?.message.contains("the tag 'team'") ?? !isTheirs)
        let tags = try #require(registry.prompt(full("a"))).tags
        #expect(tags["team"] == (isTheirs ? "theirs" : nil) && tags["tier"] == "2")
    }

    // MARK: The journal

    private static let theirs = AliasLog.Entry(
        alias: "canary", from: 1, to: 2, at: "2026-01-01T00:00:00Z", by: "them")

    private func addTheirs(_ name: String) { add(Self.theirs, to: name) }

    /// Adds an entry to a prompt's journal besides what the program does.
    private func add(_ entry: AliasLog.Entry, to name: String) {
        var log = AliasLog(continuing: registry.prompt(name)?.tags[AliasLog.tag])
        log.add([entry])
        registry.setTag(AliasLog.tag, to: log.text(limit: 5000), of: name)
    }

    private func journal(_ name: String) throws -> [AliasLog.Entry] {
        try AliasLog(of: #require(registry.prompt(name))).entries
    }

    @Test func entriesOfOthersStayInTheJournal() async throws {
        try await registry.run(.job(["a": "one"]))
        registry.when(.synchronize) { [self] in addTheirs(full("a")) }
        try await registry.run(.job(["a": "two"]))
        #expect(try journal(full("a")).map(\.alias) == ["production", "staging", "canary"])
    }

    @Test func entriesThatAnotherClientOverwroteAreAddedAgain() async throws {
        try await registry.run(.job(["a": "one"]))
        // Another client read the journal before this run wrote it, and writes its own now.
        registry.when(.setAlias("staging", full("a"), 2)) { [registry] in
            registry.setTag(AliasLog.tag, to: nil, of: full("a"))
            addTheirs(full("a"))
        }
        try await registry.run(.job(["a": "two"]))
        #expect(try journal(full("a")).map(\.alias) == ["production", "staging", "canary"])
    }

    /// The entry of a move that another client overtook would be taken for the latest one.
    @Test func aMoveThatSomethingElseOvertookIsNotInTheJournal() async throws {
        try await registry.run(.job(["a": "one"]))
        registry.when(.setAlias("staging", full("a"), 2)) { [registry] in
            registry.place("production", of: full("a"), at: 7)
        }
        registry.fail(.setAlias("staging", full("a"), 2))
        let outcome = try await registry.run(.job(["a": "two"])).prompts[0]
        #expect(outcome.status == .failed && registry.aliases(of: full("a"))["production"] == 7)
        #expect(try journal(full("a")) == [])
    }

    @Test func onlyThisRunsEntriesAreTakenOutOfTheJournal() async throws {
        try await registry.run(.job(["a": "one"]))
        registry.when(.setAlias("staging", full("a"), 2)) { [self] in addTheirs(full("a")) }
        registry.fail(.setAlias("staging", full("a"), 2))
        try await registry.run(.job(["a": "two"]))
        #expect(try journal(full("a")) == [Self.theirs])
    }
}
