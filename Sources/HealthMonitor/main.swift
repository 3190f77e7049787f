// swift run HealthMonitor 'What did last week cost?'
//
// The registry and the traces are those of the environment, as for promptreg; the model that of OPENAI_BASE_URL,
// OPENAI_API_KEY and HEALTH_MONITOR_MODEL.

import Foundation
import PromptClient

/// Writes a line to the standard error.
func complain(_ line: String) { FileHandle.standardError.write(Data("\(line)\n".utf8)) }

// An empty one is as one that is not set.
let environment = ProcessInfo.processInfo.environment.filter { !$0.value.isEmpty }
let question = CommandLine.arguments.dropFirst().joined(separator: " ")
guard question.contains(where: { !$0.isWhitespace }) else {
    complain("usage: HealthMonitor QUESTION")
    exit(64)
}
guard let endpoint = URL(string: environment["OPENAI_BASE_URL"] ?? "https://api.openai.com/v1") else {
    complain("OPENAI_BASE_URL is no address")
    exit(64)
}
do {
    let client = try PromptClient()
    let model = ChatModel(
        endpoint: endpoint, key: environment["OPENAI_API_KEY"], name: environment["HEALTH_MONITOR_MODEL"])
    // A real agent would ask the platform's system tables.
    let monitor = HealthMonitor(client: client, model: model) { "No data about \($0.rawValue) was found." }
    let answer: Result<String, any Error>
    do { answer = .success(try await monitor.answer(question)) } catch { answer = .failure(error) }
    // Whoever asked does not wait until the trace is stored.
    if case .success(let text) = answer {
        print(text)
        fflush(nil)
    }
    for reason in await client.flush().reasons { complain(reason) }
    _ = try answer.get()
} catch {
    complain("\(error)")
    exit(1)
}
