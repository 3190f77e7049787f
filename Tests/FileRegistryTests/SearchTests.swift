import Foundation
import Prompts
import Testing

@testable import FileRegistry

@Suite struct SearchTests {
    private let names = ["main.a.prompt_x", "main.a.prompt_y", "main.b.prompt_x", "dev.a.prompt_x", "plain"]

    /// A registry of prompts whose tag `team` is the last letter of their name.
    private func registry() async throws -> TemporaryRegistry {
        let registry = try TemporaryRegistry()
        try await registry.run { registry in
            for name in names {
                let prompt = PromptDraft(name: name, tags: ["team": String(name.suffix(1)), "a/b": "nested"])
                _ = try await registry.createPrompt(prompt, firstVersion: .text("x"))
            }
        }
        return registry
    }

    /// A query with what it finds.
    struct Search: Sendable, CustomTestStringConvertible {
        let query: PromptQuery
        let found: [String]

        init(_ query: PromptQuery, _ found: [String]) {
            self.query = query
            self.found = found
        }

        var testDescription: String { "\(query)" }
    }

    @Test(arguments: [
        Search(
            PromptQuery(),
            ["dev.a.prompt_x", "main.a.prompt_x", "main.a.prompt_y", "main.b.prompt_x", "plain"]),
        Search(PromptQuery(catalog: "main"), ["main.a.prompt_x", "main.a.prompt_y", "main.b.prompt_x"]),
        Search(PromptQuery(schema: "a"), ["dev.a.prompt_x", "main.a.prompt_x", "main.a.prompt_y"]),
        Search(PromptQuery(catalog: "main", schema: "b"), ["main.b.prompt_x"]),
        Search(PromptQuery(catalog: "none"), []),
        Search(PromptQuery(tag: .init(key: "team", value: "y")), ["main.a.prompt_y"]),
        Search(
            PromptQuery(schema: "a", tag: .init(key: "team", value: "x")),
            ["dev.a.prompt_x", "main.a.prompt_x"]),
        Search(PromptQuery(catalog: "dev", tag: .init(key: "a/b", value: "nested")), ["dev.a.prompt_x"]),
        Search(PromptQuery(tag: .init(key: "team", value: "")), []),
        Search(PromptQuery(tag: .init(key: "a", value: "nested")), []),
        Search(PromptQuery(tag: .init(key: "none", value: "")), []),
        // A way to other files than tags.
        Search(PromptQuery(tag: .init(key: "../version-1/tags/mlflow.prompt.text", value: "x")), []),
        Search(PromptQuery(tag: .init(key: String(repeating: "é", count: 250), value: "x")), []),
    ])
    func findsWhatMatches(_ search: Search) async throws {
        let registry = try await registry()
        #expect(try await registry.open().names(matching: search.query) == search.found)
    }

    @Test func findsNothingWhereThereIsNoRegistryYet() async throws {
        let registry = try TemporaryRegistry()
        #expect(try await registry.open().names(matching: PromptQuery()) == [])
        #expect(!registry.exists(""), "searching makes nothing")
        try registry.makeFolder("models")
        #expect(try await registry.open().names(matching: PromptQuery()) == [])
        try registry.remove("models")
        try registry.write("x", to: "src/main.py")
        #expect(
            await errorCode { _ = try await registry.open().names(matching: PromptQuery()) } == .notARegistry)
    }

    @Test func leavesOutWhatIsBrokenOrNoPrompt() async throws {
        let registry = try await registry()
        try registry.write("true", to: "models/no-meta/tags/mlflow.prompt.is_prompt")
        try registry.write("name: model\n", to: "models/model/meta.yaml")
        try registry.write("name: other\n", to: "models/other/meta.yaml")
        try registry.write("false", to: "models/other/tags/mlflow.prompt.is_prompt")
        try registry.write("name: binary\n", to: "models/binary/meta.yaml")
        try registry.write([0xFF], to: "models/binary/tags/mlflow.prompt.is_prompt")
        try registry.write("", to: "models/tags-are-a-file/tags")
        try registry.write("", to: "models/marked-by-a-folder/tags/mlflow.prompt.is_prompt/file")
        try registry.write("true", to: "models/no name/tags/mlflow.prompt.is_prompt")
        try registry.write("", to: "models/a-file")
        try registry.makeFolder("models/empty")
        #expect(try await registry.open().names(matching: PromptQuery()) == names.sorted())
    }

    @Test func readsNoMoreThanTheTagsThatTell() async throws {
        let registry = try await registry()
        let reads = Paths()
        let opened = registry.open { attempt, path in
            if attempt == .open { reads.add(path) }
            return nil
        }
        let query = PromptQuery(catalog: "main", tag: .init(key: "team", value: "y"))
        #expect(try await opened.names(matching: query) == ["main.a.prompt_y"])
        let models = registry.path("models/")
        let below = reads.all.filter { $0.hasPrefix(models) }.map { String($0.dropFirst(models.count)) }
        let tagged = ["main.a.prompt_x", "main.a.prompt_y", "main.b.prompt_x"].flatMap {
            ["\($0)/tags/mlflow.prompt.is_prompt", "\($0)/tags/team"]
        }
        #expect(below.sorted() == (tagged + ["main.a.prompt_y/meta.yaml"]).sorted())
    }

    @Test func looksAgainAtATagThatMLflowIsInTheMiddleOf() async throws {
        let registry = try await registry()
        let tag = "models/plain/tags/team"
        // MLflow truncates a tag's file before it writes to it.
        try registry.write("", to: tag)
        let looks = Counter()
        let opened = registry.open { attempt, path in
            if attempt == .read, path.hasSuffix("plain/tags/team"), looks.add() == 3 {
                try? registry.write("z", to: tag)
            }
            return nil
        }
        #expect(
            try await opened.names(matching: PromptQuery(tag: .init(key: "team", value: "z"))) == ["plain"])
    }

    @Test func saysWhatItMayNotRead() async throws {
        let registry = try await registry()
        let opened = registry.open { attempt, path in
            attempt == .open && path.contains("models/plain/") ? EACCES : nil
        }
        let failure = try #require(await error { _ = try await opened.names(matching: PromptQuery()) })
        #expect(failure.code == .permissionDenied)
        #expect(failure.message.contains("'\(registry.path("models/plain/tags/mlflow.prompt.is_prompt"))'"))
        #expect(try await opened.names(matching: PromptQuery(catalog: "dev")) == ["dev.a.prompt_x"])
    }
}
