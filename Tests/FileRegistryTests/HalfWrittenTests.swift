import Foundation
import Prompts
import Testing

@testable import FileRegistry

/// What MLflow's client, which writes one file after the other, has not finished yet.
@Suite struct HalfWrittenTests {
    private let name = "m.s.prompt_old"

    static let missing = [
        "meta.yaml", "tags", "version-2/meta.yaml", "version-2/tags", "version-2/tags/mlflow.prompt.text",
    ]

    /// A registry with a prompt in which one thing is moved away, to be moved back later.
    private func registry(without part: String) throws -> (
        TemporaryRegistry, whole: @Sendable () throws -> Void
    ) {
        let registry = try TemporaryRegistry()
        try registry.writeMLflowPrompt()
        let (path, aside) = (registry.path("models/\(name)/\(part)"), registry.folder.path + "/aside")
        try FileManager.default.moveItem(atPath: path, toPath: aside)
        return (registry, { try FileManager.default.moveItem(atPath: aside, toPath: path) })
    }

    /// Lets a folder look as if it changed just now, however long a busy machine kept the test waiting.
    private static func touch(_ folder: String) { _ = utimes(folder, nil) }

    @Test(arguments: missing)
    func itIsReadAgainUntilItIsWhole(part: String) async throws {
        let (registry, complete) = try registry(without: part)
        let looks = Counter()
        let opened = registry.open { attempt, path in
            guard attempt == .list, path.hasSuffix("/\(name)") else { return nil }
            Self.touch(path)
            // The sixth look: long after a file that is written in place would be whole.
            if looks.add() == 6 { try? complete() }
            return nil
        }
        #expect(try await opened.observe([name])[name]?.newest?.number == 2)
        #expect(looks.value >= 6)
    }

    @Test(arguments: missing)
    func itIsToldThatSomethingMayBeWriting(part: String) async throws {
        let (registry, _) = try registry(without: part)
        let opened = registry.open { attempt, path in
            if attempt == .list, path.hasSuffix("/\(name)") { Self.touch(path) }
            return nil
        }
        let failure = await error { _ = try await opened.observe([name]) }
        #expect(failure?.code == (part == "tags" ? .nameTaken : .corrupt))
        #expect(failure?.hint?.contains("run again in a moment") == true)
        #expect(failure?.hint?.contains("move the prompt's folder") == false)
    }

    @Test func aPipeIsNoFileThatMayBecomeWhole() async throws {
        let (registry, _) = try registry(without: "meta.yaml")
        #expect(mkfifo(registry.path("models/\(name)/meta.yaml"), 0o600) == 0)
        let failure = await error { _ = try await registry.open().observe([name]) }
        #expect(failure?.code == .corrupt && failure?.message.contains("is not a file") == true)
    }

    @Test func whatChangedLongAgoIsNotWaitedFor() async throws {
        let (registry, _) = try registry(without: "version-2/meta.yaml")
        let yesterday = [FileAttributeKey.modificationDate: Date(timeIntervalSinceNow: -86_400)]
        for part in ["", "/version-2", "/version-2/tags"] {
            try FileManager.default.setAttributes(
                yesterday, ofItemAtPath: registry.path("models/\(name)\(part)"))
        }
        let looks = Counter()
        let opened = registry.open { attempt, path in
            if attempt == .list, path.hasSuffix("/\(name)") { looks.add() }
            return nil
        }
        #expect(await errorCode { _ = try await opened.observe([name]) } == .corrupt)
        #expect(looks.value == MLflowWrite.retries + 1)
    }
}
