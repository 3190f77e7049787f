// swift run HealthMonitor 'What did last week cost?'
//
// The registry and the traces are those of the environment, as for promptreg; the model that of OPENAI_BASE_URL,
// OPENAI_API_KEY and HEALTH_MONITOR_MODEL.

import ChatModels
import FoundationEssentials
import Glibc
import HTTP
import PromptClient

/// Writes a line to the standard error, or elsewhere.
func say(_ line: String, to output: Int32 = STDERR_FILENO) {
    _ = Array("\(line)\n".utf8).withUnsafeBytes { write(output, $0.baseAddress, $0.count) }
}

let environment = ProcessInfo.processInfo.environment
let question = CommandLine.arguments.dropFirst().joined(separator: " ")
do {
    let client = try PromptClient()
    let model = ChatModel(
        endpoint: try ChatEndpoint.ofEnvironment(environment, HTTPSettings()),
        name: environment["HEALTH_MONITOR_MODEL"])
    // A real agent would ask the platform's system tables.
    let monitor = HealthMonitor(client: client, model: model) { "No data about \($0.rawValue) was found." }
    let answer: Result<String, any Error>
    do { answer = .success(try await monitor.answer(question)) } catch { answer = .failure(error) }
    // Whoever asked does not wait until the trace is stored.
    if case .success(let text) = answer { say(text, to: STDOUT_FILENO) }
    for reason in await client.flush().reasons { say(reason) }
    _ = try answer.get()
} catch {
    say("\(error)")
    exit(1)
}
