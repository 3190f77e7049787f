import Foundation
import Prompts
import Synchronization
import Testing

@testable import FileRegistry

/// A prompt that cannot be written, and what it does to the runs after the one that tried.
@Suite struct UnwritablePromptTests {
    private let stuck = "m.s.prompt_stuck"
    private let other = "m.s.prompt_other"

    /// What denies all changes below a prompt's folder.
    private func denying(_ name: String, in registry: TemporaryRegistry) -> FileSystem.Fault {
        let folder = registry.path("models/\(name)/")
        let changes: Set<FileSystem.Attempt> = [.create, .write, .rename, .remove]
        return { attempt, path in changes.contains(attempt) && path.hasPrefix(folder) ? EACCES : nil }
    }

    private func twoPrompts() async throws -> TemporaryRegistry {
        let registry = try TemporaryRegistry()
        for name in [stuck, other] { try registry.writeMLflowPrompt(name) }
        try await registry.run { _ in }
        return registry
    }

    @Test func failsItsOwnWriteAndNothingElse() async throws {
        let registry = try await twoPrompts()
        let opened = registry.open(fault: denying(stuck, in: registry))
        try await opened.beginRun(onWait: {})
        #expect(
            await errorCode { _ = try await opened.createVersion(of: stuck, .text("2")) } == .permissionDenied
        )
        #expect(
            await errorCode { try await opened.moveAlias("a", of: stuck, from: nil, to: 1) }
                == .permissionDenied)
        // It was told of once.
        try await opened.endRun()
        for _ in 0..<2 {
            try await opened.beginRun(onWait: {})
            try await opened.moveAlias("a", of: other, from: nil, to: 1)
            try await opened.endRun()
            try await opened.beginRun(onWait: {})
            try await opened.endRun()
        }
        #expect(try await registry.observe(other)?.aliases == ["a": 1, "production": 1])
        try await registry.run { _ in }
        #expect(!registry.tree().contains { $0.contains(".trash") || $0.contains(".promptreg-") })
    }

    @Test func leavesNothingToLaterRunsWhenNothingWasWritten() async throws {
        let registry = try await twoPrompts()
        let before = registry.tree()
        let folder = registry.path("models/\(stuck)/")
        // As the system does: what does not exist can be removed all the same.
        let opened = registry.open { attempt, path in
            attempt == .create && path.hasPrefix(folder) ? EACCES : nil
        }
        try await opened.beginRun(onWait: {})
        #expect(
            await errorCode { _ = try await opened.createVersion(of: stuck, .text("2")) } == .permissionDenied
        )
        try await opened.endRun()
        #expect(registry.tree() == before)
    }

    @Test func isFinishedByTheFirstRunThatCan() async throws {
        let registry = try await twoPrompts()
        let changed = registry.open { [meta = registry.path("models/\(stuck)/meta.yaml")] attempt, path in
            attempt == .rename && path == meta ? EACCES : nil
        }
        try await changed.beginRun(onWait: {})
        try await changed.moveAlias("a", of: stuck, from: nil, to: 1)
        try await changed.moveAlias("a", of: other, from: nil, to: 1)
        // Nobody has been told of this yet.
        #expect(await errorCode { try await changed.endRun() } == .permissionDenied)
        #expect(try registry.read("models/\(other)/meta.yaml").contains("aliases:\n  a: '1'\n  production"))
        #expect(try registry.read(".promptreg.trash/prompts").split(separator: "\n") == [stuck[...]])

        try registry.write("half", to: "models/\(stuck)/.promptreg-x-1/meta.yaml")
        let denied = registry.open(fault: denying(stuck, in: registry))
        try await denied.beginRun(onWait: {})
        _ = try await denied.createPrompt(PromptDraft(name: "new"), firstVersion: .text("1"))
        try await denied.endRun()
        #expect(try registry.read(".promptreg.trash/prompts").split(separator: "\n") == [stuck[...]])

        try await registry.run { _ in }
        #expect(try registry.read("models/\(stuck)/meta.yaml").contains("aliases:\n  a: '1'\n  production"))
        #expect(!registry.tree().contains { $0.contains(".trash") || $0.contains(".promptreg-") })
    }

    /// NFS and FUSE keep a file that is open under another name, so that its folder cannot be removed.
    @Test func nothingIsRemovedWhileItIsOpen() async throws {
        let registry = try await twoPrompts()
        let open = Mutex<Set<String>>([])
        try await registry.run { _ in }
        let opened = registry.open { attempt, path in
            guard attempt == .remove else { return nil }
            let descriptors = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
            let files = descriptors.compactMap {
                try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")
            }
            var status = stat()
            let isFile = lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
            if isFile, files.contains(path) { open.withLock { _ = $0.insert(path) } }
            return nil
        }
        try await opened.beginRun(onWait: {})
        try await opened.moveAlias("a", of: stuck, from: nil, to: 1)
        try await opened.endRun()
        #expect(open.withLock { $0 } == [])
        #expect(!registry.tree().contains { $0.contains(".trash") })
    }

    @Test func isReportedAgainByARunThatChangesIt() async throws {
        let registry = try await twoPrompts()
        try registry.write(stuck + "\n", to: ".promptreg.trash/prompts")
        let opened = registry.open { [meta = registry.path("models/\(stuck)/meta.yaml")] attempt, path in
            attempt == .rename && path == meta ? EACCES : nil
        }
        try await opened.beginRun(onWait: {})
        try await opened.moveAlias("a", of: stuck, from: nil, to: 1)
        #expect(await errorCode { try await opened.endRun() } == .permissionDenied)
    }

    @Test func doesNotKeepOthersFromBeingFinished() async throws {
        let registry = try await twoPrompts()
        let names = (0..<40).map { "p\($0)" }
        for name in names {
            try registry.writeMLflowPrompt(name)
            try registry.write("1", to: "models/\(name)/aliases/a")
        }
        try registry.write((names + [stuck]).joined(separator: "\n") + "\n", to: ".promptreg.trash/prompts")
        let opened = registry.open(fault: denying(stuck, in: registry))
        try await opened.beginRun(onWait: {})
        try await opened.endRun()
        for name in names { #expect(try registry.read("models/\(name)/meta.yaml").contains("a: '1'")) }
        #expect(try registry.read(".promptreg.trash/prompts").split(separator: "\n") == [stuck[...]])
    }

    @Test(arguments: [EACCES, EIO])
    func isNotInTheWayAsALeftoverOfANewPrompt(_ number: Int32) async throws {
        let registry = try await twoPrompts()
        try registry.write("x", to: ".promptreg.trash/1/meta.yaml")
        let leftover = registry.path(".promptreg.trash/1")
        let opened = registry.open { attempt, path in
            attempt == .remove && path.hasPrefix(leftover) ? number : nil
        }
        try await opened.beginRun(onWait: {})
        _ = try await opened.createPrompt(PromptDraft(name: "new"), firstVersion: .text("1"))
        try await opened.endRun()
        #expect(try await registry.observe("new")?.newest?.number == 1)
        try await registry.run { _ in }
        #expect(!registry.exists(".promptreg.trash"))
    }

    @Test func isForgottenWhenItIsNoFolderAnyMore() async throws {
        let registry = try await twoPrompts()
        try registry.remove("models/\(stuck)")
        try registry.write("x", to: "models/\(stuck)")
        try registry.write(stuck + "\n", to: ".promptreg.trash/prompts")
        try await registry.run { _ in }
        #expect(!registry.exists(".promptreg.trash"))
    }
}

/// A registry that can only be read.
@Suite struct UnwritableRegistryTests {
    private let old = "m.s.prompt_old"

    /// What denies all changes, and so the lock's file where it is missing or is to be written.
    private func denyingAll(_ number: Int32) -> FileSystem.Fault {
        let reads: Set<FileSystem.Attempt> = [.open, .list, .read]
        return { attempt, _ in reads.contains(attempt) ? nil : number }
    }

    /// Checks that every call that would write is refused with one error, and that the others work.
    private func expectReadOnly(_ opened: FileRegistry, _ path: String) async throws {
        #expect(try await opened.observe([old])[old]?.newest?.number == 2)
        let changes = MetadataChanges(description: "d")
        let calls: [(FileRegistry) async throws -> Void] = [
            { _ = try await $0.createPrompt(PromptDraft(name: "p"), firstVersion: .text("x")) },
            { [old] in _ = try await $0.createVersion(of: old, .text("x")) },
            { [old] in try await $0.update(old, changes) },
            { [old] in try await $0.moveAlias("a", of: old, from: nil, to: 1) },
            { [old] in try await $0.moveAlias("production", of: old, from: nil, to: nil) },
        ]
        for call in calls {
            let refusal = await error { try await call(opened) }
            #expect(refusal?.code == .permissionDenied)
            #expect(refusal?.message.contains("'\(path)'") == true)
            #expect(refusal?.hint != nil)
        }
        try await opened.synchronize()
        try await opened.endRun()
        // The run is over.
        #expect(await errorCode { try await opened.moveAlias("a", of: old, from: nil, to: 1) } == .failed)
    }

    @Test(arguments: [EACCES, EROFS, EPERM])
    func isOpenToRunsWithNothingToDo(_ number: Int32) async throws {
        let registry = try TemporaryRegistry()
        try registry.writeMLflowPrompt()
        let before = registry.tree()
        let opened = registry.open(fault: denyingAll(number))
        try await opened.beginRun(onWait: {})
        try await expectReadOnly(opened, registry.path(".promptreg.lock"))
        #expect(registry.tree() == before)
    }

    @Test(arguments: [EACCES, EROFS])
    func keepsRunsApartWhereItHasALock(_ number: Int32) async throws {
        let registry = try TemporaryRegistry()
        try registry.writeMLflowPrompt()
        try await registry.run { _ in }
        let writing = registry.open()
        try await writing.beginRun(onWait: {})
        let denial = denyingAll(number)
        let (locks, waits) = (Counter(), Counter())
        // The lock's file cannot be opened for writing; all that follows is open to whoever can read it.
        let opened = registry.open { attempt, path in
            let isAllowed = attempt == .lock && locks.add() > 1 || path.hasSuffix("/models")
            return isAllowed ? nil : denial(attempt, path)
        }
        let reading = Task { try await opened.beginRun(onWait: { waits.add() }) }
        while waits.value == 0 { try await Task.sleep(for: .milliseconds(5)) }
        try await writing.endRun()
        try await reading.value

        let next = Task { await errorCode { try await registry.open().beginRun(onWait: { waits.add() }) } }
        while waits.value == 1 { try await Task.sleep(for: .milliseconds(5)) }
        next.cancel()
        #expect(await next.value == .failed)
        try await expectReadOnly(opened, registry.path(".promptreg.trash"))
        try await registry.run { _ in }
    }

    /// NFS locks no file that is open for reading only.
    @Test func isReadWithoutALockWhereThatNeedsAWritableFile() async throws {
        let registry = try TemporaryRegistry()
        try registry.writeMLflowPrompt()
        try await registry.run { _ in }
        let calls = Counter()
        let opened = registry.open { attempt, _ in
            guard attempt == .lock else { return nil }
            return calls.add() == 1 ? EROFS : EBADF
        }
        try await opened.beginRun(onWait: {})
        try await expectReadOnly(opened, registry.path(".promptreg.lock"))
    }

    @Test func isAnErrorWhereThereIsNoRegistryYet() async throws {
        for folders in [[], [""], [".trash"]] {
            let registry = try TemporaryRegistry()
            for folder in folders { try registry.makeFolder(folder) }
            let opened = registry.open(fault: denyingAll(EACCES))
            #expect(await errorCode { try await opened.beginRun(onWait: {}) } == .permissionDenied)
            #expect(await errorCode { try await opened.moveAlias("a", of: old, from: nil, to: 1) } == .failed)
        }
    }

    @Test func isNotTakenForOneWhenTheDiskIsFull() async throws {
        let registry = try TemporaryRegistry()
        try registry.writeMLflowPrompt()
        let opened = registry.open(fault: denyingAll(ENOSPC))
        #expect(await errorCode { try await opened.beginRun(onWait: {}) } == .storageFull)
    }
}
