// Makes traces of one prompt with one step within, and sends them to a server: prints the seconds until all are stored.

import PromptClient

let (registry, uri, count) = (CommandLine.arguments[1], CommandLine.arguments[2], 2_000)
var configuration = PromptClientConfiguration(environment: [:])
configuration.registry = registry
configuration.experiment = "exported"
let client = try PromptClient(configuration)

/// One trace.
@MainActor func agent() async throws {
    try await client.withSpan("agent", type: .agent) { span in
        span.setInputs(["question": "why"])
        let prompt = try await client.load(uri)
        await client.withSpan("model", type: .llm) { $0.setOutputs(prompt.name) }
        span.setOutputs("because")
    }
}

// The prompt, the experiment and the connections are there already when the time begins.
try await agent()
_ = await client.flush()
let clock = ContinuousClock()
let elapsed = try await clock.measure {
    for _ in 0..<count { try await agent() }
    await client.flush(timeout: .seconds(600))
}
let report = await client.flush()
precondition(report.stored == count + 1 && report.refusedLinks == 0, "\(report)")
print(elapsed / .seconds(1))
