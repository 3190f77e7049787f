import Foundation
import Prompts
import Synchronization
import Testing

@testable import FileRegistry

/// What happens when a call to the system fails, or when it is the last one that a run lives to make.
@Suite struct FailureTests {
    /// What a registry holds, without what differs from run to run.
    private func content(_ registry: TemporaryRegistry) throws -> [String: String] {
        var content: [String: String] = [:]
        for path in registry.tree("models") {
            guard let text = try? registry.read("models/" + path) else { continue }
            content[path] = text.split(separator: "\n", omittingEmptySubsequences: false)
                .filter { !$0.contains("timestamp") }.joined(separator: "\n")
        }
        return content
    }

    /// What MLflow would trip over.
    private func damage(_ registry: TemporaryRegistry) -> [String] {
        let models = registry.tree("models")
        var damage: [String] = []
        for name in Set(models.map { String($0.prefix { $0 != "/" }) }) {
            if !registry.exists("models/\(name)/meta.yaml") { damage.append("\(name) has no meta.yaml") }
        }
        for version in models where version.hasSuffix("version-1") || version.hasSuffix("version-4") {
            guard !version.contains(".promptreg-") else { continue }
            for file in ["meta.yaml", "tags/mlflow.prompt.text", "tags/mlflow.prompt.is_prompt"]
            where !registry.exists("models/\(version)/\(file)") {
                damage.append("\(version) has no \(file)")
            }
        }
        // MLflow takes the folder for an experiment.
        if registry.exists("0"), !registry.exists("0/meta.yaml") { damage.append("0 has no meta.yaml") }
        let values = models.filter { $0.contains("/aliases/") || $0.contains("/tags/") }
        damage += values.filter { ($0.split(separator: "/").last ?? "").hasPrefix(".promptreg") }
        let folders = registry.tree().filter {
            !$0.contains("/") && !["models", ".promptreg.lock", "0"].contains($0)
        }
        return damage + folders.filter { !$0.hasSuffix(".trash") }
    }

    private func wantedContent() async throws -> [String: String] {
        let registry = try TemporaryRegistry()
        try registry.writeMLflowPrompt()
        try await WholeRun.work(registry.open())
        return try content(registry)
    }

    @Test func isWholeWhereverARunDiesAndCompleteAfterTheNext() async throws {
        let wanted = try await wantedContent()
        var lastCall = 0
        while true {
            let registry = try TemporaryRegistry()
            try registry.writeMLflowPrompt()
            let dying = registry.openDying(after: lastCall)
            let failure = await error { try await WholeRun.work(dying) }
            #expect(damage(registry) == [], "after \(lastCall) calls")
            let observed = try await registry.open().observe(["m.s.prompt_old", "m.s.prompt_new"])
            #expect(observed["m.s.prompt_old"]?.newest.map { [2, 4].contains($0.number) } == true)
            // The lock of the dead is let go when the process ends: here, with the registry.
            try? await dying.endRun()
            try await WholeRun.work(registry.open())
            #expect(try content(registry) == wanted, "after \(lastCall) calls")
            #expect(registry.tree().filter { $0.contains(".trash") || $0.contains(".promptreg-") } == [])
            if failure == nil { break }
            lastCall += 1
        }
        #expect(lastCall > 50, "the run makes many calls")
    }

    @Test func leavesNothingHalfDoneWhenACallFails() async throws {
        let wanted = try await wantedContent()
        var failing = 1
        while true {
            let registry = try TemporaryRegistry()
            try registry.writeMLflowPrompt()
            let calls = Counter()
            let opened = registry.open { [failing] attempt, _ in
                let allocates = attempt == .create || attempt == .write || attempt == .rename
                return allocates && calls.add() == failing ? ENOSPC : nil
            }
            let failure = await error { try await WholeRun.work(opened) }
            try? await opened.endRun()
            guard let failure else { break }
            #expect(failure.code == .storageFull)
            #expect(failure.message.contains(registry.root))
            #expect(failure.hint != nil)
            #expect(damage(registry) == [], "when call \(failing) fails")
            // The end of a run that could not finish leaves its notes to the next one.
            let left = registry.tree().filter { $0.contains(".promptreg-") || $0.contains(".trash/") }
            #expect(left == [] || left == [".promptreg.trash/prompts"], "when call \(failing) fails")
            try await WholeRun.work(registry.open())
            #expect(try content(registry) == wanted, "when call \(failing) failed")
            failing += 1
        }
        #expect(failing > 50, "the run makes many calls")
    }

    @Test func leavesTheAliasWhereItWasWhenItCannotBeMoved() async throws {
        for failing in 1...2 {
            let registry = try TemporaryRegistry()
            try registry.writeMLflowPrompt()
            let calls = Counter()
            let isArmed = Counter()
            let opened = registry.open { attempt, path in
                guard isArmed.value > 0, attempt == .create || attempt == .rename else { return nil }
                // Making the folder of aliases, which exists, is what may fail for another reason.
                if path.hasSuffix("/aliases") { return nil }
                return calls.add() == failing ? ENOSPC : nil
            }
            try await opened.beginRun(onWait: {})
            isArmed.add()
            #expect(
                await errorCode {
                    try await opened.moveAlias("production", of: "m.s.prompt_old", from: nil, to: 2)
                }
                    == .storageFull)
            try await opened.endRun()
            #expect(try await registry.observe("m.s.prompt_old")?.aliases == ["production": 1])
        }
    }

    @Test(arguments: [
        (ENOSPC, RegistryError.Code.storageFull), (EDQUOT, .storageFull), (EFBIG, .storageFull),
        (EROFS, .permissionDenied), (EACCES, .permissionDenied), (ENAMETOOLONG, .notARegistry),
        (EXDEV, .failed), (EIO, .failed), (EMFILE, .failed), (ENOENT, .conflict), (ENOTDIR, .corrupt),
    ])
    func saysWhichPathAndWhyAndWhatToDo(_ number: Int32, _ code: RegistryError.Code) async throws {
        let registry = try TemporaryRegistry()
        try await registry.run { _ in }
        let opened = registry.open { attempt, _ in attempt == .write ? number : nil }
        try await opened.beginRun(onWait: {})
        let failure = try #require(
            await error {
                _ = try await opened.createPrompt(PromptDraft(name: "p"), firstVersion: .text("x"))
            })
        #expect(failure.code == code)
        #expect(failure.message.hasPrefix("cannot write '\(registry.root)/"))
        #expect(failure.message.hasSuffix(": " + String(cString: strerror(number))))
        #expect(failure.hint != nil || code == .failed || code == .invalidValue)
        #expect(registry.tree("models").isEmpty)
    }

    @Test(arguments: [EACCES, EPERM, EROFS])
    func saysWhatIsNotPermitted(_ number: Int32) async throws {
        let registry = try TemporaryRegistry()
        try registry.writeMLflowPrompt()
        let reading = registry.open { attempt, path in
            attempt == .open && path.hasSuffix("/meta.yaml") ? number : nil
        }
        let failure = try #require(await error { _ = try await reading.observe(["m.s.prompt_old"]) })
        #expect(failure.code == .permissionDenied)
        #expect(failure.message.contains("'\(registry.path("models/m.s.prompt_old/meta.yaml"))'"))
    }

    @Test func tellsOfAFullDisk() throws {
        let fileSystem = FileSystem()
        let descriptor = open("/dev/full", O_WRONLY)
        defer { close(descriptor) }
        let failure = #expect(throws: RegistryError.self) {
            try fileSystem.append("text", to: descriptor, "/dev/full")
        }
        #expect(failure?.code == .storageFull)
    }
}
