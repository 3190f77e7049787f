import Foundation
import Prompts
import Testing

@testable import FileRegistry

@Suite struct LockTests {
    @Test func letsOneRunInAtATime() async throws {
        let registry = try TemporaryRegistry()
        let first = registry.open()
        try await first.beginRun(onWait: { Issue.record("nobody is to be waited for") })
        let waits = Counter()
        let second = Task {
            let second = registry.open()
            try await second.beginRun(onWait: { waits.add() })
            // The first run's prompt is there: it was let in after that run's end.
            let number = try await second.createVersion(of: "p", .text("two"))
            try await second.endRun()
            return number
        }
        while waits.value == 0 { try await Task.sleep(for: .milliseconds(5)) }
        _ = try await first.createPrompt(PromptDraft(name: "p"), firstVersion: .text("one"))
        try await first.endRun()
        #expect(try await second.value.number == 2)
        #expect(waits.value == 1)
        #expect(registry.exists(".promptreg.lock"))
    }

    @Test func stopsWaitingWhenCancelled() async throws {
        let registry = try TemporaryRegistry()
        let first = registry.open()
        try await first.beginRun(onWait: {})
        let waits = Counter()
        let second = Task { await errorCode { try await registry.open().beginRun(onWait: { waits.add() }) } }
        while waits.value == 0 { try await Task.sleep(for: .milliseconds(5)) }
        second.cancel()
        #expect(await second.value == .failed)
        try await first.endRun()
    }

    @Test func isFreedByTheDeathOfItsHolder() async throws {
        let registry = try TemporaryRegistry()
        try registry.makeFolder("models")
        let holder = Process()
        holder.executableURL = URL(fileURLWithPath: "/usr/bin/flock")
        holder.arguments = [
            "--exclusive", "--no-fork", registry.path(".promptreg.lock"), "sh", "-c", "echo; read x",
        ]
        let (input, output) = (Pipe(), Pipe())
        holder.standardInput = input
        holder.standardOutput = output
        try holder.run()
        // It holds the lock as soon as it says so.
        _ = output.fileHandleForReading.availableData
        let waits = Counter()
        let run = Task { try await registry.open().beginRun(onWait: { waits.add() }) }
        while waits.value == 0 { try await Task.sleep(for: .milliseconds(5)) }
        kill(holder.processIdentifier, SIGKILL)
        try await run.value
        holder.waitUntilExit()
    }

    @Test(.timeLimit(.minutes(1))) func isNotInheritedByOtherProcesses() async throws {
        let registry = try TemporaryRegistry()
        let first = registry.open()
        try await first.beginRun(onWait: {})
        let other = Process()
        other.executableURL = URL(fileURLWithPath: "/bin/sh")
        other.arguments = ["-c", "read x"]
        let input = Pipe()
        other.standardInput = input
        try other.run()
        try await first.endRun()
        // A process that another test is starting may have it for a moment; this one has it for good, or not.
        try await registry.open().beginRun(onWait: {})
        try input.fileHandleForWriting.close()
        other.waitUntilExit()
    }

    @Test func isTakenAnewWhenTheRegistryWasRemovedMeanwhile() async throws {
        let registry = try TemporaryRegistry()
        let first = registry.open()
        try await first.beginRun(onWait: {})
        let waits = Counter()
        let second = Task {
            let second = registry.open()
            try await second.beginRun(onWait: { waits.add() })
            return second
        }
        while waits.value == 0 { try await Task.sleep(for: .milliseconds(5)) }
        try registry.remove(".promptreg.lock")
        try await first.endRun()
        let held = try await second.value
        let third = Task { await errorCode { try await registry.open().beginRun(onWait: { waits.add() }) } }
        while waits.value == 1 { try await Task.sleep(for: .milliseconds(5)) }
        third.cancel()
        #expect(await third.value == .failed)
        try await held.endRun()
    }
}
