import FoundationEssentials
import Jobs
import Planning
import Prompts
import RegistryFixtures
import Support
import Synchronization
import Testing

@testable import Execution

/// Runs of one job at once, of which one fails: it moves back nothing that another one relies on.
@Suite struct RunsAtOnceTests {
    private let registry = InMemoryRegistry()

    /// Registers versions, and moves no alias.
    private func register(_ templates: KeyValuePairs<String, String>) async throws {
        var job = DesiredState.job(templates)
        for index in job.prompts.indices { job.prompts[index].aliases = [] }
        try await registry.run(job)
    }

    private func journal(_ name: String) throws -> [AliasLog.Entry] {
        try AliasLog(of: #require(registry.prompt(name))).entries
    }

    /// Adds an entry to a prompt's journal besides what the program does.
    private func add(_ entry: AliasLog.Entry, to name: String) {
        var log = AliasLog(continuing: registry.prompt(name)?.tags[AliasLog.tag])
        log.add([entry])
        registry.setTag(AliasLog.tag, to: log.text(limit: 5000), of: name)
    }

    /// A run of the same job that has moved an alias of prompt a, and is still at work.
    private func letAnotherRunMove(_ alias: String, from: Int? = 1, to: Int, secondsAgo: Double = 1) {
        registry.place(alias, of: full("a"), at: to)
        let time = (Date() - secondsAgo).timestamp
        add(AliasLog.Entry(alias: alias, from: from, to: to, at: time, job: "job"), to: full("a"))
    }

    private func foundAt(_ alias: String) throws -> String? {
        try AliasLog(of: #require(registry.prompt(full("a")))).last(alias)?.foundAt
    }

    /// What a run reports to be in place must not be moved back by the run that moved it: found before the plan or after.
    @Test(arguments: [true, false]) func aRunThatSucceedsNotesWhatItReliesOn(_ isPlanned: Bool) async throws {
        try await registry.run(.job(["a": "one", "b": "one"]))
        try await register(["a": "two", "b": "two"])
        if isPlanned { letAnotherRunMove("production", to: 2) }
        registry.when(.synchronize) { [self] in if !isPlanned { letAnotherRunMove("production", to: 2) } }
        let outcome = try await registry.run(.job(["a": "two", "b": "two"]))
        #expect(outcome.prompts.allSatisfy { $0.status == .ok })
        // Of prompt a, production was set by the other run, and planned to be only where that came after the plan.
        let set = outcome.prompts.map { prompt in
            prompt.aliases.indices.filter(prompt.isSetByAnotherRun).map { prompt.planned.aliases[$0].alias }
        }
        #expect(set == [isPlanned ? [] : ["production"], []])
        #expect(try foundAt("production") != nil && foundAt("staging") == nil)
        // The next run has nothing to note.
        try await registry.run(.job(["a": "two", "b": "three"]))
        let journal = try journal(full("a"))
        #expect(journal.count == 2 && registry.aliases(of: full("a")) == ["production": 2, "staging": 2])
    }

    @Test func whatWasMovedLongAgoIsNotNoted() async throws {
        try await registry.run(.job(["a": "one"]))
        try await register(["a": "two"])
        letAnotherRunMove("production", to: 2, secondsAgo: 1000)
        try await registry.run(.job(["a": "two"]))
        #expect(try foundAt("production") == nil)
    }

    /// A move that is in the journal and was not made: by a run that was stopped, or one that is about to make it.
    @Test(arguments: [(1000.0, 1), (1, 2)])
    func aMoveThatIsLongOverdueIsTakenBackInTheJournal(_ secondsAgo: Double, _ end: Int) async throws {
        try await registry.run(.job(["a": "one"]))
        let time = (Date() - secondsAgo).timestamp
        add(AliasLog.Entry(alias: "production", from: 1, to: 2, at: time, job: "job"), to: full("a"))
        let outcome = try await registry.run(.job(["a": "one"])).prompts[0]
        #expect(outcome.status == .ok && outcome.planned.drift.map(\.isUndone) == [true])
        let last = try #require(try journal(full("a")).first)
        #expect(last.alias == "production" && last.to == end)
        #expect(registry.aliases(of: full("a")) == ["production": 1, "staging": 1])
    }

    @Test func anAliasThatSomethingElsePutWhereItIsWantedIsNoDriftAfterwards() async throws {
        try await registry.run(.job(["a": "one"]))
        try await registry.run(.job(["a": "two"]))
        add(AliasLog.Entry(alias: "production", from: 2, to: 1, at: "2026-01-01T00:00:00Z"), to: full("a"))
        let drift = try await registry.run(.job(["a": "two"])).prompts[0].planned.drift
        #expect(drift.map(\.alias) == ["production"])
        #expect(try await registry.run(.job(["a": "two"])).prompts[0].planned.drift.isEmpty)
        let steps = try AliasLog(of: #require(registry.prompt(full("a")))).steps(of: "production")
        #expect(steps.map(\.version) == [1, 2, 1, 2])
    }

    /// A run makes the move that the journal tells of: the alias was set back by hand since, again and again.
    @Test(arguments: [true, false]) func aMoveThatIsMadeAgainIsRecordedAgain(_ isAtOnce: Bool) async throws {
        let job = DesiredState.job(["a": "two"], onError: isAtOnce ? .hold : .continue)
        try await registry.run(.job(["a": "one"]))
        try await registry.run(job)
        for _ in 1...3 {
            registry.place("production", of: full("a"), at: 1)
            try await registry.run(job)
        }
        let moves = try journal(full("a")).filter { $0.alias == "production" }
        #expect(moves.map(\.to) == [2, 2, 2, 2] && Set(moves.map(\.at)).count == 4)
        // Of the last ones it is known that they were made, as the journal told of such a move before.
        #expect(moves.map { $0.foundAt != nil } == [true, true, true, false])
        let log = try AliasLog(of: #require(registry.prompt(full("a"))))
        #expect(log.steps(of: "production").map(\.version) == [1, 2])
    }

    /// A run that fails takes back what it recorded, and nothing that was there before.
    @Test func aMoveThatIsMadeAgainAndMovedBackLeavesTheEarlierOne() async throws {
        try await registry.run(.job(["a": "one", "b": "one"]))
        try await registry.run(.job(["a": "two", "b": "two"]))
        let before = try journal(full("a"))
        for name in ["a", "b"] { registry.place("production", of: full(name), at: 1) }
        registry.fail(.setAlias("production", full("b"), 2))
        let plan = try await registry.plan(.job(["a": "two", "b": "two"]))
        let outcome = await Runner(registry: registry, concurrency: 1).run(plan)
        #expect(outcome.prompts.map(\.status) == [.ok, .failed])
        #expect(registry.aliases(of: full("a"))["production"] == 1)
        #expect(try journal(full("a")) == before)
    }

    /// Another client overwrites the journal with what it had read before this run wrote.
    @Test func aMoveThatIsMadeAgainAndLostFromTheJournalIsAddedAgain() async throws {
        try await registry.run(.job(["a": "one"]))
        try await registry.run(.job(["a": "two"]))
        registry.place("production", of: full("a"), at: 1)
        let before = registry.prompt(full("a"))?.tags[AliasLog.tag]
        registry.when(.setAlias("production", full("a"), 2)) { [registry] in
            registry.setTag(AliasLog.tag, to: before, of: full("a"))
        }
        try await registry.run(.job(["a": "two"]))
        #expect(try journal(full("a")).filter { $0.alias == "production" }.count == 2)
    }

    @Test func anAliasThatWasMovedBackAfterThePlanIsMovedAgain() async throws {
        try await registry.run(.job(["a": "one"]))
        try await register(["a": "two"])
        letAnotherRunMove("production", to: 2)
        registry.when(.setAlias("staging", full("a"), 2)) { [registry] in
            registry.place("production", of: full("a"), at: 1)
            registry.setTag(AliasLog.tag, to: nil, of: full("a"))
        }
        let outcome = try await registry.run(.job(["a": "two"])).prompts[0]
        #expect(outcome.status == .ok && outcome.aliases == [.ok, .ok])
        #expect(outcome.planned.aliases.map(\.action) == [.move, .move])
        #expect(registry.aliases(of: full("a")) == ["production": 2, "staging": 2])
        #expect(try journal(full("a")).map(\.alias).sorted() == ["production", "staging"])
    }

    /// Another run finds production in place, and succeeds, before this one fails at the next prompt.
    @Test func aRunThatFailsLeavesWhatAnotherRunReliesOn() async throws {
        try await registry.run(.job(["a": "one", "b": "one"]))
        registry.when(.setAlias("production", full("b"), 2)) { [registry] in
            var log = AliasLog(continuing: registry.prompt(full("a"))?.tags[AliasLog.tag])
            log.markFound("production", at: Date().timestamp)
            registry.setTag(AliasLog.tag, to: log.text(limit: 5000), of: full("a"))
        }
        registry.fail(.setAlias("production", full("b"), 2))
        let job = DesiredState.job(["a": "two", "b": "two"])
        let plan = try await registry.plan(job)
        let outcome = await Runner(registry: registry, concurrency: 1).run(plan)
        #expect(outcome.prompts.map(\.status) == [.ok, .failed])
        #expect(outcome.prompts[0].aliases == [.ok, .restored])
        #expect(registry.aliases(of: full("a")) == ["production": 2, "staging": 1])
        #expect(try journal(full("a")).map(\.alias) == ["production"])
    }

    /// Two runs make the same moves, and both fail: the one that recorded them last moves them back, though it took the
    /// other's version, and the other's entries do not come back.
    @Test func whereBothFailNothingStaysMoved() async throws {
        try await registry.run(.job(["a": "one", "b": "one"]))
        let content = PromptContent(kind: .text, template: "two")
        let key = VersionKey(content, of: full("a"), job: "job", base: 1)
        registry.when(.createVersion(full("a"))) { [registry] in
            let tags = [VersionKey.tag: key.text, RunMark.tag: "other-1"]
            registry.register(VersionDraft(content: content, tags: tags), of: full("a"))
        }
        registry.when(.synchronize) { [self] in
            // The other run has recorded its move, and has not made it yet.
            let time = (Date() - 1).timestamp
            add(AliasLog.Entry(alias: "production", from: 1, to: 2, at: time, job: "job"), to: full("a"))
        }
        registry.fail(.setAlias("production", full("b"), 2))
        let plan = try await registry.plan(.job(["a": "two", "b": "two"]))
        let outcome = await Runner(registry: registry, concurrency: 1).run(plan)
        #expect(outcome.prompts[0].aliases == [.restored, .restored])
        #expect(registry.aliases(of: full("a")) == ["production": 1, "staging": 1])
        #expect(try journal(full("a")).isEmpty)
    }

    /// A move that another run has built upon was made, and stays in the journal.
    @Test func aMoveThatAnotherRunHasBuiltUponStaysRecorded() async throws {
        try await registry.run(.job(["a": "one", "b": "one"]))
        registry.when(.setAlias("production", full("b"), 2)) { [self] in
            registry.place("production", of: full("a"), at: 3)
            let time = (Date() + 1).timestamp
            add(AliasLog.Entry(alias: "production", from: 2, to: 3, at: time, job: "job"), to: full("a"))
        }
        registry.fail(.setAlias("production", full("b"), 2))
        let plan = try await registry.plan(.job(["a": "two", "b": "two"]))
        let outcome = await Runner(registry: registry, concurrency: 1).run(plan)
        #expect(outcome.prompts[1].status == .failed)
        #expect(registry.aliases(of: full("a")) == ["production": 3, "staging": 1])
        #expect(try journal(full("a")).map { [$0.from, $0.to] } == [[2, 3], [1, 2]])
    }

    /// The first aliases of a new prompt are in no journal: that of another prompt tells of the other run.
    @Test(arguments: [true, false]) func theFirstAliasesStayWhereAnotherRunHasJoined(_ isJoined: Bool)
        async throws
    {
        try await registry.run(.job(["b": "one"]))
        registry.when(.setAlias("production", full("c"), 1)) { [self] in
            guard isJoined else { return }
            let time = (Date() + 1).timestamp
            add(AliasLog.Entry(alias: "staging", from: 1, to: 2, at: time, job: "job"), to: full("b"))
        }
        registry.fail(.setAlias("production", full("c"), 1))
        let plan = try await registry.plan(.job(["a": "new", "b": "two", "c": "new"]))
        let outcome = await Runner(registry: registry, concurrency: 1).run(plan)
        #expect(outcome.prompts.map(\.status).contains(.failed))
        #expect(registry.aliases(of: full("a")).isEmpty == !isJoined)
    }

    /// One that is moved back while this run looks is moved again; where the other does not go on, it has ended.
    @Test(.timeLimit(.minutes(2)), arguments: [true, false])
    func whatAnotherRunIsMovingBackIsWaitedFor(_ goesOn: Bool) async throws {
        try await registry.run(.job(["a": "one", "b": "one"]))
        try await register(["a": "two", "b": "two"])
        letAnotherRunMove("production", to: 2)
        let mark = "\(Date().timestamp) other-1"
        registry.setTag(AliasLog.movingBackTag, to: mark, of: full("a"))
        if goesOn {
            Task { [self] in
                while try foundAt("production") == nil { try await Task.sleep(for: .milliseconds(1)) }
                try await Task.sleep(for: .seconds(1))
                registry.place("production", of: full("a"), at: 1)
                registry.setTag(AliasLog.movingBackTag, to: nil, of: full("a"))
            }
        }
        let outcome = try await registry.run(.job(["a": "two", "b": "two"]))
        #expect(outcome.prompts.allSatisfy { $0.status == .ok })
        #expect(registry.aliases(of: full("a")) == ["production": 2, "staging": 2])
        #expect(registry.prompt(full("a"))?.tags[AliasLog.movingBackTag] == nil)
        #expect(registry.writes.contains(.setAlias("production", full("a"), 2)) == goesOn)
    }

    /// Others are told before an alias is moved back, and that it has been.
    @Test func othersAreToldThatAnAliasIsMovedBack() async throws {
        try await registry.run(.job(["a": "one", "b": "one"]))
        let told = Mutex<String?>(nil)
        registry.when(.setAlias("production", full("a"), 1)) { [registry] in
            told.withLock { $0 = registry.prompt(full("a"))?.tags[AliasLog.movingBackTag] }
        }
        registry.fail(.setAlias("production", full("b"), 2))
        let plan = try await registry.plan(.job(["a": "two", "b": "two"]))
        let outcome = await Runner(registry: registry, concurrency: 1).run(plan)
        #expect(outcome.prompts[0].aliases == [.restored, .restored])
        #expect(told.withLock(\.self) != nil)
        #expect(registry.prompt(full("a"))?.tags[AliasLog.movingBackTag] == nil)
    }

    /// What a run that was stopped has left open, another one has completed: there is nothing to take back.
    @Test func nothingIsTakenBackOnceAllIsInPlace() async throws {
        try await registry.run(.job(["a": "one", "b": "one"]))
        let interruption = Interruption()
        registry.when(.setAlias("production", full("a"), 2)) { [registry] in
            interruption.request(15)
            for name in ["a", "b"] {
                for alias in ["production", "staging"] { registry.place(alias, of: full(name), at: 2) }
            }
        }
        let plan = try await registry.plan(.job(["a": "two", "b": "two"]))
        let outcome = await Runner(registry: registry, concurrency: 1, interruption: interruption).run(plan)
        #expect(outcome.prompts.allSatisfy { $0.aliases == [.ok, .ok] })
        #expect(registry.aliases(of: full("a")) == ["production": 2, "staging": 2])
    }
}
