import Prompts
import RegistryFixtures
import Synchronization
import Testing

@testable import PromptClient

@Suite struct PromptClientTests {
    private let registry = InMemoryRegistry()
    private let missing = PromptClientError(.notFound, "there is none")

    private func client(
        aliasLifetime: Duration = .seconds(60), _ environment: [String: String] = [:]
    ) -> PromptClient {
        var configuration = PromptClientConfiguration(environment: environment)
        configuration.aliasLifetime = aliasLifetime
        return PromptClient(registry, configuration)
    }

    private func register(_ text: String, of name: String = full("a"), kind: PromptContent.Kind = .text) {
        if registry.prompt(name) == nil { registry.add(ObservedPrompt(name: name)) }
        registry.register(VersionDraft(content: PromptContent(kind: kind, template: text)), of: name)
    }

    @Test func aVersionIsLoadedByEachFormOfItsName() async throws {
        register("one {{x}}")
        register("two {{x}}")
        registry.place("production", of: full("a"), at: 1)
        let client = client()
        for (uri, version) in [("@production", 1), ("/2", 2), ("@latest", 2), ("", 2)] {
            for scheme in ["", "prompts:/"] {
                #expect(try await client.load(scheme + full("a") + uri).version == version)
            }
        }
        let prompt = try await client.load("\(full("a"))@production")
        #expect(prompt.name == full("a") && prompt.aliases == ["production"] && prompt.variables == ["x"])
        #expect(prompt.uri == "prompts:/\(full("a"))/1" && !prompt.isFallback)
        #expect(try prompt.render(["x": "{{x}}"]) == "one {{x}}")
    }

    @Test(arguments: [
        ["PROMPTREG_CATALOG": "c", "PROMPTREG_SCHEMA": "s", "AGENT_CATALOG": "no", "AGENT_SCHEMA": "no"],
        ["PROMPTREG_CATALOG": "no", "AGENT_CATALOG": "c", "AGENT_SCHEMA": "s"],
        ["MLFLOW_PROMPT_REGISTRY_UC_SCHEMA": "c.s", "AGENT_SCHEMA": "no"],
    ])
    func aShortNameIsQualifiedByTheEnvironment(environment: [String: String]) async throws {
        register("one")
        let client = client(environment)
        for name in ["a", "prompt_a", "a/1", "a@latest"] {
            #expect(try await client.load(name).name == full("a"))
        }
        await #expect(throws: PromptClientError.self) { try await client.load("prompts:/a") }
    }

    @Test func settingsAreReadIntoATypeOfTheCallers() async throws {
        struct Settings: Decodable {
            var modelName: String?
            var maxTokens: Int
        }
        registry.add(ObservedPrompt(name: full("a")))
        for config in [
            #"{"model_name": "m", "max_tokens": 5, "top_k": 1}"#, #"{"max_tokens": "5"}"#, "{}", nil,
        ] {
            let content = PromptContent(kind: .text, template: "\(config ?? "")", modelConfig: config)
            registry.register(VersionDraft(content: content), of: full("a"))
        }
        let client = client()
        let settings = try await client.load("\(full("a"))/1").modelConfig(as: Settings.self)
        #expect(settings?.modelName == "m" && settings?.maxTokens == 5)
        for (version, problem) in [(2, "max_tokens has an unexpected value"), (3, "max_tokens is missing")] {
            let prompt = try await client.load("\(full("a"))/\(version)")
            let error = #expect(throws: PromptClientError.self) { try prompt.modelConfig(as: Settings.self) }
            #expect(error?.code == .failed && error?.message.hasSuffix(problem) == true)
        }
        #expect(try await client.load("\(full("a"))/4").modelConfig(as: Settings.self) == nil)
    }

    @Test func aVersionIsLoadedOnceAndAnAliasAgainWhenItsTimeIsOver() async throws {
        register("one")
        registry.place("production", of: full("a"), at: 1)
        let client = client(aliasLifetime: .milliseconds(1))
        registry.clearCalls()
        for _ in 1...5 { _ = try await client.load("\(full("a"))/1") }
        #expect(registry.calls == [.version(1, full("a"))])
        _ = try await client.load("\(full("a"))@production")
        register("two")
        registry.place("production", of: full("a"), at: 2)
        try await Task.sleep(for: .milliseconds(10))
        // What is known is served at once, and the new version once it is there.
        #expect(try await client.load("\(full("a"))@production").version == 1)
        try await until { try await client.load("\(full("a"))@production").version == 2 }
    }

    @Test func manyTasksMakeOneRequest() async throws {
        register("one")
        let client = client()
        registry.clearCalls()
        await withTaskGroup { group in
            for _ in 1...64 { group.addTask { _ = try? await client.load(full("a")) } }
        }
        #expect(registry.calls == [.observe])
    }

    @Test func theLastKnownVersionIsServedWhileTheRegistryFails() async throws {
        register("one")
        registry.place("production", of: full("a"), at: 1)
        let client = client(aliasLifetime: .zero)
        #expect(try await client.load("\(full("a"))@production").version == 1)
        registry.fail(.observe)
        #expect(try await client.load("\(full("a"))@production").version == 1)
        await #expect(throws: PromptClientError.self) { try await client.load(full("b")) }
    }

    @Test func aRegistryThatFailedIsLeftAloneForAMoment() async {
        registry.fail(.observe, .unreachable)
        let client = PromptClient(
            registry, PromptClientConfiguration(environment: [:]), pause: .seconds(3600))
        registry.clearCalls()
        for name in ["a", "b", "a", "c"] {
            #expect(await client.load(full(name), fallback: "x").isFallback)
        }
        #expect(registry.calls == [.observe])
    }

    @Test func whatDoesNotExistIsLookedForEachTime() async {
        let client = client()
        #expect(await client.load(full("a"), fallback: "x").isFallback)
        register("one")
        #expect(await client.load(full("a"), fallback: "x").version == 1)
    }

    @Test func aMistypedTrackingAddressIsTold() async throws {
        var configuration = PromptClientConfiguration(environment: [:])
        configuration.tracking = "htp://nowhere"
        let client = try PromptClient(configuration)
        let reason = try #require(await client.flush().reasons.first)
        #expect(reason.contains("the tracking address cannot be used") && reason.contains("htp"))
    }

    @Test func anAliasThatWasTakenAwayIsNotServed() async throws {
        register("one")
        registry.place("production", of: full("a"), at: 1)
        let client = client(aliasLifetime: .zero)
        _ = try await client.load("\(full("a"))@production")
        registry.place("production", of: full("a"), at: nil)
        let error = await #expect(throws: PromptClientError.self) {
            try await client.load("\(full("a"))@production")
        }
        #expect(error?.code == .notFound)
    }

    @Test func aFallbackIsTakenWhereNothingElseIsThere() async throws {
        let prompt = await client().load("\(full("a"))@production", fallback: "Say {{x}}")
        #expect(prompt.isFallback && prompt.version == nil && prompt.name == full("a"))
        #expect(prompt.fallbackReason?.code == .notFound)
        #expect(try prompt.render(["x": "hi"]) == "Say hi")
        register("one")
        #expect(await client().load("\(full("a"))@latest", fallback: "no").version == 1)
    }

    @Test func valuesAreStrict() async throws {
        register("{{a}} {{b}}")
        let prompt = try await client().load(full("a"))
        for values in [["a": "1"], ["a": "1", "b": "2", "c": "3"]] {
            let error = #expect(throws: PromptClientError.self) { try prompt.render(values) }
            #expect(error?.code == .values)
        }
        let jinja = Prompt(fallback: "{% if x %}{{x}}{% endif %}", for: "j", missing)
        let error = #expect(throws: PromptClientError.self) { try jinja.render(["x": "1"]) }
        #expect(error?.code == .failed)
    }

    @Test func aChatHasMessages() async throws {
        register(
            #"[{"role": "system", "content": "Be {{tone}}"}, {"role": "user", "content": "{{q}}"}]"#,
            kind: .chat)
        let messages = try await client().load(full("a")).messages(["tone": "kind", "q": "why?"])
        #expect(
            messages.map(\.role) == ["system", "user"] && messages.map(\.content) == ["Be kind", "why?"])
        #expect(
            try Prompt(fallback: "hi", for: "x", missing).messages()
                == [Prompt.Message(role: "user", content: "hi")])
    }

    @Test func lifetimesAreThoseOfMLflow() {
        let configuration = PromptClientConfiguration(environment: [
            "MLFLOW_ALIAS_PROMPT_CACHE_TTL_SECONDS": "1.5", "MLFLOW_VERSION_PROMPT_CACHE_TTL_SECONDS": "inf",
            "MLFLOW_TRACKING_URI": "http://localhost:5000",
        ])
        #expect(configuration.aliasLifetime == .seconds(1.5) && configuration.versionLifetime == nil)
        #expect(configuration.registry == "http://localhost:5000")
        let odd = PromptClientConfiguration(environment: [
            "MLFLOW_ALIAS_PROMPT_CACHE_TTL_SECONDS": "nan",
            "MLFLOW_VERSION_PROMPT_CACHE_TTL_SECONDS": "1e300",
        ])
        #expect(odd.aliasLifetime == .seconds(60) && odd.versionLifetime == nil)
        #expect(odd.registry == "file:mlruns")
    }

    @Test(arguments: ["localhost:5000", "ftp://x", "http://user:secret@host"])
    func anAddressThatIsNoneIsRefused(address: String) {
        let error = #expect(throws: PromptClientError.self) {
            try PromptClient(PromptClientConfiguration(environment: ["MLFLOW_REGISTRY_URI": address]))
        }
        #expect(error?.code == .invalid && error?.description.contains("secret") == false)
    }

    private func until(_ condition: () async throws -> Bool) async throws {
        for _ in 1...200 {
            if try await condition() { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("it did not come to pass")
    }
}
