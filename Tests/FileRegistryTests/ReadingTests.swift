import Foundation
import Prompts
import Testing

@testable import FileRegistry

@Suite struct ReadingTests {
    private let name = "m.s.prompt_old"

    @Test func readsWhatMLflowWrote() async throws {
        let registry = try TemporaryRegistry()
        try registry.writeMLflowPrompt()
        let prompt = try #require(try await registry.observe(name))
        #expect(
            prompt
                == ObservedPrompt(
                    name: name, description: "first\nline", tags: ["_mlflow_experiment_ids": ",0,"],
                    aliases: ["production": 1],
                    newest: PromptVersion(
                        number: 2, content: PromptContent(kind: .text, template: "Text 2\r\n"),
                        tags: ["k/n": "v"], createdAt: 1_795_255_882_162)))
    }

    @Test func takesNothingForAPromptThatIsNone() async throws {
        let registry = try TemporaryRegistry()
        #expect(try await registry.observe(name) == nil)
        #expect(!registry.exists(""), "observing makes nothing")
        try registry.writeMLflowPrompt()
        #expect(try await registry.observe("m.s.prompt_other") == nil)
        try registry.remove("models/\(name)/tags/mlflow.prompt.is_prompt")
        let failure = try #require(await error { _ = try await registry.observe(name) })
        #expect(failure.code == .nameTaken)
        #expect(failure.hint != nil)
    }

    @Test func readsAPromptWithoutVersionsAndOneWithoutALiveVersion() async throws {
        let registry = try TemporaryRegistry()
        try registry.writeMLflowPrompt()
        try registry.remove("models/\(name)/aliases")
        for version in ["version-1", "version-2"] { try registry.remove("models/\(name)/\(version)") }
        let deleted = try #require(try await registry.observe(name))
        #expect(deleted.newest == nil)
        try registry.remove("models/\(name)/version-3")
        #expect(try await registry.observe(name) == deleted)
    }

    @Test func readsManyPromptsAtOnce() async throws {
        let registry = try TemporaryRegistry()
        let names = (0..<300).map { "m.s.prompt_\($0)" }
        try await registry.run { registry in
            for name in names where !name.hasSuffix("7") {
                _ = try await registry.createPrompt(
                    PromptDraft(name: name), firstVersion: .text("of " + name))
            }
        }
        let observed = try await registry.open().observe(names)
        #expect(Set(observed.keys) == Set(names.filter { !$0.hasSuffix("7") }))
        #expect(observed.allSatisfy { $0.value.newest?.content.template == "of " + $0.key })
    }

    @Test func stopsReadingWhatIsTooLarge() async throws {
        let registry = try TemporaryRegistry()
        try registry.writeMLflowPrompt()
        let tag = registry.path("models/\(name)/version-2/tags/endless")
        try registry.write("", to: "models/\(name)/version-2/tags/endless")
        #expect(truncate(tag, FileBuffer.limit + 1) == 0)
        let error = await #expect(throws: RegistryError.self) { try await registry.observe(name) }
        #expect(error?.code == .corrupt && error?.message.contains("endless' is larger than") == true)
    }

    /// A way to spoil a prompt, and what of it the message must name.
    struct Damage: Sendable, CustomTestStringConvertible {
        let file: String
        var bytes: [UInt8]?
        var named: String?

        var testDescription: String {
            "\(file): \(bytes.map { String(decoding: $0, as: UTF8.self) } ?? "gone")"
        }
    }

    @Test(arguments: [
        Damage(file: "meta.yaml"),
        Damage(file: "meta.yaml", bytes: []),
        Damage(file: "meta.yaml", bytes: Array("name: [".utf8)),
        Damage(file: "meta.yaml", bytes: Array("name: m.s.other\n".utf8)),
        Damage(file: "meta.yaml", bytes: Array("name: m.s.prompt_old\ndescription: [1]\n".utf8)),
        Damage(file: "version-2/meta.yaml"),
        Damage(file: "version-2/meta.yaml", bytes: Array("name: m.s.prompt_old\nversion: 7\n".utf8)),
        Damage(file: "version-2/tags/mlflow.prompt.text"),
        Damage(file: "version-2/tags/mlflow.prompt.text", bytes: [0x41, 0xFF, 0x42]),
        Damage(file: "version-2/tags/k/n", bytes: [0xC3]),
        Damage(file: "tags/_mlflow_experiment_ids", bytes: [0xED, 0xA0, 0x80]),
        Damage(file: "aliases/production", bytes: Array("99".utf8)),
        Damage(file: "aliases/production", bytes: Array("3".utf8)),
        Damage(file: "aliases/production", bytes: Array("latest".utf8)),
        Damage(file: "aliases/production", bytes: Array("1 2".utf8)),
        Damage(file: "aliases/production", bytes: Array("-1".utf8)),
        Damage(file: "aliases/production", bytes: Array("+1".utf8)),
        Damage(file: "aliases/production", bytes: Array("2147483648".utf8)),
        Damage(file: "aliases/production", bytes: []),
    ])
    func namesTheFileThatCannotBeUnderstood(_ damage: Damage) async throws {
        let registry = try TemporaryRegistry()
        try registry.writeMLflowPrompt()
        let file = "models/\(name)/\(damage.file)"
        try registry.remove(file)
        if let bytes = damage.bytes { try registry.write(bytes, to: file) }
        let before = registry.tree()
        let failure = try #require(await error { _ = try await registry.observe(name) })
        #expect(failure.code == .corrupt)
        #expect(failure.message.contains("'\(registry.path(file))'"))
        #expect(failure.hint?.isEmpty == false)
        #expect(registry.tree() == before)
    }

    @Test func toleratesWhatMLflowTolerates() async throws {
        let registry = try TemporaryRegistry()
        try registry.writeMLflowPrompt()
        try registry.write(" 2\n", to: "models/\(name)/aliases/staging")
        try registry.remove("models/\(name)/version-2/tags/_mlflow_prompt_type")
        try registry.write("a file", to: "models/\(name)/version-9")
        try registry.write("a note", to: "models/\(name)/notes/of-mine.txt")
        let prompt = try #require(try await registry.observe(name))
        #expect(prompt.aliases == ["production": 1, "staging": 2])
        #expect(prompt.newest?.number == 2)
        #expect(prompt.newest?.content.kind == .text)
    }

    @Test func looksAgainAtWhatAnotherWriterIsInTheMiddleOf() async throws {
        let registry = try TemporaryRegistry()
        try registry.writeMLflowPrompt()
        let alias = "models/\(name)/aliases/production"
        // MLflow truncates an alias's file before it writes to it.
        try registry.write("", to: alias)
        let looks = Counter()
        let opened = registry.open { attempt, path in
            if attempt == .read, path.hasSuffix("/aliases/production"), looks.add() == 3 {
                try? registry.write("2", to: alias)
            }
            return nil
        }
        #expect(try await opened.observe([name])[name]?.aliases == ["production": 2])
    }

    @Test(arguments: ["", "..", "a/b", "../x", "a b"])
    func refusesNamesThatAreNone(_ name: String) async throws {
        let registry = try TemporaryRegistry()
        try registry.makeFolder("models")
        #expect(await errorCode { _ = try await registry.observe(name) } == .invalidValue)
    }
}
