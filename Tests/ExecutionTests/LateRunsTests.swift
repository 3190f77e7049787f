import FoundationEssentials
import Jobs
import Planning
import Prompts
import RegistryFixtures
import Support
import Synchronization
import Testing

@testable import Execution

/// Runs of one job at once that are told late of each other: what one has reported with success, no other moves back.
@Suite struct LateRunsTests {
    private let registry = InMemoryRegistry()
    private let aliases = ["production", "staging"]

    /// Does something once, the first time that a call is made after some others.
    private func once(
        _ call: InMemoryRegistry.Call, after others: Int = 0, _ work: @escaping @Sendable () -> Void
    ) {
        let count = Counter()
        registry.when(call) { if count.next() == others { work() } }
    }

    private final class Counter: Sendable {
        private let count = Mutex(0)

        /// How many times this was asked for before.
        func next() -> Int {
            count.withLock { count in
                defer { count += 1 }
                return count
            }
        }
    }

    private func place(_ names: String..., at version: Int) {
        for name in names {
            for alias in aliases { registry.place(alias, of: full(name), at: version) }
        }
    }

    private func journal(_ name: String) throws -> [AliasLog.Entry] {
        try AliasLog(of: #require(registry.prompt(full(name)))).entries
    }

    private func mark(_ name: String) -> String? { registry.prompt(full(name))?.tags[AliasLog.movingBackTag] }

    private func set(_ log: AliasLog, of name: String) {
        registry.setTag(AliasLog.tag, to: log.text(limit: 5000), of: full(name))
    }

    /// Notes in the journal of prompt a that a run has found production, as one does that succeeds.
    private func noteFound() {
        var log = AliasLog(continuing: registry.prompt(full("a"))?.tags[AliasLog.tag])
        log.markFound("production", at: Date().timestamp)
        set(log, of: "a")
    }

    private func otherMove(_ alias: String, secondsAgo: Double = 1) -> AliasLog.Entry {
        AliasLog.Entry(alias: alias, from: 1, to: 2, at: (Date() - secondsAgo).timestamp, job: "job")
    }

    /// Two prompts that are registered, and a run of the edited job whose move of the second one's production fails.
    private func runThatFails(_ code: RegistryError.Code = .failed) async throws -> RunOutcome {
        registry.fail(.setAlias("production", full("b"), 2), code)
        return try await registry.run(.job(["a": "two", "b": "two"]))
    }

    private func register() async throws { try await registry.run(.job(["a": "one", "b": "one"])) }

    /// Another run has looked at its moves for the last time when this one's journal arrives, over its own.
    @Test func whatAnotherRunMovedBeforeThisOneRecordedItIsNotMovedBack() async throws {
        try await register()
        once(.update(full("a"))) { [self] in place("a", at: 2) }
        let outcome = try await runThatFails()
        #expect(outcome.prompts.map(\.status) == [.ok, .failed])
        #expect(outcome.prompts[0].aliases == [.ok, .ok])
        #expect(registry.aliases(of: full("a")) == ["production": 2, "staging": 2])
        #expect(registry.aliases(of: full("b")) == ["production": 1, "staging": 1])
        #expect(try journal("a").isEmpty)
    }

    /// Where its entries are seen, they come back.
    @Test func theEntriesOfARunThatMovedFirstComeBack() async throws {
        try await register()
        let moves = aliases.map { otherMove($0) }
        registry.when(.synchronize) { [self] in set(AliasLog(entries: moves), of: "a") }
        once(.update(full("a"))) { [self] in place("a", at: 2) }
        _ = try await runThatFails()
        #expect(registry.aliases(of: full("a")) == ["production": 2, "staging": 2])
        #expect(try journal("a") == moves)
    }

    /// All is where it should be, though this run was refused: another has done it, and may have succeeded.
    @Test func nothingIsMovedBackThatAnotherRunHasCompleted() async throws {
        try await register()
        registry.when(.setAlias("production", full("b"), 2)) { [self] in place("a", "b", at: 2) }
        let outcome = try await runThatFails()
        #expect(outcome.prompts.map(\.status) == [.ok, .failed])
        #expect(outcome.prompts.allSatisfy { $0.aliases == [.ok, .ok] })
        #expect(registry.aliases(of: full("a")) == ["production": 2, "staging": 2])
        #expect(mark("a") == nil && mark("b") == nil)
    }

    /// What is sent to move an alias back may take effect later: others go on waiting for it.
    @Test(arguments: [true, false]) func othersAreToldForAsLongAsAnAliasMayMoveBack(_ isLost: Bool)
        async throws
    {
        try await register()
        let call = InMemoryRegistry.Call.setAlias("production", full("a"), 1)
        if isLost { registry.loseAnswer(of: call) }
        registry.when(call) { [registry] in if !isLost { registry.makeUncertain(full("a")) } }
        let outcome = try await runThatFails()
        #expect(outcome.prompts[0].aliases[0] == (isLost ? .failed : .restored))
        #expect(mark("a") != nil && mark("b") == nil)
    }

    /// What two runs that fail tell of one prompt stands side by side.
    @Test func theMarkOfAnotherRunThatFailsStays() async throws {
        try await register()
        let other = "\(Date().timestamp) other-1"
        let told = Counter()
        once(.setAlias("production", full("b"), 2)) { [self] in
            registry.setTag(AliasLog.movingBackTag, to: other, of: full("a"))
        }
        registry.when(.setAlias("production", full("a"), 1)) { [self] in
            if mark("a")?.hasSuffix(",\(other)") == true { _ = told.next() }
        }
        let outcome = try await runThatFails()
        #expect(outcome.prompts[0].aliases == [.restored, .restored])
        #expect(told.next() == 1)
        #expect(mark("a") == other && mark("b") == nil)
    }

    /// What another run wrote over at the same moment is told again, before anything is moved back.
    @Test func aMarkThatAnotherRunWroteOverIsToldAgain() async throws {
        try await register()
        let other = "\(Date().timestamp) other-1"
        once(.setAlias("production", full("b"), 2)) { [self] in
            once(.update(full("a"))) {
                once(.observe) { registry.setTag(AliasLog.movingBackTag, to: other, of: full("a")) }
            }
        }
        registry.when(.setAlias("production", full("a"), 1)) { [self] in
            if mark("a")?.hasSuffix(",\(other)") != true { Issue.record("not told") }
        }
        let outcome = try await runThatFails()
        #expect(outcome.prompts[0].aliases == [.restored, .restored])
        #expect(mark("a") == other)
    }

    /// An answer without what this run has just written is older than that, and than what others wrote before.
    @Test func whoReliesOnAnAliasIsNotReadFromACache() async throws {
        try await register()
        once(.setAlias("production", full("b"), 2)) { [self] in
            once(.update(full("a"))) {
                registry.freeze(full("a"), times: 2)
                noteFound()
            }
        }
        let outcome = try await runThatFails()
        #expect(outcome.prompts[0].aliases == [.ok, .restored])
        #expect(registry.aliases(of: full("a")) == ["production": 2, "staging": 1])
    }

    /// That a third run has found an alias does not stop one that looked before.
    @Test(.timeLimit(.minutes(1))) func whatAThirdRunHasFoundMayStillBeMovedBack() async throws {
        try await register()
        try await registry.run(.job(["a": "two", "b": "two"]))
        var log = AliasLog(entries: aliases.map { otherMove($0) })
        for alias in aliases { log.markFound(alias, at: Date().timestamp) }
        set(log, of: "a")
        registry.setTag(AliasLog.movingBackTag, to: "\(Date().timestamp) other-1", of: full("a"))
        Task { [self] in
            try await Task.sleep(for: .seconds(1))
            registry.place("production", of: full("a"), at: 1)
            registry.setTag(AliasLog.movingBackTag, to: nil, of: full("a"))
        }
        let outcome = try await registry.run(.job(["a": "two", "b": "two"]))
        #expect(outcome.prompts.allSatisfy { $0.status == .ok })
        try await Task.sleep(for: .seconds(1.5))
        #expect(registry.aliases(of: full("a")) == ["production": 2, "staging": 2])
    }

    /// Whose answer was lost is noted, too, where another run recorded the same move.
    @Test func aMoveWhoseAnswerWasLostIsNotedWhereAnotherRunMadeIt() async throws {
        try await registry.run(.job(["a": "one"]))
        registry.loseAnswer(of: .setAlias("staging", full("a"), 2))
        once(.setAlias("staging", full("a"), 2)) { [self] in
            set(AliasLog(entries: aliases.map { otherMove($0) }), of: "a")
        }
        let outcome = try await registry.run(.job(["a": "two"])).prompts[0]
        #expect(outcome.status == .ok && outcome.aliases == [.ok, .ok])
        #expect(try journal("a").first { $0.alias == "staging" }?.foundAt != nil)
    }

    /// Other runs record a move again and again, so that this one never knows whether it stays.
    @Test func whatIsNeverSettledIsNoSuccess() async throws {
        try await registry.run(.job(["a": "one"]))
        let count = Counter()
        registry.when(.observe) { [self] in
            let number = count.next()
            guard registry.aliases(of: full("a"))["staging"] == 2 else { return }
            set(AliasLog(entries: aliases.map { otherMove($0, secondsAgo: 100 - Double(number)) }), of: "a")
        }
        let outcome = try await registry.run(.job(["a": "two"])).prompts[0]
        #expect(outcome.status == .failed && outcome.error?.code == .conflict)
        #expect(registry.aliases(of: full("a")) == ["production": 2, "staging": 2])
    }

    /// The registry says that it has moved an alias, and does so later, or never.
    @Test(arguments: [true, false]) func aMoveThatIsNotSeenYetIsLookedForAgain(_ comes: Bool) async throws {
        try await registry.run(.job(["a": "one"]))
        registry.ignore(.setAlias("production", full("a"), 2))
        let count = Counter()
        registry.when(.observe) { [registry] in
            // After the plan, and the looks before and right after the move.
            if registry.aliases(of: full("a"))["staging"] == 2, count.next() == 2, comes {
                registry.place("production", of: full("a"), at: 2)
            }
        }
        let outcome = try await registry.run(.job(["a": "two"])).prompts[0]
        #expect(outcome.status == (comes ? .ok : .failed))
        #expect(outcome.aliases == (comes ? [.ok, .ok] : [.failed, .restored]))
        #expect(comes || outcome.error?.hint?.contains("it may point to version 2") == true)
    }
}
