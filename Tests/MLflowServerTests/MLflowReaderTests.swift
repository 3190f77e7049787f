import HTTP
import Prompts
import ServerFixtures
import Testing

@testable import MLflowServer

extension MLflowServerRegistryTests {
    // MARK: - Finding prompts

    @Test func findsThePromptsOfASchema() async throws {
        let wanted = ["cat.find_it.prompt_a", "cat.find_it.prompt_b", "cat.find_it.x.y"]
        // All but the last are what a search without a second look takes for prompts of the schema.
        let others = ["cat.findXit.prompt_a", "CAT.find_it.prompt_a", "cat.find_it", "cat2.find_it.prompt_a"]
        for name in wanted + others {
            _ = try await registry.createPrompt(PromptDraft(name: name), firstVersion: text("x"))
        }
        try await raw.write(.post, "registered-models/create", .init(name: "cat.find_it.model"))
        let query = PromptQuery(catalog: "cat", schema: "find_it")
        #expect(try await registry.names(matching: query) == wanted)
        #expect(
            try await registry.names(matching: PromptQuery(schema: "find_it"))
                == (wanted + ["CAT.find_it.prompt_a", "cat2.find_it.prompt_a"]).sorted())
        #expect(
            try await registry.names(matching: PromptQuery(catalog: "cat"))
                == (wanted + ["cat.findXit.prompt_a"]).sorted())
        #expect(try await registry.names(matching: PromptQuery(catalog: "none", schema: "x")).isEmpty)
        let all = try await registry.names(matching: PromptQuery())
        #expect(Set(all).isSuperset(of: wanted + others))
        #expect(!all.contains("cat.find_it.model"))
        #expect(all == all.sorted())
    }

    @Test(arguments: [
        ("promptreg_job", "nightly"), ("a key:with/all-of.it", "x y; -- (z) AND /* % _"),
        ("quotes", "it's \"quoted\" `twice` \\"), ("quotes", "it's"), ("end", "a\\"), ("empty", ""),
        ("letters", "Grüße 🎈"), ("ключ", "x"), ("long", String(repeating: "x", count: 4000)),
    ])
    func findsPromptsByATag(_ key: String, _ value: String) async throws {
        let schema = "tags_\(key.utf8.count)_\(value.utf8.count)"
        let tags: [String: [String: String]] = [
            "same": [key: value], "more": [key: value, "other": "x"], "different": [key: value + "x"],
            "upper": [key: value.uppercased() + "X"], "none": ["other": value],
        ]
        for (name, tags) in tags {
            let draft = PromptDraft(name: "main.\(schema).\(name)", tags: tags)
            _ = try await registry.createPrompt(draft, firstVersion: text("x"))
        }
        let query = PromptQuery(catalog: "main", schema: schema, tag: .init(key: key, value: value))
        #expect(try await registry.names(matching: query) == ["main.\(schema).more", "main.\(schema).same"])
    }

    // MARK: - Reading versions

    @Test func readsVersionsNewestFirst() async throws {
        let name = "main.a.prompt_versions"
        var first = text("one")
        first.description = "why"
        first.tags = ["team": "platform"]
        _ = try await registry.createPrompt(PromptDraft(name: name), firstVersion: first)
        for number in 2...12 { _ = try await registry.createVersion(of: name, text("v\(number)")) }
        try await raw.write(.delete, "model-versions/delete", .init(name: name, version: "11"))
        // A change does not make a version newer.
        try await registry.update(name, MetadataChanges(version: 1, versionTags: ["team": "other"]))
        let before = registry.requestCount
        let versions = try await registry.versions(of: name)
        #expect(registry.requestCount - before == 1)
        #expect(versions.map(\.number) == [12, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1])
        #expect(versions.first?.content.template == "v12")
        let oldest = try #require(versions.last)
        #expect(oldest.content == first.content)
        #expect(oldest.description == "why")
        #expect(oldest.tags["team"] == "other")
        #expect((oldest.createdAt ?? 0) > 1_600_000_000_000)
        #expect(try await registry.version(1, of: name) == oldest)
        for missing in [11, 13, 0, -1] {
            #expect(await code { _ = try await registry.version(missing, of: name) } == .notFound)
        }
        for version in versions {
            try await raw.write(
                .delete, "model-versions/delete", .init(name: name, version: "\(version.number)"))
        }
        #expect(try await registry.versions(of: name).isEmpty)
    }

    @Test func tellsAMissingPromptFromAModel() async throws {
        let missing = "main.a.prompt_never"
        #expect(await code { _ = try await registry.versions(of: missing) } == .notFound)
        let error = await #expect(throws: RegistryError.self) { try await registry.version(1, of: missing) }
        #expect(error?.message == "there is no prompt '\(missing)'")
        let model = "main.a.a_model"
        try await raw.write(.post, "registered-models/create", .init(name: model))
        try await raw.write(.post, "model-versions/create", .init(name: model, source: "s3://bucket/model"))
        #expect(await code { _ = try await registry.versions(of: model) } == .nameTaken)
        #expect(await code { _ = try await registry.version(1, of: model) } == .nameTaken)
        #expect(await code { _ = try await registry.versions(of: "a'b") } == .invalidValue)
    }

    // MARK: - What is refused

    @Test(arguments: [
        "a", "a b", "a:b", "a/b.c/d-e_f", "ä", "中", "½", "٣", String(repeating: "é", count: 250), "-", " ",
    ])
    func acceptsTheTagKeysThatTheServerAccepts(_ key: String) async throws {
        let name = "main.a.key_ok_\(key.utf8.reduce(0) { $0 &* 31 &+ Int($1) }.magnitude)"
        var version = text("x")
        version.tags = [key: "v"]
        try registry.check(PromptDraft(name: name, tags: [key: "v"]), version)
        _ = try await registry.createPrompt(PromptDraft(name: name, tags: [key: "v"]), firstVersion: version)
        let observed = try #require(try await registry.observe([name])[name])
        #expect(observed.tags == [key: "v"])
        #expect(observed.newest?.tags[key] == "v")
    }

    @Test(arguments: [
        "", "a//b", "/a", "a/", "./a", "a/./b", "..", "..a", "a/../b", ".", "a=b", "a,b", "é\u{301}", "🎈",
        "a\tb",
        String(repeating: "x", count: 251),
    ])
    func refusesTheTagKeysThatTheServerRefuses(_ key: String) async throws {
        let name = "main.a.key_bad"
        let tagged = PromptDraft(name: name, tags: [key: "v"])
        let error = #expect(throws: RegistryError.self) { try registry.check(tagged, text("x")) }
        #expect(error?.code == .invalidValue)
        #expect(error?.message.contains("'\(key)'") == true)
        var version = text("x")
        version.tags = [key: "v"]
        #expect(throws: RegistryError.self) { try registry.check(PromptDraft(name: name), version) }
        let fields = MLflowAPI.Fields(name: name, tags: TagList([key: "v"]))
        let failure = await #expect(throws: HTTPError.self) {
            try await raw.write(.post, "registered-models/create", fields)
        }
        #expect(failure?.apiCode == "INVALID_PARAMETER_VALUE")
    }

    @Test(arguments: [100_000, 100_001]) func valuesHaveOneLength(_ length: Int) async throws {
        let long = String(repeating: "é", count: length)
        let isRefused = length > 100_000
        var versions = [text(long), text("x"), text("x"), text("x")]
        versions[1].content.modelConfig = long
        versions[2].content.responseFormat = long
        versions[3].tags = ["a": long]
        let name = "main.a.long_\(length)"
        try await raw.write(
            .post, "registered-models/create",
            .init(name: name, tags: TagList([ReservedTag.isPrompt: "true"])))
        for version in versions {
            let draft = PromptDraft(name: name)
            #expect(await code { try registry.check(draft, version) } == (isRefused ? .invalidValue : nil))
            var tags = version.tags
            version.content.put(into: &tags)
            let fields = MLflowAPI.Fields(name: name, source: "dummy-source", tags: TagList(tags))
            let failure: HTTPError? = await {
                do throws(HTTPError) {
                    try await raw.write(.post, "model-versions/create", fields)
                    return nil
                } catch {
                    return error
                }
            }()
            #expect(failure?.apiCode == (isRefused ? "INVALID_PARAMETER_VALUE" : nil))
        }
        let tagged = PromptDraft(name: name, tags: ["a": long])
        #expect(await code { try registry.check(tagged, text("x")) } == (isRefused ? .invalidValue : nil))
    }

    @Test func mlflowsOwnTagsAndBadNamesAreRefused() async throws {
        let fine = PromptDraft(name: "main.a.p")
        try registry.check(fine, text("x"))
        try registry.check(PromptDraft(name: "of_one_level"), text("x"))
        var tagged = text("x")
        tagged.tags = [ReservedTag.kind: "chat"]
        let draft = tagged
        #expect(await code { try registry.check(fine, draft) } == .invalidValue)
        let marked = PromptDraft(name: "main.a.p", tags: [ReservedTag.isPrompt: "false"])
        #expect(await code { try registry.check(marked, text("x")) } == .invalidValue)
        for name in ["", "a b", "a/b", "a:b", "..", String(repeating: "x", count: 251)] {
            let named = PromptDraft(name: name)
            #expect(await code { try registry.check(named, text("x")) } == .invalidValue)
        }
        #expect(registry.requestCount == 0)
    }
}

/// With a double of the server, for what the real one does not do.
@Suite struct MLflowReaderTests {
    private func registry(_ exchange: ExchangeDouble) throws -> MLflowServerRegistry {
        MLflowServerRegistry(base: try HTTPURL("https://host"), client: ClientDouble(exchange).client)
    }

    private static func model(_ name: String, isPrompt: String = "true") -> String {
        #"{"name": "\#(name)", "tags": [{"key": "mlflow.prompt.is_prompt", "value": "\#(isPrompt)"}]}"#
    }

    @Test func readsAllPagesOfPrompts() async throws {
        let exchange = ExchangeDouble { request, index in
            let models = (0..<100).map { Self.model("main.a.p\(index * 100 + $0)") }.joined(separator: ",")
            let token = index < 3 ? "t\(index)" : ""
            return .answer(200, #"{"registered_models": [\#(models)], "next_page_token": "\#(token)"}"#)
        }
        let query = PromptQuery(catalog: "main", schema: "a")
        let names = try await registry(exchange).names(matching: query)
        #expect(names == (0..<400).map { "main.a.p\($0)" }.sorted())
        #expect(exchange.sent.count == 4)
        #expect(exchange.sent.allSatisfy { $0.method == .get })
        #expect(exchange.sent.first?.url.query.contains("max_results=100") == true)
        #expect(exchange.sent.dropFirst().map { $0.url.query.hasSuffix("page_token=t0") }.first == true)
    }

    @Test(arguments: [["x", "x"], ["x", "y", "x"], ["x", "y", "z", "y"]])
    func pagesThatLeadRoundInCirclesAreAnError(_ tokens: [String]) async throws {
        let exchange = ExchangeDouble { request, index in
            let list =
                request.url.path.hasSuffix("model-versions/search")
                ? #""model_versions": [{"version": \#(index + 1), "tags": [{"key": "mlflow.prompt.text", "value": "t"}]}]"#
                : #""registered_models": [\#(Self.model("main.a.p\(index)"))]"#
            return .answer(200, #"{\#(list), "next_page_token": "\#(tokens[index % tokens.count])"}"#)
        }
        let names = await #expect(throws: RegistryError.self) {
            try await registry(exchange).names(matching: PromptQuery())
        }
        #expect(names?.message.contains("a page repeats an earlier one") == true)
        #expect(exchange.sent.count == tokens.count)
        let versions = await #expect(throws: RegistryError.self) {
            try await registry(exchange).versions(of: "main.a.p")
        }
        #expect(versions?.code == .failed && exchange.sent.count == 2 * tokens.count)
    }

    @Test func aListThatRepeatsItselfUnderNewTokensIsAnError() async throws {
        let exchange = ExchangeDouble { _, index in
            let models = (0..<100).map { Self.model("main.a.p\($0)") }.joined(separator: ",")
            return .answer(200, #"{"registered_models": [\#(models)], "next_page_token": "t\#(index)"}"#)
        }
        let error = await #expect(throws: RegistryError.self) {
            try await registry(exchange).names(matching: PromptQuery())
        }
        #expect(error?.message.contains("does not end") == true)
        #expect(exchange.sent.count == 2)
    }

    /// What is between may mix up its answers.
    @Test func aVersionOfAnotherPromptIsNotBelieved() async throws {
        let version =
            #"{"name": "main.a.q", "version": "1", "tags": [{"key": "mlflow.prompt.is_prompt", "value": "true"}, {"key": "mlflow.prompt.text", "value": "t"}]}"#
        let model = Self.model("main.a.p").dropLast() + #", "latest_versions": [\#(version)]}"#
        let exchange = ExchangeDouble { request, _ in
            .answer(200, request.url.path.hasSuffix("get") ? #"{"registered_model": \#(model)}"# : "{}")
        }
        let error = await #expect(throws: RegistryError.self) {
            try await registry(exchange).observe(["main.a.p"])
        }
        #expect(error?.message.contains("a version of 'main.a.q' when asked for one of 'main.a.p'") == true)
        // Nor one of another number.
        let other = await #expect(throws: RegistryError.self) {
            try await registry(ExchangeDouble(.answer(200, #"{"model_version": \#(version)}"#)))
                .version(3, of: "main.a.q")
        }
        #expect(other?.message.contains("version 1 of 'main.a.q' when asked for version 3") == true)
        // Nor is a list without the version that there is.
        let empty = await #expect(throws: RegistryError.self) {
            try await registry(exchange).versions(of: "main.a.p")
        }
        #expect(empty?.message.contains("lists no version of 'main.a.p'") == true)
    }

    @Test func leavesOutWhatIsNotMeant() async throws {
        let models = [
            Self.model("main.a.p"), Self.model("main.a.m", isPrompt: "false"), #"{"name": "main.a.n"}"#,
            Self.model("main.b.p"), Self.model("main.a.with space"), Self.model("p"),
        ].joined(separator: ",")
        let exchange = ExchangeDouble(.answer(200, #"{"registered_models": [\#(models)]}"#))
        let registry = try registry(exchange)
        #expect(try await registry.names(matching: PromptQuery(schema: "a")) == ["main.a.p"])
        #expect(try await registry.names(matching: PromptQuery()) == ["main.a.p", "main.b.p", "p"])
    }

    @Test(arguments: [
        (PromptQuery(), ""), (PromptQuery(catalog: "c"), " AND name LIKE 'c.%.%'"),
        (PromptQuery(schema: "s_"), " AND name LIKE '%.s_.%'"),
        (PromptQuery(catalog: "c", schema: "s"), " AND name LIKE 'c.s.%'"),
        (PromptQuery(tag: .init(key: "k k", value: "v;v")), " AND tag.`k k` = 'v;v'"),
        (PromptQuery(tag: .init(key: "k", value: "it's")), ""),
        (PromptQuery(tag: .init(key: "k`", value: "v")), ""),
    ])
    func asksForWhatTheServerCanTell(_ query: PromptQuery, _ expected: String) {
        #expect(MLflowServerRegistry.filter(query) == "tag.`mlflow.prompt.is_prompt` = 'true'" + expected)
    }

    @Test(arguments: ["", "a.b", "a'b", "%", "a b"]) func noSuchSchemaCanBe(_ level: String) async throws {
        let exchange = ExchangeDouble(.answer(200))
        #expect(try await registry(exchange).names(matching: PromptQuery(catalog: level)).isEmpty)
        #expect(try await registry(exchange).names(matching: PromptQuery(schema: level)).isEmpty)
        #expect(exchange.sent.isEmpty)
    }

    @Test(arguments: [
        #""9223372036854775807""#, "9223372036854775808", "1e300", #""2147483648""#, "0", #""-1""#, #""""#,
        #""x""#,
        #""+1""#, #""１""#, "1.5",
    ])
    func aVersionNumberOutOfRangeIsAnError(_ number: String) async throws {
        let version = #"{"version": \#(number), "tags": [{"key": "mlflow.prompt.text", "value": "t"}]}"#
        let alias = #"{"alias": "production", "version": \#(number)}"#
        let prompt = Self.model("p").dropLast()
        for answer in [
            #"{"registered_model": \#(prompt), "latest_versions": [\#(version)]}}"#,
            #"{"registered_model": \#(prompt), "aliases": [\#(alias)]}}"#,
            #"{"model_versions": [\#(version)]}"#,
        ] {
            let exchange = ExchangeDouble(.answer(200, answer))
            let registry = try registry(exchange)
            let isObserved = answer.contains("registered_model")
            let error = await #expect(throws: RegistryError.self) {
                if isObserved { _ = try await registry.observe(["p"]) }
                _ = try await registry.versions(of: "p")
            }
            #expect(error?.code == .corrupt && error?.message.contains("version number") == true)
            #expect(exchange.sent.count == 1)
        }
    }

    @Test func aNewVersionWithANumberOutOfRangeMayExist() async throws {
        let exchange = ExchangeDouble { request, _ in
            request.isWrite
                ? .answer(200, #"{"model_version": {"version": "9223372036854775807"}}"#)
                : .answer(200, #"{"registered_model": \#(Self.model("p"))}"#)
        }
        let registry = try registry(exchange)
        let error = await #expect(throws: RegistryError.self) {
            try await registry.createVersion(
                of: "p", VersionDraft(content: PromptContent(kind: .text, template: "t")))
        }
        #expect(error?.code == .corrupt && error?.outcomeIsUnknown == true)
    }

    @Test func theLargestVersionNumberIsRead() async throws {
        let version = #"{"version": "2147483647", "tags": [{"key": "mlflow.prompt.text", "value": "t"}]}"#
        let registry = try registry(ExchangeDouble(.answer(200, #"{"model_versions": [\#(version)]}"#)))
        #expect(try await registry.versions(of: "p").map(\.number) == [2_147_483_647])
    }

    @Test(arguments: HTTPError.Code.allCases)
    func everyFailureOfARequestIsOneOfARegistry(code: HTTPError.Code) {
        var failure = HTTPError(code, "no", hint: "try")
        failure.outcomeIsUnknown = true
        let error = RegistryError(failure)
        #expect(error.code.rawValue == (code == .wrongService ? "not-a-registry" : code.rawValue))
        #expect(error.message == "no" && error.hint == "try" && error.outcomeIsUnknown)
    }

    @Test func aRefusedSearchIsTold() async throws {
        let registry = try registry(ExchangeDouble(.answer(403, "no")))
        for read in [
            { _ = try await registry.names(matching: PromptQuery()) },
            { _ = try await registry.versions(of: "p") }, { _ = try await registry.version(1, of: "p") },
        ] as [@Sendable () async throws -> Void] {
            let error = await #expect(throws: RegistryError.self) { try await read() }
            #expect(error?.code == .permissionDenied)
        }
    }
}
