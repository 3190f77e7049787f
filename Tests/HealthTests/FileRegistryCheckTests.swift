import Foundation
import Prompts
import Testing

@testable import FileRegistry
@testable import Health

/// The checks of a folder, which write nothing to it.
@Suite struct FileRegistryCheckTests {
    private typealias Results = [HealthCheckResult.Check: HealthCheckResult]

    /// The results; nothing of the registry may change, nor the folder that it is in.
    private func check(
        _ registry: TemporaryRegistry, fault: FileSystem.Fault? = nil
    ) async throws -> Results {
        let before = registry.tree()
        let check = FileRegistryCheck(path: registry.root) { path throws(RegistryError) in
            try FileRegistryInspection(path: path, fileSystem: FileSystem(fault: fault))
        }
        let results = await check.run(for: .unknown)
        #expect(results.map(\.check) == [.reachability, .layout, .reading, .writing, .space, .lock])
        #expect(registry.tree() == before)
        #expect(results.allSatisfy { $0.status != .fail || $0.hint != nil && $0.code != nil })
        return Dictionary(uniqueKeysWithValues: results.map { ($0.check, $0) })
    }

    @Test func aFolderThatThereIsNotYetWillBeMade() async throws {
        let registry = try TemporaryRegistry()
        let found = try await check(registry)
        #expect(found[.reachability]?.message.contains("the first run creates it") == true)
        #expect(found[.writing] == .ok(.writing, "'\(registry.folder)' can be written to"))
        #expect(found[.layout]?.status == .skip && found[.reading]?.status == .skip)
        #expect(found[.lock]?.status == .ok)
    }

    @Test func aFolderDeepBelowOneThatIsThereIsMadeInThatOne() async throws {
        let registry = try TemporaryRegistry()
        let results = await FileRegistryCheck(path: registry.root + "/b/c").run(for: .unknown)
        #expect(results.contains(.ok(.writing, "'\(registry.folder)' can be written to")))
    }

    @Test func aRegistryIsFine() async throws {
        let found = try await check(try await TemporaryRegistry(models: ["a", "b"]))
        #expect(found.values.allSatisfy { $0.status == .ok })
        #expect(found[.layout]?.message == "MLflow's file store with 2 registered models")
    }

    @Test(arguments: [
        ("aliases/production", "7", "points to version 7, which does not exist"),
        ("aliases/production", "one", "does not contain a version number"),
        ("aliases/production", "", "does not contain a version number"),
    ])
    func aPromptThatNoCommandCouldReadIsTold(file: String, content: String, problem: String) async throws {
        let registry = try await TemporaryRegistry(models: ["a", "b"])
        try registry.makeFolder("models/b/aliases")
        try registry.write(content, to: "models/b/\(file)")
        let found = try #require(try await check(registry)[.reading])
        #expect(found.status == .fail && found.message.contains(problem), "\(found)")
    }

    @Test func anEmptyFolderIsFine() async throws {
        let registry = try TemporaryRegistry()
        try registry.makeFolder("")
        let found = try await check(registry)
        #expect(found.values.allSatisfy { $0.status == .ok })
    }

    @Test func whatIsNoRegistryIsNone() async throws {
        let registry = try TemporaryRegistry()
        try registry.write("x", to: "notes.txt")
        let found = try await check(registry)
        #expect(found[.reachability]?.code == .notARegistry)
        #expect(found.values.count { $0.status == .skip } == 5)
    }

    @Test func aFolderThatMLflowStumblesOverIsTold() async throws {
        let registry = try await TemporaryRegistry(models: ["a"])
        for name in ["x4", "x1", "x3", "x2"] { try registry.makeFolder("models/\(name)") }
        try registry.write("no model", to: "models/notes.txt")
        let layout = try #require(try await check(registry)[.layout])
        #expect(layout.status == .warn)
        #expect(layout.message.contains("'x1', 'x2', 'x3' and 1 more have no meta.yaml"))
        for name in ["x4", "x3", "x2"] { try registry.remove("models/\(name)") }
        let one = try await check(registry)[.layout]
        #expect(one?.message.contains("'x1' has no meta.yaml") == true)
    }

    @Test func linksToModelsAreNotFollowed() async throws {
        let registry = try await TemporaryRegistry(models: ["a"])
        let manager = FileManager.default
        try manager.createSymbolicLink(
            atPath: registry.path("models/c"), withDestinationPath: "nowhere")
        let layout = try await check(registry)[.layout]
        #expect(layout?.message == "MLflow's file store with 1 registered model")
        try manager.createSymbolicLink(
            atPath: registry.path("models/b"), withDestinationPath: registry.path("models/a"))
        let linked = try await check(registry)[.layout]
        #expect(linked?.status == .fail)
        #expect(linked?.message.contains("models/b' is a symbolic link") == true)
    }

    @Test(arguments: ["", "/models", "/.promptreg.lock"])
    func whatMayNotBeWrittenToIsTold(below: String) async throws {
        let registry = try await TemporaryRegistry(models: ["a"])
        let path = registry.root + below
        let found = try await check(registry) { $0 == .write && $1 == path ? EROFS : nil }
        #expect(found[.writing]?.code == .permissionDenied)
        #expect(found[.writing]?.hint == "its filesystem is mounted read-only")
        #expect(found[.reading]?.status == .ok)
    }

    @Test func whatMayNotBeReadIsTold() async throws {
        let registry = try await TemporaryRegistry(models: ["a"])
        let models = registry.path("models")
        let found = try await check(registry) { attempt, path in
            path == models && (attempt == .read || attempt == .list) ? EACCES : nil
        }
        #expect(found[.reading]?.code == .permissionDenied && found[.layout]?.status == .skip)
    }

    @Test func aRunThatIsUnderWayIsTold() async throws {
        let registry = try await TemporaryRegistry(models: ["a"])
        let run = FileRegistry(path: registry.root)
        try await run.beginRun(onWait: {})
        let lock = try #require(try await check(registry)[.lock])
        #expect(lock.status == .warn && lock.hint?.contains("waits") == true)
        try await run.endRun()
        #expect(try await check(registry)[.lock]?.message == "no other run is in progress")
        try registry.makeFolder(".promptreg.trash")
        let left = try await check(registry)[.lock]
        #expect(left?.status == .ok && left?.message.contains("cleans up") == true)
    }

    @Test func aCheckHoldsNobodyUp() async throws {
        let registry = try await TemporaryRegistry(models: ["a"])
        _ = try await check(registry)
        let run = FileRegistry(path: registry.root)
        try await run.beginRun(onWait: { Issue.record("nobody is to be waited for") })
        try await run.endRun()
    }
}

@Suite struct FreeSpaceTests {
    @Test(arguments: [
        (nil, nil, HealthCheckResult.Status.skip), (0, nil, .fail), (1 << 40, 0, .fail),
        (50 << 20, nil, .warn),
        (1 << 40, 10, .warn), (1 << 40, nil, .ok), (1 << 40, 1 << 20, .ok),
    ])
    func littleIsTold(bytes: Int?, files: Int?, status: HealthCheckResult.Status) {
        let result = FreeSpace(bytes: bytes, files: files).result
        #expect(result.status == status && (result.hint != nil) == (status == .fail || status == .warn))
        #expect((result.code == .storageFull) == (status == .fail))
    }

    @Test(arguments: [
        (5 << 10, "5 KiB"), (7 << 20, "7 MiB"), (12 << 30, "12 GiB"), (11 << 40, "11 TiB"),
        (Int.max, "8388607 TiB"),
    ])
    func roomIsToldInFewDigits(bytes: Int, text: String) {
        #expect(FreeSpace(bytes: bytes, files: nil).result.message.contains("\(text) left"))
    }

    @Test func theFilesystemTells() {
        #expect((FreeSpace(of: "/").bytes ?? 0) > 0)
        #expect(FreeSpace(of: "/nowhere/at/all") == FreeSpace(bytes: nil, files: nil))
    }
}
