import Execution
import Jobs
import Prompts
import RegistryFixtures
import Testing

@testable import Planning

/// Planning large jobs from lists of what has their tag.
@Suite struct ListedPlanTests {
    private let registry = InMemoryRegistry(observedAtOnce: 10, pageSize: 7)

    /// A job of so many prompts.
    private func job(_ count: Int, text: String = "one") -> DesiredState {
        var job = DesiredState.job(["p0": text])
        job.prompts = (0..<count).map { number in
            var prompt = job.prompts[0]
            prompt.name = "p\(number)"
            prompt.fullName = full("p\(number)")
            return prompt
        }
        return job
    }

    private func plan(
        _ job: DesiredState, keepsContent: Bool = false
    ) async throws -> (plan: Plan, orphans: Planner.Orphans) {
        registry.clearCalls()
        return try await Planner().planWithOrphans(job, in: registry, keepsContent: keepsContent)
    }

    @Test func aLargeJobIsPlannedFromListsAlone() async throws {
        try await registry.run(job(30))
        let wanted = job(30, text: "two")
        let (plan, orphans) = try await plan(wanted)
        #expect(registry.calls == Array(repeating: .list, count: 5))
        #expect(try orphans.get().isEmpty)
        #expect(plan.prompts.count == 30 && plan.prompts.allSatisfy { $0.action == .update })
        #expect(try await plan == registry.plan(wanted))
    }

    @Test(arguments: [false, true])
    func whatLeftTheJobIsOnTheLists(_ keepsContent: Bool) async throws {
        try await registry.run(job(30))
        let (plan, orphans) = try await plan(job(25), keepsContent: keepsContent)
        #expect(!plan.hasChanges && plan.prompts.count == 25)
        #expect(!registry.calls.contains(.observe))
        let found = try orphans.get()
        #expect(found.map(\.name) == (25..<30).map { full("p\($0)") })
        #expect(found.allSatisfy { $0.aliases == ["production": 1, "staging": 1] })
        #expect(found.allSatisfy { ($0.newest != nil) == keepsContent })
    }

    @Test func whatIsOnNoListIsAskedForByName() async throws {
        try await registry.run(job(30))
        var untagged = job(40)
        untagged.provenance = false
        try await registry.run(untagged)
        let wanted = job(45)
        let (plan, _) = try await plan(wanted)
        #expect(registry.calls == Array(repeating: .list, count: 5) + [.observe, .observe])
        #expect(plan.prompts.map(\.name) == wanted.prompts.map(\.name))
        #expect(plan.prompts.prefix(40).allSatisfy { $0.action == .unchanged })
        #expect(plan.prompts.suffix(5).allSatisfy { $0.action == .create })
    }

    @Test func aSmallJobIsAskedForByName() async throws {
        try await registry.run(job(20))
        let (plan, orphans) = try await plan(job(8))
        #expect(!plan.hasChanges && !registry.calls.contains(.list))
        #expect(try orphans.get().count == 12)
    }

    @Test func aRegistryWithoutSuchListsIsAskedForNames() async throws {
        let registry = InMemoryRegistry()
        try await registry.run(job(30))
        registry.clearCalls()
        let (plan, orphans) = try await Planner().planWithOrphans(job(25), in: registry, keepsContent: true)
        #expect(!plan.hasChanges && registry.calls.contains(.names))
        #expect(try orphans.get().count == 5)
    }

    @Test func aListThatFailsLeavesTheJobToBeAskedFor() async throws {
        try await registry.run(job(30))
        registry.fail(.list, .permissionDenied)
        let (plan, orphans) = try await plan(job(25))
        #expect(!plan.hasChanges && plan.prompts.count == 25)
        #expect(registry.calls == [.list, .observe, .observe])
        let error = #expect(throws: RegistryError.self) { try orphans.get() }
        #expect(error?.code == .permissionDenied)
    }

    @Test func nothingMoreIsAskedOfARegistryThatDoesNotAnswer() async throws {
        try await registry.run(job(30))
        registry.fail(.list, .unreachable)
        let error = await #expect(throws: RegistryError.self) { _ = try await plan(job(25)) }
        #expect(error?.code == .unreachable && registry.calls == [.list])
    }

    @Test func namesThatDifferInCaseAreNoOrphans() async throws {
        try await registry.run(job(30))
        var wanted = job(30)
        wanted.prompts[3].fullName = full("P3")
        let (plan, orphans) = try await plan(wanted)
        #expect(plan.prompts[3].action == .create)
        #expect(try orphans.get().isEmpty)
    }

    @Test func orphansAreObservedInBoundedParts() async throws {
        try await registry.run(job(40))
        registry.clearCalls()
        #expect(try await OrphanSearch(in: registry).find(job(5), keepsContent: false).count == 35)
        #expect(registry.calls == [.names] + Array(repeating: .observe, count: 4))
    }
}
