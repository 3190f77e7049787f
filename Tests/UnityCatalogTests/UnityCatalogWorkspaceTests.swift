import Foundation
import HTTP
import Prompts
import Testing

@testable import UnityCatalog

/// The registry against the stand-in for a workspace, over real connections.
@Suite struct UnityCatalogWorkspaceTests {
    private static let name = "main.agents.prompt_orchestrator"
    private static let path = "/api/2.0/mlflow/unity-catalog/prompts"
    private let text = VersionDraft(
        content: PromptContent(kind: .text, template: "Hello {{name}} \u{1F600}\r\n\"\\/</\u{7}"),
        description: "First", tags: ["team": "platform"])
    private let chat = VersionDraft(
        content: PromptContent(
            kind: .chat, template: #"[{"role": "user", "content": "{{q}}"}]"#,
            modelConfig: #"{"temperature": 0.2}"#, responseFormat: #"{"type": "object"}"#))

    private func prompt(_ name: String = Self.name) -> PromptDraft {
        PromptDraft(name: name, description: "Plans", tags: ["owner": "a b"])
    }

    @Test func whatIsWrittenIsObserved() async throws {
        let workspace = try await UnityCatalogStandIn(["page_size": 1])
        let registry = try workspace.registry()
        #expect(try await registry.observe([Self.name]).isEmpty)
        #expect(try await registry.createPrompt(prompt(), firstVersion: text).number == 1)
        #expect(try await registry.createVersion(of: Self.name, chat).number == 2)
        try await registry.moveAlias("production", of: Self.name, from: nil, to: 1)
        try await registry.moveAlias("staging", of: Self.name, from: nil, to: 2)
        let observed = try #require(try await registry.observe([Self.name])[Self.name])
        #expect(observed.name == Self.name)
        #expect(observed.description == "Plans")
        #expect(observed.tags == ["owner": "a b"])
        #expect(observed.aliases == ["production": 1, "staging": 2])
        var newest = try #require(observed.newest)
        #expect(newest.number == 2)
        #expect(newest.content == chat.content)
        #expect((newest.createdAt ?? 0) > 1_700_000_000_000)
        #expect(newest.tags.removeValue(forKey: RunMark.tag) != nil)
        #expect(newest.tags.isEmpty)
        #expect(try await registry.createVersion(of: Self.name, text).number == 3)
        newest = try #require(try await registry.observe([Self.name])[Self.name]?.newest)
        #expect(newest.content == text.content)
        #expect(newest.description == "First")
        #expect(newest.tags["team"] == "platform")
    }

    @Test func changesAreMadeInPlace() async throws {
        let workspace = try await UnityCatalogStandIn()
        let registry = try workspace.registry()
        _ = try await registry.createPrompt(prompt(), firstVersion: text)
        try await registry.moveAlias("production", of: Self.name, from: nil, to: 1)
        let changes = MetadataChanges(
            description: "Routes",
            promptTags: ["owner": nil, "a b&c": "x", "gone": nil, "_mlflow_experiment_ids": ",12,"],
            version: 1, versionTags: ["team": nil, "reviewed": ""])
        try await registry.update(Self.name, changes)
        try await registry.moveAlias("production", of: Self.name, from: nil, to: nil)
        try await registry.moveAlias("production", of: Self.name, from: nil, to: nil)
        let observed = try #require(try await registry.observe([Self.name])[Self.name])
        #expect(observed.description == "Routes")
        #expect(observed.tags == ["a b&c": "x", "_mlflow_experiment_ids": ",12,"])
        #expect(observed.aliases.isEmpty)
        #expect(observed.newest?.tags["team"] == nil)
        #expect(observed.newest?.tags["reviewed"] == "")
    }

    @Test func speaksAsTheOfficialClient() async throws {
        let workspace = try await UnityCatalogStandIn()
        let registry = try workspace.registry()
        var version = chat
        version.description = "Why"
        _ = try await registry.createPrompt(prompt(), firstVersion: version)
        try await registry.moveAlias("production", of: Self.name, from: nil, to: 1)
        _ = try await registry.observe([Self.name])
        let requests = try await workspace.requests()
        #expect(
            requests.map(\.line) == [
                "POST \(Self.path)", "POST \(Self.path)/\(Self.name)/versions",
                "POST \(Self.path)/\(Self.name)/aliases/production", "GET \(Self.path)/\(Self.name)",
                "POST \(Self.path)/\(Self.name)/versions/search",
            ])
        #expect(requests.allSatisfy { $0.headers["authorization"] == "Bearer token" && $0.status == 200 })
        #expect(
            requests[0].body
                == #"{"name":"\#(Self.name)","prompt":{"description":"Plans","name":"\#(Self.name)","tags":[{"key":"owner","value":"a b"}]}}"#
        )
        let sent = try JSONDecoder().decode(SentVersion.self, from: Data(requests[1].body.utf8))
            .prompt_version
        #expect(sent.template == chat.content.template)
        #expect(sent.description == "Why")
        #expect(
            sent.tags.tags.keys.sorted() == [
                "_mlflow_prompt_model_config", "_mlflow_prompt_response_format", "_mlflow_prompt_type",
                RunMark.tag,
            ])
        #expect(requests[2].body == #"{"alias":"production","name":"\#(Self.name)","version":"1"}"#)
    }

    private struct SentVersion: Decodable {
        struct Version: Decodable {
            let template: String
            let description: String?
            let tags: TagList
        }
        let prompt_version: Version
    }

    // A list tells that most of the forty are not there; three are asked for one by one.
    @Test(arguments: [(3, 8), (40, 9)])
    func observesManyWithoutWriting(_ count: Int, _ expected: Int) async throws {
        let workspace = try await UnityCatalogStandIn([
            "page_size": 7, "schemas": ["main.agents", "main.others"],
        ])
        let registry = try workspace.registry()
        let names = (0..<count).map { "main.agents.p\($0)" }
        for name in names.prefix(2) + ["main.others.p0"] {
            _ = try await registry.createPrompt(prompt(name), firstVersion: text)
        }
        try await workspace.forgetRequests()
        let before = registry.requestCount
        let observed = try await registry.observe(names + ["main.others.p0", "main.others.p1"])
        #expect(observed.keys.sorted() == ["main.agents.p0", "main.agents.p1", "main.others.p0"])
        let requests = try await workspace.requests()
        #expect(requests.filter(\.isWrite).isEmpty)
        #expect(registry.requestCount - before == requests.count)
        #expect(requests.count == expected)
    }

    @Test func aListThatIsLongerThanItIsWorthIsLeft() async throws {
        let workspace = try await UnityCatalogStandIn(["page_size": 1])
        let registry = try workspace.registry()
        for index in 0..<8 {
            _ = try await registry.createPrompt(prompt("main.agents.other\(index)"), firstVersion: text)
        }
        try await workspace.forgetRequests()
        let names = (0..<20).map { "main.agents.p\($0)" } + ["main.agents.other3"]
        #expect(try await registry.observe(names).keys.sorted() == ["main.agents.other3"])
        let lines = try await workspace.requests().map(\.line)
        #expect(lines.filter { $0 == "POST \(Self.path)/search" }.count == 5)
        #expect(lines.count == 5 + 21 + 1)
    }

    // MARK: - Lost answers

    @Test(arguments: ["drop", "cut", "truncated", "error"], ["/prompts$", "/versions$"])
    func aLostAnswerMakesNothingTwice(_ answer: String, _ path: String) async throws {
        let workspace = try await UnityCatalogStandIn(["page_size": 1])
        let registry = try workspace.registry()
        try await workspace.fail(["method": "POST", "path": path, "answer": answer, "effect": true])
        #expect(try await registry.createPrompt(prompt(), firstVersion: text).number == 1)
        try await workspace.fail(["method": "POST", "path": path, "answer": answer, "effect": true])
        #expect(try await registry.createVersion(of: Self.name, text).number == 2)
        #expect(try await workspace.versions(of: Self.name).count == 2)
    }

    @Test(arguments: [
        ["answer": "drop"], ["status": 503, "headers": ["Retry-After": "0"]] as UnityCatalogStandIn.Fault,
        ["status": 429, "times": 3, "headers": ["Retry-After": "0"]], ["status": 500, "times": 2],
    ])
    func whatWasNotDoneIsDoneAgain(_ fault: UnityCatalogStandIn.Fault) async throws {
        let workspace = try await UnityCatalogStandIn()
        // A quarter of the time goes by for each write that is lost.
        let registry = try workspace.registry(total: .seconds(60))
        for path in ["/prompts$", "/versions$", "/aliases/", "/search$"] {
            try await workspace.fail(fault.merging(["path": path]) { $1 })
        }
        #expect(try await registry.createPrompt(prompt(), firstVersion: text).number == 1)
        try await registry.moveAlias("production", of: Self.name, from: nil, to: 1)
        #expect(try await registry.observe([Self.name])[Self.name]?.aliases == ["production": 1])
        #expect(try await workspace.versions(of: Self.name).count == 1)
    }

    @Test func aPageOfHTMLIsNoRegistry() async throws {
        let workspace = try await UnityCatalogStandIn()
        try await workspace.fail(["answer": "html", "status": 200])
        let registry = try workspace.registry()
        let error = await #expect(throws: RegistryError.self) { try await registry.observe([Self.name]) }
        #expect(error?.code == .notARegistry)
    }

    @Test func aPromptWhoseFirstVersionIsRefusedStays() async throws {
        let workspace = try await UnityCatalogStandIn()
        let registry = try workspace.registry()
        var version = text
        version.content.template = String(repeating: "x", count: 100_001)
        let draft = version
        let error = await #expect(throws: RegistryError.self) {
            try await registry.createPrompt(prompt(), firstVersion: draft)
        }
        #expect(error?.code == .invalidValue)
        // Another client may have begun to use it.
        #expect(try await workspace.names() == [Self.name])
        #expect(try await registry.observe([Self.name])[Self.name]?.newest == nil)
    }

    @Test func aPromptThatSomethingElseCreatedFirstGetsTheVersion() async throws {
        let workspace = try await UnityCatalogStandIn()
        let registry = try workspace.registry()
        _ = try await registry.createPrompt(
            PromptDraft(name: Self.name, tags: ["theirs": "1", "team": "old"]), firstVersion: text)
        let draft = PromptDraft(name: Self.name, tags: ["team": "x"])
        #expect(try await registry.createPrompt(draft, firstVersion: text).number == 2)
        #expect(try await workspace.versions(of: Self.name).count == 2)
        #expect(try await registry.reread(Self.name).tags == ["theirs": "1", "team": "x"])
    }

    @Test func aPromptThatSomethingElseCreatedFirstMayBeRefused() async throws {
        let workspace = try await UnityCatalogStandIn()
        let registry = try workspace.registry()
        _ = try await registry.createPrompt(
            PromptDraft(name: Self.name, tags: ["team": "old"]), firstVersion: text)
        let draft = PromptDraft(name: Self.name, tags: ["team": "x"])
        let error = await #expect(throws: RegistryError.self) {
            try await registry.createPrompt(draft, firstVersion: text) { taken throws(RegistryError) in
                throw RegistryError(.otherJob, taken.tags["team"] ?? "")
            }
        }
        #expect(error?.code == .otherJob && error?.message == "old")
        #expect(try await registry.reread(Self.name).tags == ["team": "old"])
        #expect(try await workspace.versions(of: Self.name).count == 1)
    }

    // MARK: - Permissions

    @Test(arguments: [("EXECUTE,MANAGE", "CREATE FUNCTION"), ("EXECUTE,CREATE FUNCTION", "MANAGE")])
    func aMissingPrivilegeIsNamed(_ granted: String, _ missing: String) async throws {
        let grants = ["main.agents": granted.split(separator: ",").map(String.init)]
        let workspace = try await UnityCatalogStandIn([
            "identities": [
                ["principal": "ci@example.com", "tokens": ["token"], "grants": grants]
                    as [String: any Sendable]
            ]
        ])
        let registry = try workspace.registry()
        let error = await #expect(throws: RegistryError.self) {
            try await registry.createPrompt(prompt(), firstVersion: text)
        }
        #expect(error?.code == .permissionDenied)
        #expect(error?.message.hasPrefix("ci@example.com lacks \(missing) on main.agents: ") == true)
        #expect(
            error?.hint
                == "have its owner run: GRANT CREATE FUNCTION, EXECUTE, MANAGE ON SCHEMA `main`.`agents` TO `ci@example.com`"
        )
    }

    @Test func thePrincipalIsAskedForOnceAndOnlyThen() async throws {
        let workspace = try await UnityCatalogStandIn([
            "identities": [
                ["principal": "ci", "tokens": ["token"], "grants": [String: [String]]()]
                    as [String: any Sendable]
            ]
        ])
        let registry = try workspace.registry()
        for _ in 0..<3 {
            let error = await #expect(throws: RegistryError.self) { try await registry.observe([Self.name]) }
            #expect(error?.message.hasPrefix("ci lacks EXECUTE on main.agents") == true)
            #expect(error?.prompt == Self.name)
        }
        #expect(try await workspace.requests().filter { $0.line.hasSuffix("/scim/v2/Me") }.count == 1)
    }

    @Test func aWrongTokenIsNoMissingPrivilege() async throws {
        let workspace = try await UnityCatalogStandIn()
        for token in ["other", "dapi0"] {
            let registry = try workspace.registry(["DATABRICKS_TOKEN": token])
            let error = await #expect(throws: RegistryError.self) { try await registry.observe([Self.name]) }
            #expect(error?.code == .unauthenticated)
        }
        #expect(try await workspace.requests().allSatisfy { !$0.line.hasSuffix("/Me") })
    }

    @Test func aMissingSchemaIsToldWhileReading() async throws {
        let registry = try await UnityCatalogStandIn().registry()
        let error = await #expect(throws: RegistryError.self) { try await registry.observe(["main.other.p"]) }
        #expect(error?.code == .notFound)
        #expect(error?.hint?.contains("CREATE SCHEMA `main`.`other`") == true)
    }

    // MARK: - Tokens

    private static let servicePrincipal: [[String: any Sendable]] = [
        ["principal": "app", "client_id": "app", "client_secret": "s+/=", "federation": true]
    ]
    private static let environment = ["DATABRICKS_CLIENT_ID": "app", "DATABRICKS_CLIENT_SECRET": "s+/="]

    @Test func aServicePrincipalRegistersWithOneToken() async throws {
        let workspace = try await UnityCatalogStandIn(["identities": Self.servicePrincipal])
        let registry = try workspace.registry(Self.environment)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<12 {
                group.addTask {
                    _ = try await registry.createPrompt(prompt("main.agents.p\(index)"), firstVersion: text)
                }
            }
            try await group.waitForAll()
        }
        let requests = try await workspace.requests()
        #expect(requests.filter { $0.line == "POST /oidc/v1/token" }.count == 1)
        #expect(registry.requestCount == requests.count)
        #expect(requests.filter { $0.isWrite }.allSatisfy { $0.headers["x-databricks-org-id"] == "4242" })
    }

    @Test func aTokenThatWasTakenBackIsReplaced() async throws {
        let workspace = try await UnityCatalogStandIn(["identities": Self.servicePrincipal])
        let registry = try workspace.registry(Self.environment)
        _ = try await registry.createPrompt(prompt(), firstVersion: text)
        try await workspace.revoke()
        #expect(try await registry.createVersion(of: Self.name, text).number == 2)
        let requests = try await workspace.requests()
        #expect(requests.filter { $0.line == "POST /oidc/v1/token" }.count == 2)
        #expect(requests.filter { $0.status == 401 }.count == 1)
    }

    @Test func gitHubActionsRegistersWithoutAnySecret() async throws {
        let workspace = try await UnityCatalogStandIn(["identities": Self.servicePrincipal])
        let registry = try workspace.registry([
            "DATABRICKS_CLIENT_ID": "app",
            "ACTIONS_ID_TOKEN_REQUEST_URL": "\(workspace.url)/_github/id-token?api-version=2.0",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "github-request-token",
        ])
        #expect(try await registry.createPrompt(prompt(), firstVersion: text).number == 1)
    }

    @Test func aWrongSecretIsUnauthenticated() async throws {
        let workspace = try await UnityCatalogStandIn(["identities": Self.servicePrincipal])
        let registry = try workspace.registry(
            Self.environment.merging(["DATABRICKS_CLIENT_SECRET": "wrong"]) { $1 })
        let error = await #expect(throws: RegistryError.self) { try await registry.observe([Self.name]) }
        #expect(error?.code == .unauthenticated)
        #expect(error?.message.contains("Client authentication failed") == true)
    }
}
