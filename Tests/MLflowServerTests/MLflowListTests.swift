import HTTP
import Prompts
import ServerFixtures
import Testing

@testable import MLflowServer

/// Reading whole lists of prompts, with a double of the server.
@Suite struct MLflowListTests {
    private static let query = PromptQuery(
        catalog: "main", schema: "a", tag: PromptQuery.Tag(key: "job", value: "mine"))

    private func registry(_ exchange: ExchangeDouble) throws -> MLflowServerRegistry {
        MLflowServerRegistry(base: try HTTPURL("https://host"), client: ClientDouble(exchange).client)
    }

    /// A server with so many prompts, whose texts have such a length.
    private func server(of total: Int, textBytes: Int, mostBytes: Int = .max) -> ExchangeDouble {
        let text = String(repeating: "x", count: textBytes)
        return ExchangeDouble { request, _ in
            let (start, limit) = (
                Self.field("page_token", request) ?? 0, Self.field("max_results", request) ?? 0
            )
            let end = min(total, start + limit)
            if (end - start) * textBytes > mostBytes {
                return .failure(TransportError(.tooLarge, "too much"))
            }
            let models = (start..<end).map { Self.model("main.a.p\($0)", text) }.joined(separator: ",")
            let token = end < total ? "\(end)" : ""
            return .answer(200, #"{"registered_models": [\#(models)], "next_page_token": "\#(token)"}"#)
        }
    }

    private static func field(_ name: String, _ request: HTTPRequest) -> Int? {
        request.url.query.split(separator: "&").first { $0.hasPrefix(name + "=") }
            .flatMap { Int($0.dropFirst(name.count + 1)) }
    }

    private static func model(_ name: String, _ text: String) -> String {
        #"""
        {"name": "\#(name)", "tags": [{"key": "mlflow.prompt.is_prompt", "value": "true"},
        {"key": "job", "value": "mine"}], "aliases": [{"alias": "production", "version": "1"}],
        "latest_versions": [{"version": "1", "tags": [{"key": "mlflow.prompt.text", "value": "\#(text)"}]}]}
        """#
    }

    private func read(_ exchange: ExchangeDouble) async throws -> [ObservedPrompt] {
        var prompts: [ObservedPrompt] = []
        #expect(try await registry(exchange).observe(matching: Self.query) { prompts += $0 })
        return prompts
    }

    private func sizes(_ exchange: ExchangeDouble) -> [Int] {
        exchange.sent.compactMap { Self.field("max_results", $0) }
    }

    @Test func pagesGrowToWhatTheServerAllows() async throws {
        let exchange = server(of: 3000, textBytes: 1)
        let prompts = try await read(exchange)
        #expect(prompts.map(\.name) == (0..<3000).map { "main.a.p\($0)" })
        #expect(prompts.first?.newest?.content == PromptContent(kind: .text, template: "x"))
        #expect(prompts.first?.aliases == ["production": 1])
        #expect(sizes(exchange) == [100, 400, 1000, 1000, 1000])
    }

    @Test(arguments: [(2_300, 487), (18_000, 104), (100_000, 100)])
    func longTextsKeepThemSmall(_ textBytes: Int, _ most: Int) async throws {
        let exchange = server(of: 1200, textBytes: textBytes)
        #expect(try await read(exchange).count == 1200)
        #expect(sizes(exchange).max() == most)
    }

    @Test func anAnswerThatIsTooLargeIsAskedForWithFewer() async throws {
        let exchange = server(of: 500, textBytes: 1000, mostBytes: 150_000)
        #expect(try await Set(read(exchange).map(\.name)).count == 500)
        #expect(sizes(exchange).prefix(3) == [100, 400, 100])
        let tooLong = server(of: 500, textBytes: 1000, mostBytes: 50_000)
        let error = await #expect(throws: RegistryError.self) { try await read(tooLong) }
        #expect(error?.code == .failed && tooLong.sent.count == 1)
    }

    @Test func aPromptThatCannotBeReadIsNamed() async throws {
        let models = Self.model("main.a.p", "x").replacing(
            #""version": "1", "tags""#, with: #""version": "x", "tags""#)
        let exchange = ExchangeDouble(.answer(200, #"{"registered_models": [\#(models)]}"#))
        let error = await #expect(throws: RegistryError.self) { try await read(exchange) }
        #expect(error?.code == .corrupt && error?.message.contains("main.a.p") == true)
    }
}
