import HTTP
import Prompts
import ServerFixtures
import Synchronization
import Testing

@testable import UnityCatalog

/// Finding prompts and reading versions, in the stand-in for a workspace.
@Suite struct UnityCatalogReaderTests {
    private static let path = "/api/2.0/mlflow/unity-catalog/prompts"
    private static let query = PromptQuery(catalog: "main", schema: "agents")
    private let text = VersionDraft(content: PromptContent(kind: .text, template: "Hi {{x}}"))

    private func fill(_ registry: UnityCatalogRegistry, _ tags: [String: [String: String]]) async throws {
        for (name, tags) in tags {
            _ = try await registry.createPrompt(
                PromptDraft(name: "main.agents.\(name)", tags: tags), firstVersion: text)
        }
    }

    @Test func findsThePromptsOfASchema() async throws {
        let workspace = try await UnityCatalogStandIn([
            "page_size": 2, "schemas": ["main.agents", "main.others"],
        ])
        let registry = try workspace.registry()
        #expect(try await registry.names(matching: Self.query).isEmpty)
        try await fill(registry, ["e": [:], "a": [:], "c": [:], "b": [:], "d": [:]])
        _ = try await registry.createPrompt(PromptDraft(name: "main.others.p"), firstVersion: text)
        try await workspace.forgetRequests()
        #expect(
            try await registry.names(matching: Self.query)
                == ["a", "b", "c", "d", "e"].map { "main.agents.\($0)" })
        let requests = try await workspace.requests()
        #expect(requests.map(\.line) == Array(repeating: "POST \(Self.path)/search", count: 3))
        #expect(
            requests.first?.body
                == #"{"catalog_schema":{"catalog_name":"main","schema_name":"agents"},"max_results":100}"#)
    }

    @Test func looksAtEachPromptForATagOnly() async throws {
        let workspace = try await UnityCatalogStandIn()
        let registry = try workspace.registry()
        try await fill(
            registry,
            ["a": ["job": "it's"], "b": ["job": "other"], "c": [:], "d": ["job": "it's", "x": "y"]])
        try await workspace.forgetRequests()
        var query = Self.query
        query.tag = PromptQuery.Tag(key: "job", value: "it's")
        #expect(try await registry.names(matching: query) == ["main.agents.a", "main.agents.d"])
        let lines = try await workspace.requests().map(\.line).sorted()
        #expect(
            lines == ["a", "b", "c", "d"].map { "GET \(Self.path)/main.agents.\($0)" }
                + ["POST \(Self.path)/search"])
    }

    @Test(arguments: [
        PromptQuery(), PromptQuery(catalog: "main"), PromptQuery(schema: "agents"),
        PromptQuery(catalog: "", schema: "agents"), PromptQuery(catalog: "main", schema: ""),
    ])
    func listsOneSchemaAtATime(_ query: PromptQuery) async throws {
        let workspace = try await UnityCatalogStandIn()
        let registry = try workspace.registry()
        let error = await #expect(throws: RegistryError.self) { try await registry.names(matching: query) }
        #expect(error?.code == .invalidValue)
        #expect(error?.hint == "name it with --catalog and --schema")
        #expect(try await workspace.requests().isEmpty)
    }

    @Test func aMissingSchemaIsTold() async throws {
        let registry = try await UnityCatalogStandIn().registry()
        let query = PromptQuery(catalog: "main", schema: "other")
        let error = await #expect(throws: RegistryError.self) { try await registry.names(matching: query) }
        #expect(error?.code == .notFound)
        #expect(error?.hint?.contains("CREATE SCHEMA `main`.`other`") == true)
    }

    @Test func aMissingPrivilegeIsNamed() async throws {
        let workspace = try await UnityCatalogStandIn([
            "identities": [
                ["principal": "ci", "tokens": ["token"], "grants": [String: [String]]()]
                    as [String: any Sendable]
            ]
        ])
        let registry = try workspace.registry()
        for read in [
            { _ = try await registry.names(matching: Self.query) },
            { _ = try await registry.versions(of: "main.agents.p") },
            { _ = try await registry.version(1, of: "main.agents.p") },
        ] as [@Sendable () async throws -> Void] {
            let error = await #expect(throws: RegistryError.self) { try await read() }
            #expect(error?.code == .permissionDenied)
            #expect(error?.message.hasPrefix("ci lacks EXECUTE on main.agents") == true)
        }
    }

    // MARK: - Versions

    @Test func readsVersionsNewestFirst() async throws {
        let workspace = try await UnityCatalogStandIn(["page_size": 4])
        let registry = try workspace.registry()
        let name = "main.agents.p"
        var first = text
        first.description = "why"
        first.tags = ["team": "platform"]
        first.content.modelConfig = #"{"temperature": 0.2}"#
        _ = try await registry.createPrompt(PromptDraft(name: name), firstVersion: first)
        for _ in 2...11 { _ = try await registry.createVersion(of: name, text) }
        try await workspace.forgetRequests()
        let versions = try await registry.versions(of: name)
        #expect(versions.map(\.number) == (1...11).reversed())
        #expect(try await workspace.requests().count == 3)
        var oldest = try #require(versions.last)
        #expect(oldest.content == first.content)
        #expect(oldest.description == "why")
        #expect((oldest.createdAt ?? 0) > 1_700_000_000_000)
        #expect(try await registry.version(1, of: name) == oldest)
        #expect(oldest.tags.removeValue(forKey: RunMark.tag) != nil)
        #expect(oldest.tags == ["team": "platform"])
    }

    @Test func tellsWhatIsMissing() async throws {
        let registry = try await UnityCatalogStandIn().registry()
        let name = "main.agents.p"
        for read in [
            { _ = try await registry.versions(of: name) }, { _ = try await registry.version(1, of: name) },
        ] as [@Sendable () async throws -> Void] {
            let error = await #expect(throws: RegistryError.self) { try await read() }
            #expect(error?.code == .notFound)
            #expect(error?.message.lowercased().contains("prompt '\(name)'") == true)
        }
        _ = try await registry.createPrompt(PromptDraft(name: name), firstVersion: text)
        for number in [2, 0, -1] {
            let error = await #expect(throws: RegistryError.self) {
                try await registry.version(number, of: name)
            }
            #expect(error?.code == .notFound)
            #expect(error?.message == "'\(name)' has no version \(number)")
        }
        let error = await #expect(throws: RegistryError.self) { try await registry.versions(of: "p") }
        #expect(error?.code == .invalidValue)
    }

    // MARK: - With a double, for what the stand-in does not do

    private func registry(_ exchange: ExchangeDouble) throws -> UnityCatalogRegistry {
        UnityCatalogRegistry(
            host: try HTTPURL("https://w.example.com"), client: ClientDouble(exchange).client)
    }

    @Test(arguments: [#""9223372036854775807""#, "1e300", #""2147483648""#, "0", #""-1""#, #""x""#])
    func aVersionNumberOutOfRangeIsAnError(_ number: String) async throws {
        let version = #"{"version": \#(number), "template": "\"t\"", "tags": [{"key": "a", "value": "b"}]}"#
        let exchange = ExchangeDouble { request, _ in
            request.method == .get
                ? .answer(200, #"{"name": "main.a.p"}"#)
                : .answer(200, #"{"prompt_versions": [\#(version)]}"#)
        }
        let registry = try registry(exchange)
        for read in [
            { _ = try await registry.observe(["main.a.p"]) },
            { _ = try await registry.versions(of: "main.a.p") },
        ] as [@Sendable () async throws -> Void] {
            let error = await #expect(throws: RegistryError.self) { try await read() }
            #expect(error?.code == .corrupt && error?.message.contains("version number") == true)
        }
    }

    @Test func isObservedInBoundedParts() async throws {
        let exchange = ExchangeDouble { request, index in
            if request.method == .get { return .refusal(404, "RESOURCE_DOES_NOT_EXIST") }
            // A list without end.
            return .answer(
                200, #"{"prompts": [{"name": "main.a.x\#(index)"}], "next_page_token": "\#(index)"}"#)
        }
        let registry = try registry(exchange)
        #expect(registry.observedAtOnce <= 1000)
        let names = (0..<registry.observedAtOnce).map { "main.a.p\($0)" }
        #expect(try await registry.observe(names).isEmpty)
        #expect(exchange.sent.count { $0.method == .post } <= names.count / 4)
    }

    @Test func aListThatHasTagsIsBelieved() async throws {
        let exchange = ExchangeDouble { request, _ in
            request.method == .get
                ? .answer(200, #"{"name": "main.agents.b", "tags": [{"key": "k", "value": "v"}]}"#)
                : .answer(
                    200,
                    #"""
                    {"prompts": [{"name": "main.agents.a", "tags": [{"key": "k", "value": "v"}]},
                    {"name": "main.agents.b"}, {"name": "main.agents.c", "tags": [{"key": "k", "value": "w"}]},
                    {"name": "main.agents.with space"}]}
                    """#)
        }
        var query = Self.query
        #expect(
            try await registry(exchange).names(matching: query)
                == ["a", "b", "c"].map { "main.agents.\($0)" })
        query.tag = PromptQuery.Tag(key: "k", value: "v")
        #expect(try await registry(exchange).names(matching: query) == ["main.agents.a", "main.agents.b"])
        #expect(exchange.sent.map(\.method) == [.post, .post, .get])
    }

    @Test(arguments: [["x", "x"], ["x", "y", "x"]])
    func pagesThatLeadRoundInCirclesAreAnError(_ tokens: [String]) async throws {
        let exchange = ExchangeDouble { _, index in
            let token = tokens[index % tokens.count]
            return .answer(
                200, #"{"prompts": [{"name": "main.agents.a\#(index)"}], "next_page_token": "\#(token)"}"#)
        }
        let failure = await #expect(throws: RegistryError.self) {
            try await registry(exchange).names(matching: Self.query)
        }
        #expect(failure?.code == .failed && exchange.sent.count == tokens.count)
    }

    @Test func entriesThatAreNotCompleteAreAskedForAgain() async throws {
        let tags = #"[{"key": "t", "value": "v"}]"#
        let exchange = ExchangeDouble { request, _ in
            if request.url.path.hasSuffix("/search") {
                return .answer(
                    200,
                    #"{"prompt_versions": [{"version": "1"}, {"version": "3", "template": "\"c\"", "tags": \#(tags)}, {"version": "2"}]}"#
                )
            }
            // One was deleted meanwhile.
            if request.url.path.hasSuffix("/2") { return .refusal(404, "RESOURCE_DOES_NOT_EXIST") }
            return .answer(200, #"{"version": "1", "template": "\"a\"", "tags": \#(tags)}"#)
        }
        let versions = try await registry(exchange).versions(of: "main.agents.p")
        #expect(
            versions
                == [(3, "c"), (1, "a")].map { number, template in
                    PromptVersion(
                        number: number, content: PromptContent(kind: .text, template: template),
                        tags: ["t": "v"])
                })
        #expect(exchange.sent.count == 3)
    }

    // A list of numbers alone must not make a lost answer look like a write that was not done.
    @Test(arguments: [true, false]) func aLostAnswerIsLookedUpBehindAList(_ wasDone: Bool) async throws {
        struct State {
            var marks = ["another run's", "another run's"]
            var sendings = 0
        }
        let state = Mutex(State())
        let exchange = ExchangeDouble { request, _ in
            if request.url.path.hasSuffix("/versions") {
                let body = String(decoding: request.body ?? [], as: UTF8.self)
                let mark =
                    body.split(separator: RunMark.tag + #"","value":""#).last?.prefix { $0 != "\"" } ?? ""
                return state.withLock { state in
                    state.sendings += 1
                    if state.sendings > 1 || wasDone { state.marks.append(String(mark)) }
                    return state.sendings > 1 ? .answer(200, #"{"version": "3"}"#) : .broken(.timedOut)
                }
            }
            let marks = state.withLock { $0.marks }
            if request.url.path.hasSuffix("/search") {
                let entries = marks.indices.map { #"{"version": "\#($0 + 1)"}"# }.joined(separator: ",")
                return .answer(200, #"{"prompt_versions": [\#(entries)]}"#)
            }
            let number = Int(request.url.path.split(separator: "/").last ?? "") ?? 0
            let tags = #"[{"key": "\#(RunMark.tag)", "value": "\#(marks[number - 1])"}]"#
            return .answer(200, #"{"version": "\#(number)", "template": "\"Hi {{x}}\"", "tags": \#(tags)}"#)
        }
        #expect(try await registry(exchange).createVersion(of: "main.agents.p", text).number == 3)
        #expect(state.withLock { $0.marks.count } == 3)
        #expect(state.withLock { $0.sendings } == (wasDone ? 1 : 2))
    }

    @Test func aPromptWithoutVersionsHasNone() async throws {
        let exchange = ExchangeDouble { request, _ in
            .answer(200, request.method == .get ? #"{"name": "main.agents.p"}"# : "{}")
        }
        #expect(try await registry(exchange).versions(of: "main.agents.p").isEmpty)
        let empty = ExchangeDouble { request, _ in
            request.method == .get ? .refusal(404, "RESOURCE_DOES_NOT_EXIST") : .answer(200)
        }
        let error = await #expect(throws: RegistryError.self) {
            try await registry(empty).versions(of: "main.agents.p")
        }
        #expect(error?.code == .notFound)
    }

    // MARK: - Before anything is written

    @Test func whatWouldBeRefusedIsToldBeforehand() throws {
        let exchange = ExchangeDouble(.answer(200))
        let registry = try registry(exchange)
        let fine = PromptDraft(name: "main.agents.p", tags: ["a b&c": "x", "_mlflow_experiment_ids": ",12,"])
        try registry.check(fine, text)
        for name in ["p", "agents.p", "main.agents.x.p", "main..p", "main.agents.a b"] {
            let error = #expect(throws: RegistryError.self) {
                try registry.check(PromptDraft(name: name), text)
            }
            #expect(error?.code == .invalidValue)
        }
        for key in ["a.b", "a,b", "a-b", "a=b", "a/b", "a:b", "", ReservedTag.modelConfig] {
            var tagged = text
            tagged.tags = [key: "x"]
            #expect(throws: RegistryError.self) { try registry.check(fine, tagged) }
        }
        for key in ["a.b", "", ReservedTag.isPrompt] {
            let tagged = PromptDraft(name: "main.agents.p", tags: [key: "x"])
            #expect(throws: RegistryError.self) { try registry.check(tagged, text) }
        }
        #expect(exchange.sent.isEmpty)
    }
}
