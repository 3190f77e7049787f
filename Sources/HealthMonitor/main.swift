// swift run HealthMonitor 'What did last week cost?'
//
// The registry and the traces are those of the environment, as for promptreg; the model that of OPENAI_BASE_URL,
// OPENAI_API_KEY and HEALTH_MONITOR_MODEL.

import ChatModels
import FoundationEssentials
import Glibc
import HTTP
import PromptClient

/// Writes a line to the standard error.
func complain(_ line: String) {
    _ = Array("\(line)\n".utf8).withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
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
    for reason in await client.flush().reasons { complain(reason) }
    print(try answer.get())
} catch {
    complain("\(error)")
    exit(1)
}
