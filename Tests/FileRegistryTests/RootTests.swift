import Foundation
import Prompts
import Testing

@testable import FileRegistry

@Suite struct RootTests {
    @Test func saysWhereItIs() throws {
        let registry = FileRegistry(path: "/srv/mlruns")
        #expect(registry.address == "file:/srv/mlruns")
        #expect(registry.requestCount == 0)
    }

    @Test func makesItsFolderWhenARunBegins() async throws {
        let registry = try TemporaryRegistry()
        let opened = FileRegistry(path: registry.root + "/deep/er")
        try await opened.beginRun(onWait: {})
        try await opened.endRun()
        let made = [".promptreg.lock", "0", "0/meta.yaml", "models"].map { "deep/er/" + $0 }
        #expect(registry.tree() == ["deep", "deep/er"] + made)
    }

    @Test func refusesWhatIsNoRegistryAndWritesNothing() async throws {
        let file = try TemporaryRegistry()
        try Data().write(to: URL(fileURLWithPath: file.root))
        let home = try TemporaryRegistry()
        try home.write("# mine", to: "src/main.py")
        let models = try TemporaryRegistry()
        try models.write("x", to: "models")
        for registry in [file, home, models] {
            let before = registry.tree()
            let failure = try #require(await error { _ = try await registry.observe("a") })
            #expect(failure.code == .notARegistry)
            #expect(failure.hint != nil)
            #expect(await errorCode { try await registry.open().beginRun(onWait: {}) } == .notARegistry)
            #expect(registry.tree() == before)
        }
        let below = FileRegistry(path: file.root + "/below")
        #expect(await errorCode { try await below.beginRun(onWait: {}) } != nil)
    }

    @Test(arguments: [
        ["0/meta.yaml"], [".trash/x"], ["models/a/meta.yaml"], [".promptreg.lock"], ["lost+found/x"], [],
        [".promptreg.trash/1/meta.yaml", "other/file"],
    ])
    func acceptsWhatMayBeOne(_ files: [String]) async throws {
        let registry = try TemporaryRegistry()
        try registry.makeFolder("")
        for file in files { try registry.write("", to: file) }
        #expect(try await registry.observe("unknown") == nil)
        try await registry.run { _ in }
        #expect(registry.exists("models"))
    }

    @Test func writesNothingOutsideARun() async throws {
        let registry = try TemporaryRegistry()
        let opened = registry.open()
        let calls: [(FileRegistry) async throws -> Void] = [
            { _ = try await $0.createPrompt(PromptDraft(name: "p"), firstVersion: .text("x")) },
            { _ = try await $0.createVersion(of: "p", .text("x")) },
            { try await $0.moveAlias("a", of: "p", from: nil, to: 1) },
        ]
        for call in calls { #expect(await errorCode { try await call(opened) } == .failed) }
        try await opened.synchronize()
        try await opened.endRun()
        #expect(!registry.exists(""))
    }

    @Test func writesOutOnlyWhatWasWritten() async throws {
        let registry = try TemporaryRegistry()
        let count = Counter()
        let opened = registry.open { attempt, _ in
            if attempt == .synchronize { count.add() }
            return nil
        }
        try await opened.beginRun(onWait: {})
        _ = try await opened.createPrompt(PromptDraft(name: "p"), firstVersion: .text("x"))
        try await opened.synchronize()
        try await opened.synchronize()
        #expect(count.value == 1)
        try await opened.moveAlias("a", of: "p", from: nil, to: 1)
        try await opened.endRun()
        #expect(count.value == 2)
        try await opened.beginRun(onWait: {})
        try await opened.endRun()
        #expect(count.value == 2)
    }

    @Test func beginsToWriteOutWhileItMakesMore() async throws {
        let registry = try TemporaryRegistry()
        let count = Counter()
        let opened = registry.open { attempt, _ in
            // What the first one, in the background, cannot write out is for the last one to tell.
            attempt == .synchronize && count.add() == 1 ? EIO : nil
        }
        try await opened.beginRun(onWait: {})
        for index in 1...Run.syncInterval {
            #expect(count.value == 0)
            _ = try await opened.createPrompt(PromptDraft(name: "p\(index)"), firstVersion: .text("x"))
        }
        while count.value == 0 { try await Task.sleep(for: .milliseconds(5)) }
        try await opened.endRun()
        #expect(count.value == 2)
    }

    @Test func tellsWhatCouldNotBeWrittenOut() async throws {
        let registry = try TemporaryRegistry()
        let opened = registry.open { attempt, _ in attempt == .synchronize ? EIO : nil }
        try await opened.beginRun(onWait: {})
        _ = try await opened.createPrompt(PromptDraft(name: "p"), firstVersion: .text("x"))
        #expect(await errorCode { try await opened.synchronize() } == .failed)
        #expect(await errorCode { try await opened.endRun() } == .failed)
        // The lock is free all the same.
        try await registry.run { _ in }
        let others = registry.tree().filter { !$0.hasPrefix("models") }
        #expect(others == [".promptreg.lock", "0", "0/meta.yaml"])
    }

    @Test func aNewRegistryHasTheExperimentThatMLflowWouldMake() async throws {
        let registry = try TemporaryRegistry()
        try await registry.run { _ in }
        let folders = TraceFolders(path: registry.root)
        #expect(try folders.experiments() == ["0"] && folders.knownExperiment(named: "Default") == "0")
        let meta = try registry.read("0/meta.yaml")
        try await registry.run { _ in }
        #expect(try registry.read("0/meta.yaml") == meta)
        // Where there is another one, somebody has decided.
        let other = try TemporaryRegistry()
        _ = try await TraceFolders(path: other.root).experiment(named: "agents")
        try await other.run { _ in }
        #expect(try TraceFolders(path: other.root).experiments().count == 1)
    }
}
