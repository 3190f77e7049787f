import RegistryFixtures
import Testing

@testable import Prompts

/// What addresses lead to, over two prompts: `c.s.prompt_a` of three versions and `c.s.prompt_b` of one.
@Suite struct ResolutionTests {
    private let registry = InMemoryRegistry()

    init() async throws {
        for text in ["one", "two", "three"] {
            try await registry.run(.job(["a": text, "b": "b"]))
        }
        try await registry.moveAlias("staging", of: full("a"), from: nil, to: 2)
        registry.clearCalls()
    }

    private func resolve(_ uri: String) async throws -> ResolvedVersion {
        try await registry.resolve(try PromptURI(uri))
    }

    @Test(arguments: [
        ("c.s.prompt_a", 3), ("prompts:/c.s.prompt_a", 3), ("prompts:/c.s.prompt_a@latest", 3),
        ("c.s.prompt_a@LATEST", 3), ("prompts:/c.s.prompt_a@production", 3),
        ("prompts:/c.s.prompt_a@staging", 2), ("prompts:/c.s.prompt_a/1", 1), ("c.s.prompt_a/3", 3),
    ])
    func addressesNameVersions(uri: String, number: Int) async throws {
        let found = try await resolve(uri)
        #expect(found.name == full("a") && found.version.number == number)
        #expect(found.version.content == registry.stored(full("a"))[number - 1].content)
        #expect(found.uri.description == "prompts:/c.s.prompt_a/\(number)")
    }

    @Test func aVersionIsReadInOneCall() async throws {
        #expect(try await resolve("c.s.prompt_a/2").prompt == nil)
        #expect(registry.calls == [.version(2, full("a"))])
        registry.clearCalls()
        #expect(try await resolve("c.s.prompt_a").prompt?.aliases["staging"] == 2)
        #expect(try await resolve("c.s.prompt_a@production").version.number == 3)
        #expect(registry.calls == [.observe, .observe])
        registry.clearCalls()
        _ = try await resolve("c.s.prompt_a@staging")
        #expect(registry.calls == [.observe, .version(2, full("a"))])
    }

    @Test(arguments: [
        ("c.s.prompt_aa", "there is no prompt 'c.s.prompt_aa' in memory:", "did you mean 'c.s.prompt_a'?"),
        ("b/1", "there is no prompt 'b' in memory:", "did you mean 'c.s.prompt_b'?"),
        ("prompt_b", "there is no prompt 'prompt_b' in memory:", "did you mean 'c.s.prompt_b'?"),
        (
            "x.y.quite_another@staging", "there is no prompt 'x.y.quite_another' in memory:",
            "promptreg list --registry memory: shows the existing prompts"
        ),
        (
            "c.s.prompt_a@prodution", "the prompt 'c.s.prompt_a' has no alias 'prodution'",
            "did you mean 'production'?"
        ),
        (
            "c.s.prompt_a@qa", "the prompt 'c.s.prompt_a' has no alias 'qa'",
            "its aliases are production, staging"
        ),
        ("c.s.prompt_a/4", "the prompt 'c.s.prompt_a' has no version 4", "its newest version is 3"),
    ])
    func whatIsNotThereHasAHint(uri: String, message: String, hint: String) async throws {
        let error = await #expect(throws: RegistryError.self) { try await resolve(uri) }
        #expect(error?.code == .notFound && error?.message == message && error?.hint == hint)
    }

    @Test func aPromptWithoutVersionsHasNoNewest() async throws {
        registry.add(ObservedPrompt(name: "empty"))
        let error = await #expect(throws: RegistryError.self) { try await resolve("empty@latest") }
        #expect(error == RegistryError(.notFound, "the prompt 'empty' has no version yet"))
        let other = await #expect(throws: RegistryError.self) { try await resolve("empty/1") }
        #expect(other?.hint == "it has no version yet")
        let alias = await #expect(throws: RegistryError.self) { try await resolve("empty@qa") }
        #expect(alias?.hint == "it has no alias")
    }

    @Test func aMissingPromptIsToldThoughNamesCannotBeListed() async throws {
        registry.fail(.names, .permissionDenied)
        let error = await #expect(throws: RegistryError.self) { try await resolve("c.s.prompt_c") }
        #expect(error?.code == .notFound)
    }

    @Test(arguments: ["c.s.prompt_a", "c.s.prompt_a@staging", "c.s.prompt_a/2"])
    func otherFailuresAreToldAsTheyAre(uri: String) async throws {
        registry.fail(.observe, .unreachable)
        registry.fail(.version(2, full("a")), .unreachable)
        let error = await #expect(throws: RegistryError.self) { try await resolve(uri) }
        #expect(error?.code == .unreachable)
    }
}
