import HTTP
import Prompts
import ServerFixtures
import Testing

@testable import UnityCatalog

/// The registry against a double that says what no workspace would be made to say.
@Suite struct UnityCatalogRegistryTests {
    private static let name = "main.agents.p"
    private let version = VersionDraft(content: PromptContent(kind: .text, template: "Hi"))

    private func registry(_ exchange: ExchangeDouble, workspaceID: String? = nil) throws
        -> UnityCatalogRegistry
    {
        UnityCatalogRegistry(
            host: try HTTPURL("https://w.example.com"), client: ClientDouble(exchange).client,
            workspaceID: workspaceID)
    }

    /// What is between may mix up its answers.
    @Test func aVersionOfAnotherNumberIsNotBelieved() async throws {
        let answer = #"{"name": "main.agents.p", "version": "4", "template": "\"t\""}"#
        let error = await #expect(throws: RegistryError.self) {
            try await registry(ExchangeDouble(.answer(200, answer))).version(3, of: Self.name)
        }
        #expect(error?.message.contains("version 4 of 'main.agents.p' when asked for version 3") == true)
    }

    @Test(arguments: [
        "p", "agents.p", "main.agents.x.p", "main..p", ".agents.p", "main.agents.", "main.agents.a b",
    ])
    func namesHaveThreeLevels(_ name: String) async throws {
        let exchange = ExchangeDouble(.answer(200))
        let registry = try registry(exchange)
        let error = await #expect(throws: RegistryError.self) {
            try await registry.observe([Self.name, name])
        }
        #expect(error?.code == .invalidValue)
        #expect(error?.message.contains("'\(name)'") == true)
        #expect(exchange.sent.isEmpty)
    }

    @Test(arguments: [".", ",", "-", "=", "/", ":"])
    func tagKeysAreCheckedBeforeAnythingIsSent(_ character: String) async throws {
        let exchange = ExchangeDouble(.answer(200))
        let registry = try registry(exchange)
        let tags = ["fine": "", "a\(character)b": "c"]
        var tagged = version
        tagged.tags = tags
        let draft = tagged
        let attempts: [@Sendable () async throws -> Void] = [
            { _ = try await registry.createPrompt(PromptDraft(name: Self.name), firstVersion: draft) },
            {
                _ = try await registry.createPrompt(
                    PromptDraft(name: Self.name, tags: tags), firstVersion: version)
            },
            { _ = try await registry.createVersion(of: Self.name, draft) },
            { try await registry.update(Self.name, MetadataChanges(promptTags: tags.mapValues { $0 })) },
            {
                try await registry.update(
                    Self.name, MetadataChanges(version: 1, versionTags: tags.mapValues { $0 }))
            },
        ]
        for attempt in attempts {
            let error = await #expect(throws: RegistryError.self) { try await attempt() }
            #expect(error?.code == .invalidValue)
            #expect(error?.message.contains("the tag 'a\(character)b' cannot be used") == true)
            #expect(error?.hint == "write 'a_b', for example")
        }
        #expect(exchange.sent.isEmpty)
    }

    @Test func mlflowsOwnTagsAreNoTags() async throws {
        let registry = try registry(ExchangeDouble(.answer(200)))
        var tagged = version
        tagged.tags = [ReservedTag.kind: "chat"]
        let draft = tagged
        let error = await #expect(throws: RegistryError.self) {
            try await registry.createVersion(of: Self.name, draft)
        }
        #expect(error?.message.contains("MLflow's own") == true)
    }

    @Test(arguments: ["latest", "v3", "a b", ""])
    func aliasesAreChecked(_ alias: String) async throws {
        let registry = try registry(ExchangeDouble(.answer(200)))
        let error = await #expect(throws: RegistryError.self) {
            try await registry.moveAlias(alias, of: Self.name, from: nil, to: 1)
        }
        #expect(error?.code == .invalidValue)
    }

    @Test func aRefusalAfterALostAnswerMayHaveBeenDone() async throws {
        let refused = ExchangeDouble.Answer.refusal(403, "PERMISSION_DENIED")
        let lost = try registry(ExchangeDouble(.broken(.connectionLost), refused))
        let afterLoss = await #expect(throws: RegistryError.self) {
            try await lost.moveAlias("production", of: Self.name, from: nil, to: 1)
        }
        #expect(afterLoss?.code == .permissionDenied && afterLoss?.outcomeIsUnknown == true)
        let atOnce = try registry(ExchangeDouble(refused))
        let plain = await #expect(throws: RegistryError.self) {
            try await atOnce.moveAlias("production", of: Self.name, from: nil, to: 1)
        }
        #expect(plain?.code == .permissionDenied && plain?.outcomeIsUnknown == false)
    }

    @Test func linksLeadToAnExperimentsPrompts() throws {
        let exchange = ExchangeDouble(.answer(200))
        #expect(
            try registry(exchange, workspaceID: "77").page(of: Self.name, version: 2, experiment: "12")
                == "https://w.example.com/ml/experiments/12/prompts/main.agents.p?o=77&promptVersion=2")
        #expect(
            try registry(exchange).page(of: Self.name, experiment: "12")
                == "https://w.example.com/ml/experiments/12/prompts/main.agents.p")
        #expect(
            try registry(exchange).location
                == RegistryLocation("databricks-uc", workspace: "https://w.example.com"))
    }

    // MARK: - Reading

    /// A workspace with one prompt, which answers searches for versions and single ones as told.
    private static func workspace(search: String, version: String = "{}") -> ExchangeDouble {
        ExchangeDouble { request, _ in
            if request.url.path.hasSuffix("/search") { return .answer(200, search) }
            if request.url.path.contains("/versions/") { return .answer(200, version) }
            return .answer(200, #"{"name": "MAIN.agents.p", "aliases": [{"alias": "a", "version": 1}]}"#)
        }
    }

    @Test func anEntryThatIsNotCompleteIsAskedForAgain() async throws {
        let tags = #"[{"key": "_mlflow_prompt_type", "value": "text"}, {"key": "t"}]"#
        let exchange = Self.workspace(
            search:
                #"{"prompt_versions": [{"version": "9"}, {"version": "10", "aliases": [{"alias": "b"}]}]}"#,
            version: #"{"version": "10", "template": "\"Hi\"", "tags": \#(tags)}"#)
        let observed = try await registry(exchange).observe([Self.name])[Self.name]
        #expect(observed?.name == Self.name)
        #expect(observed?.newest == PromptVersion(number: 10, content: version.content, tags: ["t": ""]))
        #expect(observed?.aliases == ["a": 1, "b": 10])
    }

    @Test(arguments: [
        (#""\"Hi\"""#, PromptContent.Kind.text, "Hi"), (#""\"[{}]\"""#, .text, "[{}]"),
        (#"" [{\"role\":\"user\",\"content\":\"a\"}]""#, .chat, #" [{"role":"user","content":"a"}]"#),
        (#""\"\\ud83d\\ude00\\n\"""#, .text, "\u{1F600}\n"),
    ])
    func aTemplatesKindIsWhatItsJSONIs(_ template: String, _ kind: PromptContent.Kind, _ text: String)
        async throws
    {
        let entry =
            #"{"version": "1", "template": \#(template), "tags": [{"key": "_mlflow_prompt_type", "value": "chat"}]}"#
        let exchange = Self.workspace(search: #"{"prompt_versions": [\#(entry)]}"#)
        let observed = try await registry(exchange).observe([Self.name])[Self.name]
        #expect(observed?.newest?.content == PromptContent(kind: kind, template: text))
    }

    @Test(arguments: [#""Hi""#, #""{\"a\": 1}""#, #""\"Hi""#])
    func aTemplateThatIsNoJSONTextIsCorrupt(_ template: String) async throws {
        let entry = #"{"version": "1", "template": \#(template), "tags": [{"key": "k", "value": "v"}]}"#
        let registry = try registry(Self.workspace(search: #"{"prompt_versions": [\#(entry)]}"#))
        let error = await #expect(throws: RegistryError.self) { try await registry.observe([Self.name]) }
        #expect(error?.code == .corrupt)
        #expect(error?.prompt == Self.name)
    }

    @Test func aPromptWithoutVersionsIsObserved() async throws {
        let observed = try await registry(Self.workspace(search: "{}")).observe([Self.name])
        #expect(observed[Self.name]?.newest == nil)
    }

    @Test func pagesThatLeadRoundInCirclesAreAnError() async throws {
        let entry = #"{"version": "1", "template": "\"a\"", "tags": [{"key": "k", "value": "v"}]}"#
        let exchange = Self.workspace(search: #"{"prompt_versions": [\#(entry)], "next_page_token": "x"}"#)
        await #expect(throws: RegistryError.self) { try await registry(exchange).observe([Self.name]) }
        #expect(exchange.sent.count == 3)
    }

    /// A gateway in between may rewrite what it forwards.
    @Test(arguments: [#""template": "\"b\"""#, #""template": "\"a\"", "description": "Other""#])
    func aVersionThatIsStoredOtherwiseIsAnError(_ stored: String) async throws {
        let exchange = ExchangeDouble { request, _ in
            let sent = String(decoding: request.body ?? [], as: UTF8.self)
            let mark = sent.split(separator: #"_run","value":""#).last?.prefix { $0 != "\"" } ?? ""
            let tags = #"[{"key": "promptreg_run", "value": "\#(mark)"}]"#
            return .answer(200, #"{"name": "\#(Self.name)", "version": "1", \#(stored), "tags": \#(tags)}"#)
        }
        let draft = VersionDraft(content: PromptContent(kind: .text, template: "a"))
        let error = await #expect(throws: RegistryError.self) {
            try await registry(exchange).createVersion(of: Self.name, draft)
        }
        #expect(error?.code == .corrupt && error?.message.contains("otherwise than it was sent") == true)
    }

    @Test func aListThatLeavesOutWhatThereIsIsNotBelieved() async throws {
        let exchange = ExchangeDouble { request, _ in
            if request.url.path.hasSuffix("/prompts/search") { return .answer(200, "{}") }
            if request.url.path.hasSuffix("/search") { return .answer(200, "{}") }
            let name = request.url.path.split(separator: "/").last ?? ""
            return .answer(200, #"{"name": "\#(name)"}"#)
        }
        let names = (0..<20).map { "main.agents.p\($0)" }
        #expect(try await registry(exchange).observe(names).count == 20)
    }

    // MARK: - Refusals

    @Test(arguments: [
        (
            403, "PERMISSION_DENIED", "User does not have USE CATALOG on Catalog 'main'",
            RegistryError.Code.permissionDenied, "GRANT USE CATALOG ON CATALOG `main` TO `me`"
        ),
        (
            403, "PERMISSION_DENIED", "needs USE_SCHEMA", .permissionDenied,
            "GRANT USE SCHEMA ON SCHEMA `main`.`agents` TO `me`"
        ),
        (
            403, "PERMISSION_DENIED", "no", .permissionDenied,
            "GRANT CREATE FUNCTION, EXECUTE, MANAGE ON SCHEMA `main`.`agents` TO `me`"
        ),
        (
            403, "403", "Invalid access token.", .unauthenticated,
            "create a new token, or check DATABRICKS_HOST"
        ),
        (404, "ENDPOINT_NOT_FOUND", "No API found", .notARegistry, "previews"),
        (400, "FEATURE_DISABLED", "Prompt registry is not on", .notARegistry, "previews"),
        (
            404, "CATALOG_DOES_NOT_EXIST", "Catalog 'main' does not exist.", .notFound,
            "CREATE SCHEMA `main`.`agents`"
        ),
        (404, "RESOURCE_DOES_NOT_EXIST", "Prompt 'main.schema.p' does not exist.", .notFound, ""),
    ])
    func refusalsAreExplained(
        _ status: Int, _ code: String, _ message: String, _ expected: RegistryError.Code, _ hint: String
    ) async throws {
        let exchange = ExchangeDouble { request, _ in
            request.url.path.hasSuffix("/Me")
                ? .answer(200, #"{"userName": "me"}"#) : .refusal(status, code, message)
        }
        let registry = try registry(exchange)
        let error = await #expect(throws: RegistryError.self) {
            try await registry.moveAlias("production", of: Self.name, from: nil, to: 1)
        }
        #expect(error?.code == expected)
        #expect(error?.message.contains(message) == true)
        #expect(hint.isEmpty ? error?.hint == nil : error?.hint?.contains(hint) == true)
    }

    /// The prompt itself may come without its aliases.
    @Test(arguments: [(7, 1), (2, 1), (1, 8)])
    func aLostMoveIsRepeatedOnlyWhileTheAliasIsWhereItWas(_ place: Int, _ moves: Int) async throws {
        let exchange = ExchangeDouble { request, _ in
            if request.isWrite { return .answer(504) }
            guard request.url.path.hasSuffix("/search") else { return .answer(200, #"{"name": "p"}"#) }
            return .answer(
                200,
                #"{"prompt_versions": [{"version": "\#(place)", "aliases": [{"alias": "production"}]}]}"#)
        }
        let registry = try registry(exchange)
        var code: RegistryError.Code?
        do {
            try await registry.moveAlias("production", of: Self.name, from: 1, to: 2)
        } catch {
            code = error.code
        }
        #expect(exchange.sent.count(where: \.isWrite) == moves)
        #expect(code == [1: .unreachable, 7: .conflict][place])
    }

    @Test func whoIsAskingMayStayUnknown() async throws {
        let registry = try registry(ExchangeDouble(.refusal(403, "PERMISSION_DENIED", "no")))
        let error = await #expect(throws: RegistryError.self) {
            try await registry.moveAlias("production", of: Self.name, from: nil, to: 1)
        }
        #expect(error?.message == "the principal lacks MANAGE on main.agents: no")
        #expect(error?.hint?.hasSuffix("TO `PRINCIPAL`") == true)
    }
}

@Suite struct UnityCatalogTimestampTests {
    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0), ("2025-04-15T08:49:18.699Z", 1_744_706_958_699),
        ("2024-02-29T23:59:59.5Z", 1_709_251_199_500), ("2025-04-15T08:49:18.699123456Z", 1_744_706_958_699),
    ])
    func isRead(_ text: String, _ milliseconds: Int) {
        #expect(UnityCatalogMessage.Version.milliseconds(text) == milliseconds)
    }

    @Test(arguments: [
        "", "Z", "2025-04-15", "2025-04-15T08:49:18", "2025-13-15T08:49:18Z", "2025-04-15T08:49:18.Z",
        "2025-04-15T08:49:18.a1Z",
    ])
    func isNothingInAnyOtherForm(_ text: String) {
        #expect(UnityCatalogMessage.Version.milliseconds(text) == nil)
    }
}
