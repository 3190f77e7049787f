// Loads a kept prompt, and runs a traced function with one load and one step: prints the nanoseconds of each.

import PromptClient

let (registry, loads, calls) = (CommandLine.arguments[1], 200_000, 1_000)
var configuration = PromptClientConfiguration(environment: [:])
configuration.registry = registry
let client = try PromptClient(configuration)
let name = "prompts:/\(CommandLine.arguments[2])@production"
let clock = ContinuousClock()

/// What the caller of the README's agent waits for.
@MainActor func agent(_ question: String) async throws -> String {
    try await client.withSpan("agent", type: .agent) { span in
        span.setInputs(["question": question])
        let prompt = try await client.load(name)
        let answer = await client.withSpan("model", type: .llm) { span in
            span.setInputs(prompt.name)
            span.setOutputs(prompt.name)
            return prompt.name
        }
        span.setOutputs(answer)
        return answer
    }
}

_ = try await agent("why")
let loading = try await clock.measure { for _ in 0..<loads { _ = try await client.load(name) } }
let calling = try await clock.measure { for _ in 0..<calls { _ = try await agent("why") } }
let report = await client.flush()
precondition(report.stored == calls + 1, "\(report)")
print(loading / .nanoseconds(1) / Double(loads), calling / .nanoseconds(1) / Double(calls))
