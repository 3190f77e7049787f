import Foundation
import HTTP
import ServerFixtures
import Testing

@testable import MLflowServer

/// The MLflow server that the tests of a suite share.
struct MLflowServerProcess: Sendable {
    @TaskLocal static var current: MLflowServerProcess?

    let url: String
    private let process: ServerProcess

    /// Starts one, and waits until it answers.
    ///
    /// - Throws: `ServerProcess.CannotStart` with what it wrote.
    init() async throws {
        let port = try ServerProcess.freePort()
        let url = "http://127.0.0.1:\(port)"
        let process = try ServerProcess(
            { folder in
                [
                    ServerProcess.repository + "/.build/venv/bin/mlflow", "server", "--host", "127.0.0.1",
                    "--port", "\(port)", "--workers", "1", "--backend-store-uri",
                    "sqlite:///\(folder)/mlflow.db",
                ]
            }, environment: ["MLFLOW_DISABLE_TELEMETRY": "true"])
        self.url = url
        self.process = process
        let exchange = try CurlExchange()
        let health = HTTPRequest(.get, try HTTPURL(url + "/health"))
        for _ in 0..<600 {
            if let answer = try? await exchange.send(health, within: .seconds(5)), answer.status == 200 {
                return
            }
            try await Task.sleep(for: .milliseconds(200))
        }
        let output = process.output
        process.stop()
        throw ServerProcess.CannotStart(reason: output)
    }

    /// Ends it.
    func stop() { process.stop() }
}

/// Runs an MLflow server while a suite's tests run.
struct MLflowServerTrait: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        let server = try await MLflowServerProcess()
        defer { server.stop() }
        try await MLflowServerProcess.$current.withValue(server, operation: function)
    }
}

extension Trait where Self == MLflowServerTrait {
    /// Runs an MLflow server while the suite's tests run.
    static var mlflowServer: Self { Self() }
}
