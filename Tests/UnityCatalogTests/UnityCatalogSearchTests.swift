import HTTP
import Prompts
import ServerFixtures
import Testing

@testable import UnityCatalog

/// Finding the prompts that have a tag.
@Suite struct UnityCatalogSearchTests {
    private static let path = "/api/2.0/mlflow/unity-catalog/prompts"
    private static let query = {
        var query = PromptQuery(
            catalog: "main", schema: "agents", tag: PromptQuery.Tag(key: "job", value: "mine"))
        query.known = ["main.agents.own"]
        return query
    }()

    private func registry(_ exchange: ExchangeDouble) throws -> UnityCatalogRegistry {
        UnityCatalogRegistry(
            host: try HTTPURL("https://w.example.com"), client: ClientDouble(exchange).client)
    }

    @Test func promptsOfOthersAndThoseThatAreKnownCostNothing() async throws {
        let workspace = try await UnityCatalogStandIn(["page_size": 10])
        let registry = try workspace.registry()
        let version = VersionDraft(content: PromptContent(kind: .text, template: "Hi"))
        let tags = ["Own": "mine", "left": "mine"].merging((0..<30).map { ("o\($0)", "other") }) { $1 }
        for (name, job) in tags {
            _ = try await registry.createPrompt(
                PromptDraft(name: "main.agents.\(name)", tags: ["job": job]), firstVersion: version)
        }
        try await workspace.forgetRequests()
        #expect(try await registry.names(matching: Self.query) == ["main.agents.left"])
        let requests = try await workspace.requests()
        #expect(requests.map(\.line) == ["POST \(Self.path)/search", "GET \(Self.path)/main.agents.left"])
        #expect(requests.first?.body.contains(#""filter":"tags.`job` = 'mine'""#) == true)
    }

    /// What a workspace makes of the filter, and the requests that it then takes.
    enum Service: CaseIterable {
        case refuses, ignores, findsNothing
    }

    @Test(arguments: Service.allCases)
    func aFilterIsNotTrustedBlindly(_ service: Service) async throws {
        let exchange = ExchangeDouble { request, _ in
            if request.method == .get {
                let job = request.url.path.hasSuffix("left") ? "mine" : "other"
                let name = request.url.path.split(separator: "/").last ?? ""
                return .answer(200, #"{"name": "\#(name)", "tags": [{"key": "job", "value": "\#(job)"}]}"#)
            }
            let isFiltered = String(decoding: request.body ?? [], as: UTF8.self).contains("filter")
            switch service {
            case .refuses where isFiltered: return .refusal(400, "INVALID_PARAMETER_VALUE")
            case .findsNothing where isFiltered: return .answer(200, "{}")
            default:
                let models = ["own", "left", "other"].map { #"{"name": "main.agents.\#($0)"}"# }
                return .answer(200, #"{"prompts": [\#(models.joined(separator: ","))]}"#)
            }
        }
        #expect(try await registry(exchange).names(matching: Self.query) == ["main.agents.left"])
        #expect(exchange.sent.count { $0.method == .post } == (service == .ignores ? 1 : 2))
        #expect(exchange.sent.count { $0.method == .get } == 2)
    }

    /// A job that is new in the schema has nothing to find there, and looks at no prompt of others.
    @Test func nothingIsLookedAtForANewJob() async throws {
        let exchange = ExchangeDouble { request, _ in
            let isFiltered = String(decoding: request.body ?? [], as: UTF8.self).contains("filter")
            return .answer(200, isFiltered ? "{}" : #"{"prompts": [{"name": "main.agents.other"}]}"#)
        }
        #expect(try await registry(exchange).names(matching: Self.query).isEmpty)
        #expect(exchange.sent.map(\.method) == [.post, .post])
    }
}
