import HTTP
import Prompts
import ServerFixtures
import Synchronization
import Testing

@testable import MLflowServer

/// Against MLflow's own server.
@Suite(.mlflowServer) struct MLflowServerRegistryTests {
    let url: String
    let registry: MLflowServerRegistry
    /// Asks the server for what the registry has no call for.
    let raw: MLflowAPI

    init() throws {
        url = try #require(MLflowServerProcess.current).url
        registry = try MLflowServerRegistry(url: url, environment: [:])
        let client = HTTPClient(
            exchange: try CurlExchange(), authorizer: FixedAuthorizer(), service: MLflowSettings.service)
        raw = MLflowAPI(base: try HTTPURL(url), client: client, headers: [:])
    }

    func text(_ template: String) -> VersionDraft {
        VersionDraft(content: PromptContent(kind: .text, template: template))
    }

    private func observe(_ name: String) async throws -> ObservedPrompt {
        try #require(try await registry.observe([name])[name])
    }

    func code(_ body: () async throws -> Void) async -> RegistryError.Code? {
        do {
            try await body()
            return nil
        } catch {
            return (error as? RegistryError)?.code
        }
    }

    // MARK: - What is written is what is read

    @Test func givesBackWhatWasRegistered() async throws {
        let content = PromptContent(
            kind: .chat, template: #"[{"role":"user","content":"Grüße {{x}} 🎈 \u0007"}]"#,
            modelConfig: #"{"temperature":0.2}"#, responseFormat: #"{"type":"object"}"#)
        let tags = ["team": "platform", "promptreg_job": "x", "empty": ""]
        let draft = PromptDraft(
            name: "main.a.prompt_whole", description: "What it's \"for\"", tags: ["a": "b"])
        let created = try await registry.createPrompt(
            draft, firstVersion: VersionDraft(content: content, description: "first\nline", tags: tags))
        #expect(created.number == 1)
        try await registry.moveAlias("production", of: draft.name, from: nil, to: 1)
        try await registry.moveAlias("staging", of: draft.name, from: nil, to: 1)
        #expect(registry.requestCount == 4)

        var observed = try await observe(draft.name)
        #expect(registry.requestCount == 5)
        let newest = try #require(observed.newest)
        #expect(newest.content == content)
        #expect(newest.description == "first\nline")
        #expect(newest.tags.filter { $0.key != RunMark.tag } == tags)
        #expect(newest.tags[RunMark.tag]?.isEmpty == false)
        #expect((newest.createdAt ?? 0) > 1_600_000_000_000)
        observed.newest = nil
        #expect(
            observed
                == ObservedPrompt(
                    name: draft.name, description: draft.description, tags: ["a": "b"],
                    aliases: ["production": 1, "staging": 1]))
    }

    @Test(arguments: [
        "\r\n a\r\n\r\n", "\u{FEFF}x", "{{ a.b }}", String(repeating: "é", count: 100_000), "e\u{301}",
    ])
    func keepsATemplateByteForByte(_ template: String) async throws {
        let name = "main.a.prompt_bytes_\(template.utf8.count)"
        _ = try await registry.createPrompt(PromptDraft(name: name), firstVersion: text(template))
        let read = try await observe(name).newest?.content.template
        #expect(read.map { Array($0.utf8) } == Array(template.utf8))
    }

    @Test func numbersVersionsAndMovesAliases() async throws {
        let name = "main.a.prompt_moves"
        _ = try await registry.createPrompt(PromptDraft(name: name), firstVersion: text("one"))
        try await registry.moveAlias("production", of: name, from: nil, to: 1)
        let before = registry.requestCount
        #expect(try await registry.createVersion(of: name, text("two")).number == 2)
        try await registry.moveAlias("production", of: name, from: nil, to: 2)
        #expect(registry.requestCount - before == 2)
        var observed = try await observe(name)
        #expect(observed.newest?.number == 2)
        #expect(observed.aliases == ["production": 2])
        for _ in 0..<2 { try await registry.moveAlias("production", of: name, from: nil, to: nil) }
        observed = try await observe(name)
        #expect(observed.aliases.isEmpty)
    }

    @Test func changesInPlace() async throws {
        let name = "main.a.prompt_tags"
        var version = text("one")
        version.tags = ["keep": "1", "drop": "1"]
        _ = try await registry.createPrompt(
            PromptDraft(name: name, description: "old", tags: ["keep": "1", "drop": "1"]),
            firstVersion: version)
        try await registry.update(
            name,
            MetadataChanges(
                description: "new", promptTags: ["add": "2", "drop": nil, "missing": nil], version: 1,
                versionTags: ["add": "2", "drop": nil]))
        var observed = try await observe(name)
        #expect(observed.description == "new")
        #expect(observed.tags == ["keep": "1", "add": "2"])
        #expect(observed.newest?.tags.filter { $0.key != RunMark.tag } == ["keep": "1", "add": "2"])
        try await registry.update(name, MetadataChanges(description: ""))
        observed = try await observe(name)
        #expect(observed.description == nil)
        let before = registry.requestCount
        try await registry.update(name, MetadataChanges())
        #expect(registry.requestCount == before)
    }

    // MARK: - The newest version

    @Test func theNewestIsTheHighestAfterDeletionsAndStages() async throws {
        let name = "main.a.prompt_stages"
        _ = try await registry.createPrompt(PromptDraft(name: name), firstVersion: text("v1"))
        for number in 2...5 { _ = try await registry.createVersion(of: name, text("v\(number)")) }
        for (version, stage) in [(4, "Production"), (2, "Staging")] {
            let body = #"{"name": "\#(name)", "version": "\#(version)", "stage": "\#(stage)"}"#
            // A server may refuse stages to prompts, which is as well.
            _ = try? await raw.client.send(
                HTTPRequest(
                    .post, try HTTPURL(url).appending("api/2.0/mlflow/model-versions/transition-stage"),
                    body: Array(body.utf8)), as: Acknowledgement.self)
        }
        let fillers = (0..<MLflowServerRegistry.fewNames).map { "main.a.prompt_none_\($0)" }
        for remaining in [5, 4, 3, 1] {
            let gotten = try await observe(name).newest
            let searched = try await registry.observe(fillers + [name])[name]?.newest
            #expect(gotten?.number == remaining)
            #expect(gotten?.content.template == "v\(remaining)")
            #expect(searched == gotten)
            try await raw.write(.delete, "model-versions/delete", .init(name: name, version: "\(remaining)"))
            if remaining == 3 {
                try await raw.write(.delete, "model-versions/delete", .init(name: name, version: "2"))
            }
        }
        #expect(try await observe(name).newest == nil)
        #expect(try await registry.createVersion(of: name, text("again")).number >= 1)
    }

    // MARK: - Many at a time

    @Test func findsManyWithOneSearch() async throws {
        let names = (0..<30).map { "main.many.prompt_\($0)_x" }
        for name in names[..<24] {
            _ = try await registry.createPrompt(PromptDraft(name: name), firstVersion: text(name))
        }
        // What a wildcard would take for one of them.
        _ = try await registry.createPrompt(
            PromptDraft(name: "main.many.prompt-0-x"), firstVersion: text("other"))
        var before = registry.requestCount
        var observed = try await registry.observe(Array(names[..<24]))
        #expect(registry.requestCount - before == 1)
        #expect(
            observed.mapValues { $0.newest?.content.template }
                == Dictionary(uniqueKeysWithValues: names[..<24].map { ($0, $0) }))
        before = registry.requestCount
        observed = try await registry.observe(names)
        #expect(Set(observed.keys) == Set(names[..<24]))
        // One search for prompts, one look at a name not found, one search for models of those names.
        #expect(registry.requestCount - before == 3)
        before = registry.requestCount
        #expect(try await registry.observe(Array(names[..<8])).count == 8)
        #expect(registry.requestCount - before == 1)
    }

    // MARK: - What is refused

    @Test func aModelsNameIsTaken() async throws {
        let name = "main.a.prompt_model"
        try await raw.write(.post, "registered-models/create", .init(name: name))
        #expect(await code { _ = try await registry.observe([name]) } == .nameTaken)
        let fillers = (0..<MLflowServerRegistry.fewNames).map { "main.a.prompt_none_\($0)" }
        #expect(await code { _ = try await registry.observe(fillers + [name]) } == .nameTaken)
        #expect(await code { _ = try await registry.createVersion(of: name, text("x")) } == .nameTaken)
        let draft = PromptDraft(name: name)
        #expect(
            await code { _ = try await registry.createPrompt(draft, firstVersion: text("x")) } == .nameTaken)
        #expect(try await raw.model(name)?.latestVersions == nil)
    }

    @Test func tellsWhatIsWrong() async throws {
        let name = "main.a.prompt_wrong"
        _ = try await registry.createPrompt(PromptDraft(name: name), firstVersion: text("x"))
        #expect(
            await code { _ = try await registry.createVersion(of: "main.a.none", text("y")) } == .notFound)
        #expect(
            await code { try await registry.moveAlias("production", of: name, from: nil, to: 7) } == .notFound
        )
        #expect(
            await code { try await registry.moveAlias("latest", of: name, from: nil, to: 1) } == .invalidValue
        )
        #expect(await code { _ = try await registry.observe(["a'b"]) } == .invalidValue)
        let tags = MetadataChanges(promptTags: [ReservedTag.isPrompt: "false"])
        #expect(await code { try await registry.update(name, tags) } == .invalidValue)
        #expect(try await observe(name).newest?.number == 1)
    }

    @Test func aPromptThatSomethingElseCreatedFirstGetsTheVersion() async throws {
        let name = "main.a.prompt_shared"
        _ = try await registry.createPrompt(
            PromptDraft(name: name, tags: ["theirs": "1", "team": "old"]), firstVersion: text("x"))
        let draft = PromptDraft(name: name, description: "d", tags: ["team": "x"])
        #expect(try await registry.createPrompt(draft, firstVersion: text("y")).number == 2)
        let prompt = try await registry.reread(name)
        #expect(prompt.tags == ["theirs": "1", "team": "x"] && prompt.description == "d")
    }

    @Test func aPromptThatSomethingElseCreatedFirstMayBeRefused() async throws {
        let name = "main.a.prompt_refused_as_taken"
        _ = try await registry.createPrompt(
            PromptDraft(name: name, tags: ["team": "old"]), firstVersion: text("x"))
        let draft = PromptDraft(name: name, tags: ["team": "x"])
        let error = await #expect(throws: RegistryError.self) {
            try await registry.createPrompt(draft, firstVersion: text("y")) { taken throws(RegistryError) in
                throw RegistryError(.otherJob, "\(taken.tags["team"] ?? "") \(taken.newest?.number ?? 0)")
            }
        }
        #expect(error?.code == .otherJob && error?.message == "old 1")
        #expect(try await registry.reread(name).tags == ["team": "old"])
        #expect(try await registry.versions(of: name).map(\.number) == [1])
    }

    @Test func aDeletedVersionIsGoneAndItsNumberIsNotUsedAgain() async throws {
        let name = "main.a.prompt_deleted"
        _ = try await registry.createPrompt(PromptDraft(name: name), firstVersion: text("x"))
        _ = try await registry.createVersion(of: name, text("y"))
        for _ in 0..<2 { try await registry.deleteVersion(2, of: name) }
        #expect(try await registry.versions(of: name).map(\.number) == [1])
    }

    @Test func aPromptWhoseFirstVersionIsRefusedStays() async throws {
        let name = "main.a.prompt_refused"
        let curl = try CurlExchange()
        let exchange = ExchangeDouble { request, _ in
            if request.url.path.hasSuffix("/model-versions/create") {
                return .refusal(400, "INVALID_PARAMETER_VALUE", "too long")
            }
            do throws(TransportError) {
                return .success(try await curl.send(request, within: .seconds(30)))
            } catch {
                return .failure(error)
            }
        }
        let refusing = MLflowServerRegistry(base: try HTTPURL(url), client: ClientDouble(exchange).client)
        let error = await #expect(throws: RegistryError.self) {
            try await refusing.createPrompt(PromptDraft(name: name), firstVersion: text("x"))
        }
        #expect(error?.code == .invalidValue)
        #expect(error?.message.contains("too long") == true)
        #expect(exchange.sent.contains { $0.method == .post && $0.url.path.hasSuffix("/create") })
        // Another client may have begun to use it.
        let prompt = try await registry.observe([name])[name]
        #expect(prompt != nil && prompt?.newest == nil)
    }

    // MARK: - Exactly once

    /// Loses the answer to every first sending of a write that the server has done, and the request itself of every
    /// second.
    private final class LossyExchange: HTTPExchange {
        private let exchange: CurlExchange
        private let seen = Mutex<[HTTPRequest: Int]>([:])
        private let losesRequest: Bool

        init(losesRequest: Bool) throws {
            exchange = try CurlExchange()
            self.losesRequest = losesRequest
        }

        func send(
            _ request: HTTPRequest, within timeout: Duration
        ) async throws(TransportError) -> HTTPResponse {
            let count = seen.withLock { seen in
                seen[request, default: 0] += 1
                return seen[request, default: 0]
            }
            if request.isWrite, count == 1, losesRequest { throw TransportError(.connectionLost) }
            let answer = try await exchange.send(request, within: timeout)
            if request.isWrite, count == 1 { throw TransportError(.timedOut) }
            return answer
        }
    }

    @Test(arguments: [true, false]) func doesEachWriteOnce(losesRequest: Bool) async throws {
        let client = HTTPClient(
            exchange: try LossyExchange(losesRequest: losesRequest), authorizer: FixedAuthorizer(),
            service: MLflowSettings.service,
            // A quarter of the time goes by for each write that is lost.
            settings: HTTPSettings(
                deadline: RunDeadline(total: .seconds(30)), policy: RetryPolicy(base: .milliseconds(1))))
        let lossy = MLflowServerRegistry(base: try HTTPURL(url), client: client)
        let name = "main.a.prompt_lossy_\(losesRequest)"
        let draft = PromptDraft(name: name, description: "d", tags: ["a": "b"])
        #expect(try await lossy.createPrompt(draft, firstVersion: text("one")).number == 1)
        try await lossy.moveAlias("production", of: name, from: nil, to: 1)
        // The same text again is another version, and not taken for the one before.
        #expect(try await lossy.createVersion(of: name, text("one")).number == 2)
        #expect(try await lossy.createVersion(of: name, text("one")).number == 3)
        try await lossy.moveAlias("production", of: name, from: 1, to: 3)
        try await lossy.moveAlias("staging", of: name, from: nil, to: 2)
        try await lossy.moveAlias("staging", of: name, from: 2, to: nil)
        try await lossy.update(name, MetadataChanges(description: "e", promptTags: ["a": nil, "c": "d"]))
        let observed = try await observe(name)
        #expect(observed.newest?.number == 3)
        #expect(observed.aliases == ["production": 3])
        #expect(observed.description == "e")
        #expect(observed.tags == ["c": "d"])
    }

    @Test func registersInParallel() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<16 {
                group.addTask {
                    let name = "main.parallel.prompt_\(number)"
                    let made = try await registry.createPrompt(
                        PromptDraft(name: name), firstVersion: text("x"))
                    try await registry.moveAlias("production", of: name, from: nil, to: made.number)
                }
            }
            try await group.waitForAll()
        }
        let names = (0..<16).map { "main.parallel.prompt_\($0)" }
        let observed = try await registry.observe(names)
        #expect(observed.values.allSatisfy { $0.aliases == ["production": 1] })
        #expect(observed.count == 16)
    }
}
