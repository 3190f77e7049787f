import Foundation
import HTTP
import Prompts
import ServerFixtures
import Synchronization
import Testing

@testable import MLflowServer

/// With a double of the server, for what the real one does not do.
@Suite struct MLflowObserverTests {
    private func registry(_ exchange: ExchangeDouble, _ url: String = "https://host/mlflow") throws
        -> MLflowServerRegistry
    {
        let client = ClientDouble(exchange).client
        return MLflowServerRegistry(
            base: try HTTPURL(url), client: client, headers: ["X-MLFLOW-WORKSPACE": "team"])
    }

    private static func model(_ name: String, _ versions: String = "[]") -> String {
        """
        {"name": "\(name)", "tags": [{"key": "mlflow.prompt.is_prompt", "value": "true"}], \
        "latest_versions": \(versions)}
        """
    }

    private static func version(_ number: String, _ stage: String) -> String {
        """
        {"version": \(number), "current_stage": "\(stage)", \
        "tags": [{"key": "mlflow.prompt.text", "value": "text \(stage)"}]}
        """
    }

    private func path(_ request: HTTPRequest) -> String { request.url.path }

    private let names = (0..<40).map { "main.x.prompt_\($0)" }

    @Test func asksBelowTheBasePathAndInTheWorkspace() async throws {
        let exchange = ExchangeDouble(.refusal(404, "RESOURCE_DOES_NOT_EXIST"))
        let registry = try registry(exchange)
        #expect(try await registry.observe(["a.b c".filter { $0 != " " }]).isEmpty)
        let request = try #require(exchange.sent.first)
        #expect(request.url.text == "https://host/mlflow/api/2.0/mlflow/registered-models/get?name=a.bc")
        #expect(request.headers == ["X-MLFLOW-WORKSPACE": "team"])
        #expect(registry.address == "https://host/mlflow")
    }

    // The addresses are those of MLflow's own pages: a workspace that they do not name is the default one.
    @Test func linksLeadToAPromptsPage() throws {
        let inWorkspace = try registry(ExchangeDouble(.answer(200)))
        let page = "https://host/mlflow/#/prompts/a.b"
        #expect(inWorkspace.location.workspace == "team")
        #expect(inWorkspace.page(of: "a.b") == page + "?workspace=team")
        #expect(inWorkspace.page(of: "a.b", version: 3) == page + "?promptVersion=3&workspace=team")
        let plain = try MLflowServerRegistry(url: "https://host/mlflow/", environment: [:])
        #expect(plain.page(of: "a.b") == page)
        #expect(plain.page(of: "a.b", version: 3, experiment: "12") == page + "?promptVersion=3")
    }

    @Test func takesTheHighestVersionOfAllStagesHoweverItIsWritten() async throws {
        let versions = [#""2""#, "11", #""9""#].enumerated().map { Self.version($1, "s\($0)") }
        let body = #"{"registered_model": \#(Self.model("p", "[\(versions.joined(separator: ","))]"))}"#
        let observed = try await registry(ExchangeDouble(.answer(200, body))).observe(["p"])
        #expect(observed["p"]?.newest?.number == 11)
        #expect(observed["p"]?.newest?.content == PromptContent(kind: .text, template: "text s1"))
    }

    @Test func aVersionWithoutATemplateIsCorrupt() async throws {
        let body = #"{"registered_model": \#(Self.model("p", #"[{"version": "1"}]"#))}"#
        let registry = try registry(ExchangeDouble(.answer(200, body)))
        let error = await #expect(throws: RegistryError.self) { try await registry.observe(["p"]) }
        #expect(error?.code == .corrupt)
    }

    @Test func doesNotBelieveASearchThatFindsNothing() async throws {
        let exchange = ExchangeDouble { request, _ in
            guard request.url.path.hasSuffix("/get") else { return .answer(200, "{}") }
            let name = request.url.query.dropFirst("name=".count)
            return .answer(200, #"{"registered_model": \#(Self.model(String(name)))}"#)
        }
        let observed = try await registry(exchange).observe(names)
        #expect(Set(observed.keys) == Set(names))
    }

    @Test(arguments: [400, 414, 431])
    func searchesForFewerWhereTheServerRefusesMany(_ status: Int) async throws {
        let exchange = ExchangeDouble { request, _ in
            if request.url.path.hasSuffix("/get") { return .refusal(404, "RESOURCE_DOES_NOT_EXIST") }
            return request.url.query.utf8.count > 700 ? .answer(status, "<html>") : .answer(200, "{}")
        }
        #expect(try await registry(exchange).observe(names).isEmpty)
        let refused = exchange.sent.filter { $0.url.query.utf8.count > 700 }
        #expect(!refused.isEmpty)
        #expect(exchange.sent.count < 3 * names.count)
    }

    @Test func getsEachWhereTheServerRefusesAnySearch() async throws {
        let exchange = ExchangeDouble { request, _ in
            guard request.url.path.hasSuffix("/get") else { return .refusal(400, "INVALID_PARAMETER_VALUE") }
            let name = String(request.url.query.dropFirst("name=".count))
            return .answer(200, #"{"registered_model": \#(Self.model(name))}"#)
        }
        #expect(try await registry(exchange).observe(names).count == names.count)
    }

    /// As MLflow before 3.17 does.
    @Test func aServerThatRefusesAListOfNamesIsNotAskedForAnotherOne() async throws {
        let exchange = ExchangeDouble { request, _ in
            guard request.url.path.hasSuffix("/get") else { return .refusal(400, "INVALID_PARAMETER_VALUE") }
            let name = String(request.url.query.dropFirst("name=".count))
            // Every other one exists.
            guard name.hasSuffix("0") || name.hasSuffix("2") else {
                return .refusal(404, "RESOURCE_DOES_NOT_EXIST")
            }
            return .answer(200, #"{"registered_model": \#(Self.model(name))}"#)
        }
        let registry = try registry(exchange)
        let many = (0..<600).map { "main.health_monitor_agent.prompt_\($0)" }
        #expect(MLflowServerRegistry.batches(of: many).count > 4)
        for (turn, part) in [many[..<500], many[500...]].enumerated() {
            let observed = try await registry.observe(Array(part))
            #expect(observed.count == part.count { $0.hasSuffix("0") || $0.hasSuffix("2") })
            #expect(exchange.sent.count == 1 + (turn == 0 ? 500 : 600))
        }
        #expect(exchange.sent.count { $0.url.path.hasSuffix("/search") } == 1)
    }

    @Test func onlyTheFirstSearchIsWaitedFor() async throws {
        let running = Mutex((now: 0, besideTheFirst: 0, most: 0))
        let exchange = ExchangeDouble { request, _ in
            guard request.url.path.hasSuffix("/search") else {
                return .refusal(404, "RESOURCE_DOES_NOT_EXIST")
            }
            let isFirst = running.withLock { running in
                running.now += 1
                defer { running.most = max(running.most, running.now) }
                return running.most == 0
            }
            try? await Task.sleep(for: .milliseconds(50))
            running.withLock { running in
                running.now -= 1
                if isFirst { running.besideTheFirst = running.now }
            }
            return .answer(200, "{}")
        }
        let many = (0..<600).map { "main.health_monitor_agent.prompt_\($0)" }
        #expect(try await registry(exchange).observe(many).isEmpty)
        #expect(running.withLock(\.besideTheFirst) == 0)
        #expect(running.withLock(\.most) > 2)
    }

    @Test func readsAllPages() async throws {
        let names = self.names
        let exchange = ExchangeDouble { request, _ in
            let isSecond = request.url.query.contains("page_token=next")
            let part = isSecond ? names[20...] : names[..<20]
            let models = part.map { Self.model($0) }.joined(separator: ",")
            let token = isSecond ? "" : "next"
            return .answer(200, #"{"registered_models": [\#(models)], "next_page_token": "\#(token)"}"#)
        }
        #expect(try await registry(exchange).observe(names).count == names.count)
        #expect(exchange.sent.count == 2)
    }

    @Test func keepsNothingThatWasNotAskedFor() async throws {
        let names = self.names
        let exchange = ExchangeDouble { _, _ in
            let models = (names + ["main.x.prompt_other"]).map { Self.model($0) }.joined(separator: ",")
            return .answer(200, #"{"registered_models": [\#(models)]}"#)
        }
        #expect(try await Set(registry(exchange).observe(names).keys) == Set(names))
    }

    @Test func oneFailureEndsIt() async throws {
        let exchange = ExchangeDouble { _, _ in .answer(403, "no") }
        let registry = try registry(exchange)
        let error = await #expect(throws: RegistryError.self) { try await registry.observe(names) }
        #expect(error?.code == .permissionDenied)
        #expect(exchange.sent.count <= 8)
    }

    @Test func listsOfNamesStayShort() {
        let names = (0..<10_000).map { "main.health_monitor_agent.prompt_\($0)" }
        let batches = MLflowServerRegistry.batches(of: names)
        #expect(batches.flatMap { $0 } == names)
        #expect(batches.allSatisfy { $0.reduce(0) { $0 + $1.utf8.count + 9 } <= 5500 })
        #expect(batches.count < 110)
        #expect(MLflowServerRegistry.batches(of: []).isEmpty)
        #expect(MLflowServerRegistry.batches(of: [String(repeating: "x", count: 9000)]).count == 1)
    }
}
