import Glibc
import Jobs
import Prompts
import RegistryFixtures
import Synchronization
import Testing

@testable import Execution

@Suite struct RunnerTests {
    let registry = InMemoryRegistry()

    @Test func aRunRegistersThenMovesAliases() async throws {
        let outcome = try await registry.run(.job(["a": "one", "b": "two"]))
        #expect(
            registry.writes == [
                .createPrompt(full("a")), .createPrompt(full("b")),
                .setAlias("production", full("a"), 1), .setAlias("staging", full("a"), 1),
                .setAlias("production", full("b"), 1), .setAlias("staging", full("b"), 1),
            ])
        #expect(outcome.prompts.map(\.status) == [.ok, .ok])
        #expect(outcome.prompts.map(\.version) == [1, 1])
        let synchronize = try #require(registry.calls.firstIndex(of: .synchronize))
        let firstAlias = try #require(registry.calls.firstIndex(of: .setAlias("production", full("a"), 1)))
        #expect(synchronize < firstAlias)
    }

    @Test func aSecondRunWritesNothing() async throws {
        try await registry.run(.job(["a": "one", "b": "two"]))
        registry.clearCalls()
        let outcome = try await registry.run(.job(["a": "one", "b": "two"]))
        #expect(registry.writes == [])
        #expect(outcome.prompts.map(\.status) == [.ok, .ok])
        #expect(outcome.prompts.map(\.version) == [1, 1])
    }

    @Test func newVersionsCarryProvenanceAndTags() async throws {
        var job = DesiredState.job(["a": "one"])
        job.prompts[0].tags = ["team": "x"]
        let provenance = Provenance(
            commit: "abc", repositoryPaths: ["prompts/a.md": "sub/prompts/a.md"],
            changedPaths: ["prompts/a.md"])
        try await registry.run(job, provenance: provenance)
        #expect(
            registry.stored(full("a"))[0].tags == [
                "team": "x", "promptreg_tags": "team", "promptreg_job": "job",
                "promptreg_source": "sub/prompts/a.md", "promptreg_commit": "abc", "promptreg_dirty": "true",
            ])
    }

    @Test func provenanceCanBeTurnedOff() async throws {
        var job = DesiredState.job(["a": "one"])
        job.provenance = false
        job.prompts[0].tags = ["team": "x"]
        try await registry.run(
            job, provenance: Provenance(commit: "abc", repositoryPaths: [:], changedPaths: []))
        #expect(registry.stored(full("a"))[0].tags == ["team": "x"])
    }

    // MARK: Hold

    @Test func oneFailureHoldsEveryAlias() async throws {
        registry.fail(.createPrompt(full("b")), .permissionDenied)
        let outcome = try await registry.run(.job(["a": "one", "b": "two", "c": "three"]))
        #expect(outcome.prompts.map(\.status) == [.ok, .failed, .ok])
        #expect(outcome.prompts.map(\.aliases) == Array(repeating: [.held, .held], count: 3))
        #expect(outcome.prompts[1].error?.code == .permissionDenied)
        #expect(registry.aliases(of: full("a")) == [:])
        registry.heal()
        let again = try await registry.run(.job(["a": "one", "b": "two", "c": "three"]))
        #expect(again.prompts.map(\.status) == [.ok, .ok, .ok])
        #expect(registry.stored(full("a")).count == 1)
        #expect(registry.aliases(of: full("a")) == ["production": 1, "staging": 1])
    }

    @Test func aFailedAliasMoveTakesTheOthersBack() async throws {
        try await registry.run(.job(["a": "one", "b": "one"]))
        try await registry.moveAlias("staging", of: full("a"), from: nil, to: nil)
        registry.fail(.setAlias("staging", full("b"), 2))
        let outcome = try await registry.run(.job(["a": "two", "b": "two"]))
        #expect(outcome.prompts.map(\.status) == [.ok, .failed])
        #expect(outcome.prompts[0].aliases == [.restored, .restored])
        #expect(outcome.prompts[1].aliases == [.restored, .failed])
        #expect(registry.aliases(of: full("a")) == ["production": 1])
        #expect(registry.aliases(of: full("b")) == ["production": 1, "staging": 1])
    }

    @Test func aMoveWhoseAnswerWasLostIsTakenBackToo() async throws {
        try await registry.run(.job(["a": "one", "b": "one", "c": "one"]))
        try await registry.moveAlias("staging", of: full("b"), from: nil, to: nil)
        for lost in ["production", "staging"] {
            registry.loseAnswer(of: .setAlias(lost, full("b"), 2))
            let outcome = try await registry.run(.job(["a": "two", "b": "two", "c": "two"]))
            #expect(outcome.prompts.map(\.status) == [.ok, .failed, .ok])
            #expect(outcome.prompts[0].aliases == [.restored, .restored])
            #expect(outcome.prompts[1].aliases.contains(.failed))
            #expect(outcome.prompts[1].places == [:])
            #expect(registry.aliases(of: full("a")) == ["production": 1, "staging": 1])
            #expect(registry.aliases(of: full("b")) == ["production": 1])
            registry.heal()
        }
    }

    /// Another run may have seen all aliases in place, and succeeded.
    @Test func aLostMoveThatCompletedTheReleaseIsASuccess() async throws {
        try await registry.run(.job(["a": "one", "b": "one"]))
        registry.loseAnswer(of: .setAlias("staging", full("b"), 2))
        let outcome = try await registry.run(.job(["a": "two", "b": "two"]))
        #expect(outcome.prompts.allSatisfy { $0.status == .ok && $0.error == nil })
        #expect(outcome.prompts.allSatisfy { $0.aliases == [.ok, .ok] })
        #expect(registry.aliases(of: full("b")) == ["production": 2, "staging": 2])
    }

    @Test func aLostMoveThatCannotBeTakenBackIsReportedWithItsCause() async throws {
        try await registry.run(.job(["a": "one", "b": "one"]))
        registry.loseAnswer(of: .setAlias("staging", full("a"), 2))
        registry.fail(.setAlias("staging", full("a"), 1), .permissionDenied)
        registry.fail(.setAlias("staging", full("b"), 2))
        let outcome = try await registry.run(.job(["a": "two", "b": "two"])).prompts[0]
        #expect(outcome.aliases == [.restored, .failed])
        #expect(outcome.places == ["staging": 2])
        #expect(outcome.error?.code == .unreachable)
        #expect(outcome.error?.message.contains("was lost; then the alias 'staging' could not be") == true)
        #expect(outcome.error?.hint?.contains("it may point to version 2") == true)
    }

    @Test func aJournalWhoseAnswerWasLostIsTakenBackToo() async throws {
        try await registry.run(.job(["a": "one"]))
        let tags = registry.prompt(full("a"))?.tags
        registry.loseAnswer(of: .update(full("a")))
        let outcome = try await registry.run(.job(["a": "two"])).prompts[0]
        #expect(outcome.status == .failed && outcome.aliases == [.held, .held])
        #expect(registry.prompt(full("a"))?.tags == tags)
        #expect(registry.aliases(of: full("a")) == ["production": 1, "staging": 1])
    }

    @Test func aFailedMoveHoldsWhatWasNotBegun() async throws {
        registry.fail(.setAlias("production", full("a"), 1))
        let outcome = try await registry.run(.job(["a": "one", "b": "two"]))
        #expect(outcome.prompts[0].aliases == [.failed, .held])
        #expect(outcome.prompts[1].aliases == [.held, .held])
        #expect(outcome.prompts.map(\.status) == [.failed, .ok])
    }

    @Test func aRestoreThatFailsIsReported() async throws {
        try await registry.run(.job(["a": "one", "b": "one"]))
        registry.fail(.setAlias("production", full("b"), 2))
        registry.fail(.setAlias("staging", full("a"), 1))
        let outcome = try await registry.run(.job(["a": "two", "b": "two"]))
        #expect(outcome.prompts[0].aliases == [.restored, .failed])
        #expect(outcome.prompts[0].status == .failed)
        #expect(outcome.prompts[0].places == ["staging": 2])
        #expect(outcome.prompts[0].error?.message.contains("back to version 1") == true)
        #expect(registry.aliases(of: full("a")) == ["production": 1, "staging": 2])
    }

    @Test func anAliasThatCannotBeTakenAwayAgainIsReported() async throws {
        registry.fail(.setAlias("production", full("b"), 1))
        registry.fail(.deleteAlias("staging", full("a")))
        let outcome = try await registry.run(.job(["a": "one", "b": "one"]))
        #expect(outcome.prompts[0].aliases == [.restored, .failed])
        #expect(outcome.prompts[0].error?.message.contains("removed again") == true)
    }

    @Test func aRegistryThatCannotBeMadeDurableHoldsTheAliases() async throws {
        registry.fail(.synchronize, .storageFull)
        let outcome = try await registry.run(.job(["a": "one"]))
        #expect(outcome.error?.code == .storageFull)
        #expect(outcome.prompts[0].aliases == [.held, .held])
        #expect(registry.aliases(of: full("a")) == [:])
    }

    // MARK: Continue

    @Test func continueMovesTheAliasesOfWhatSucceeded() async throws {
        registry.fail(.createPrompt(full("b")))
        let outcome = try await registry.run(
            .job(["a": "one", "b": "two", "c": "three"], onError: .continue))
        #expect(outcome.prompts.map(\.status) == [.ok, .failed, .ok])
        #expect(outcome.prompts.map(\.aliases) == [[.ok, .ok], [.held, .held], [.ok, .ok]])
        #expect(registry.aliases(of: full("c")) == ["production": 1, "staging": 1])
    }

    @Test func continueKeepsMovesWhenOneFails() async throws {
        registry.fail(.setAlias("production", full("a"), 1))
        let outcome = try await registry.run(.job(["a": "one", "b": "two"], onError: .continue))
        #expect(outcome.prompts.map(\.aliases) == [[.failed, .ok], [.ok, .ok]])
        #expect(outcome.prompts.map(\.status) == [.failed, .ok])
    }

    @Test func continueLeavesNoJournalOfMovesThatWereNotBegun() async throws {
        try await registry.run(.job(["a": "one"]))
        let tags = registry.prompt(full("a"))?.tags
        registry.loseAnswer(of: .update(full("a")))
        let outcome = try await registry.run(.job(["a": "two"], onError: .continue)).prompts[0]
        #expect(outcome.status == .failed && outcome.aliases == [.held, .held])
        #expect(registry.prompt(full("a"))?.tags == tags)
    }

    // MARK: Time to clear up

    /// What a run that is to fail tells of aliases, in short.
    private func events(_ templates: KeyValuePairs<String, String>, onError: OnError = .hold) async throws
        -> [String]
    {
        let told = Mutex<[String]>([])
        let plan = try await registry.plan(.job(templates, onError: onError))
        _ = await Runner(registry: registry, concurrency: 1) { event in
            switch event {
            case .registered: break
            case .aliasesMoved: told.withLock { $0.append("moved") }
            case .movingAliasesBack(let count): told.withLock { $0.append("restoring \(count)") }
            case .cleaningUp: told.withLock { $0.append("time") }
            }
        }.run(plan)
        return told.withLock { $0 }
    }

    @Test func eachPromptThatIsPutBackGivesTimeForTheNext() async throws {
        try await registry.run(.job(["a": "one", "b": "one", "c": "one"]))
        registry.fail(.setAlias("staging", full("c"), 2))
        let told = try await events(["a": "two", "b": "two", "c": "two"])
        // For each prompt that the others are told of, for the look at all of them, and for each that is put back.
        let times = Array(repeating: "time", count: 3 + 1 + 1 + 3)
        #expect(told == ["moved", "moved", "moved", "restoring 5"] + times)
    }

    @Test func aPromptThatCannotBePutBackGivesNone() async throws {
        try await registry.run(.job(["a": "one", "b": "one"]))
        registry.fail(.setAlias("staging", full("b"), 2))
        for name in ["a", "b"] { registry.fail(.setAlias("production", full(name), 1)) }
        let told = try await events(["a": "three", "b": "three"])
        #expect(told == ["moved", "moved", "restoring 3"] + Array(repeating: "time", count: 2 + 1 + 1))
    }

    /// Else those that are still to be moved would use up the time, and more and more of it.
    @Test func continuePutsJournalsRightWhenAllElseIsDone() async throws {
        try await registry.run(.job(["a": "one", "b": "one", "c": "one"]))
        for name in ["a", "b"] { registry.fail(.setAlias("staging", full(name), 2)) }
        let told = try await events(["a": "two", "b": "two", "c": "two"], onError: .continue)
        #expect(told == ["moved", "moved", "moved", "time", "time", "time"])
        let log = try AliasLog(of: try #require(registry.prompt(full("a"))))
        #expect(log.entries.map(\.alias) == ["production"])
    }

    // MARK: Fail fast, concurrency, interruption

    @Test(arguments: OnError.allCases)
    func failFastBeginsNothingMore(onError: OnError) async throws {
        registry.fail(.createPrompt(full("a")))
        let outcome = try await registry.run(
            .job(["a": "one", "b": "two"], onError: onError), failFast: true)
        #expect(outcome.prompts.map(\.status) == [.failed, .notRun])
        #expect(outcome.prompts[1].version == nil)
        #expect(registry.writes == [.createPrompt(full("a"))])
    }

    @Test func failFastStopsAliasMovesToo() async throws {
        registry.fail(.setAlias("production", full("a"), 1))
        let job = DesiredState.job(["a": "one", "b": "two"], onError: .continue)
        let outcome = try await registry.run(job, failFast: true)
        #expect(outcome.prompts.map(\.aliases) == [[.failed, .held], [.held, .held]])
    }

    @Test(arguments: [1, 3, 8])
    func noMoreThanTheLimitAreWorkedOnAtATime(limit: Int) async throws {
        var job = DesiredState.job([:])
        for index in 0..<40 { job.prompts += DesiredState.job(["p\(index)": "x"]).prompts }
        try await registry.run(job, concurrency: limit)
        #expect(registry.mostRunning <= limit)
        #expect(job.prompts.allSatisfy { registry.stored($0.fullName).count == 1 })
    }

    @Test func anInterruptionFinishesWhatHasBegunAndHoldsTheAliases() async throws {
        let interruption = Interruption()
        registry.when(.createPrompt(full("b"))) { interruption.request(SIGINT) }
        let outcome = try await registry.run(
            .job(["a": "one", "b": "two", "c": "three"]), interruption: interruption)
        #expect(outcome.prompts.map(\.status) == [.ok, .ok, .notRun])
        #expect(outcome.prompts.map(\.aliases) == Array(repeating: [.held, .held], count: 3))
        #expect(registry.aliases(of: full("a")) == [:])
    }

    @Test func anInterruptionWhileAliasesMoveTakesThemBack() async throws {
        let interruption = Interruption()
        registry.when(.setAlias("staging", full("a"), 1)) { interruption.request(SIGTERM) }
        let outcome = try await registry.run(.job(["a": "one", "b": "two"]), interruption: interruption)
        #expect(outcome.prompts.map(\.aliases) == [[.restored, .restored], [.held, .held]])
        #expect(registry.aliases(of: full("a")) == [:])
        #expect(interruption.signal == SIGTERM)
    }

    @Test func anInterruptionAfterTheLastMoveKeepsThem() async throws {
        let interruption = Interruption()
        registry.when(.setAlias("staging", full("b"), 1)) { interruption.request(SIGTERM) }
        let outcome = try await registry.run(.job(["a": "one", "b": "two"]), interruption: interruption)
        #expect(outcome.prompts.map(\.aliases) == [[.ok, .ok], [.ok, .ok]])
    }

    @Test func anInterruptionCancelsWhatMayBeGivenUp() async throws {
        let interruption = Interruption()
        async let cancelled = interruption.cancelling {
            while !Task.isCancelled { await Task.yield() }
            return true
        }
        #expect(interruption.request(SIGINT))
        #expect(!interruption.request(SIGTERM))
        #expect(await cancelled)
        #expect(await interruption.cancelling { Task.isCancelled })
    }

    @Test func aFailedUpdateKeepsTheVersionThatWasMade() async throws {
        var job = DesiredState.job(["a": "one"])
        try await registry.run(job)
        job = .job(["a": "two"])
        job.prompts[0].description = "New"
        registry.fail(.update(full("a")))
        let outcome = try await registry.run(job)
        #expect(outcome.prompts[0].status == .failed)
        #expect(outcome.prompts[0].version == 2)
        registry.heal()
        let again = try await registry.run(job)
        #expect(again.prompts[0].status == .ok)
        #expect(registry.stored(full("a")).count == 2)
        #expect(registry.aliases(of: full("a")) == ["production": 2, "staging": 2])
    }
}
