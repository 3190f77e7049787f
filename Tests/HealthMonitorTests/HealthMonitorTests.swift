import PromptClient
import Synchronization
import Testing

@testable import HealthMonitor

/// Answers by what it is asked, and keeps that.
private final class ModelDouble: Model {
    private struct Away: Error {}

    private let classification: String
    private let asked = Mutex<[String]>([])

    init(_ classification: String) { self.classification = classification }

    var prompts: [String] { asked.withLock(\.self) }

    func answer(_ messages: [Prompt.Message], _ prompt: Prompt) async throws -> ModelAnswer {
        asked.withLock { $0.append(messages.map(\.content).joined()) }
        if prompt.name.hasSuffix("security_worker") { throw Away() }
        let text = prompt.name.hasSuffix("intent_classifier") ? classification : "I am \(prompt.name)"
        return ModelAnswer(text: text, model: "m", usage: (1, 1))
    }
}

@Suite struct HealthMonitorTests {
    private func monitor(_ model: ModelDouble) throws -> HealthMonitor {
        var configuration = PromptClientConfiguration(environment: [:])
        configuration.registry = "file:/nowhere/promptreg"
        configuration.samplingRatio = 0
        return HealthMonitor(client: try PromptClient(configuration), model: model) { "Data of \($0)" }
    }

    @Test func theClassifierPicksWhoIsAsked() async throws {
        let model = ModelDouble(#"{"domains": ["cost", "security"], "confidence": 1}"#)
        #expect(try await monitor(model).answer("Why?") == "I am synthesizer")
        #expect(model.prompts.count == 4)
        // One that fails keeps nobody from an answer.
        let last = try #require(model.prompts.last)
        #expect(
            last.contains("## cost\nI am cost_worker") && last.contains("## security\nThe specialist failed"))
    }

    @Test(arguments: [
        "```json\n{\"domains\": [\"cost\"]}\n```", "It is cost: {\"domains\": [\"cost\", \"cost\"]}.",
        #"{"domains": ["cost", "weather", "cost"]}"#,
    ])
    func whatTheClassifierMeansIsRead(answer: String) async throws {
        let model = ModelDouble(answer)
        #expect(try await monitor(model).answer("Why?") == "I am synthesizer")
        #expect(model.prompts.count == 3)
    }

    @Test(arguments: ["I think it is about cost", #"{"domains": ["weather"]}"#])
    func whereTheClassifierSaysNothingOfUseEverybodyIsAsked(answer: String) async throws {
        let model = ModelDouble(answer)
        #expect(try await monitor(model).answer("Hello") == "I am synthesizer")
        #expect(model.prompts.count == 7)
    }

    @Test func whereNobodyKnowsTheOrchestratorAnswers() async throws {
        let model = ModelDouble(#"{"domains": []}"#)
        #expect(try await monitor(model).answer("Hello") == "I am orchestrator")
        #expect(model.prompts.count == 2)
    }
}
