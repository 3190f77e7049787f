import Foundation
import HTTP
import Testing

@testable import UnityCatalog

/// A workspace of its own in the stand-in for Databricks, which is one Python process for all tests.
struct UnityCatalogStandIn {
    /// What a workspace can be told to do wrong; see `unity_faults.py`.
    typealias Fault = [String: any Sendable]

    private struct Address: Decodable { let url: String }

    /// The process; its input is open as long as this process lives, and then it ends.
    private final class Python: Sendable {
        let url: String
        private let input = Pipe()

        init() throws {
            let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
                .deletingLastPathComponent()
            let python = tests.deletingLastPathComponent().appendingPathComponent(".build/venv/bin/python")
            let server = tests.appendingPathComponent("UnityCatalogStandIn/unity_server.py")
            let process = Process()
            let output = Pipe()
            process.executableURL = python
            process.arguments = [server.path]
            process.environment = ProcessInfo.processInfo.environment
                .merging(["PYTHONDONTWRITEBYTECODE": "1", "MLFLOW_DISABLE_TELEMETRY": "true"]) { $1 }
            process.standardInput = input
            process.standardOutput = output
            try process.run()
            var line = Data()
            while !line.contains(UInt8(ascii: "\n")) {
                let more = output.fileHandleForReading.availableData
                try #require(!more.isEmpty, "the stand-in ended; is there a virtual environment?")
                line += more
            }
            url = try JSONDecoder().decode(Address.self, from: line).url
        }
    }

    private static let python = Result { try Python() }

    let url: String
    private let exchange: CurlExchange

    /// A new workspace.
    ///
    /// - Parameter settings: Its schemas, page_size and identities.
    /// - Throws: Whatever keeps it from beginning.
    init(_ settings: [String: any Sendable] = [:]) async throws {
        exchange = try CurlExchange(TransportOptions())
        let first = try Self.python.get().url
        let body = try JSONSerialization.data(withJSONObject: settings)
        let request = HTTPRequest(
            .post, try HTTPURL(first + "/_control/workspaces"), body: Array(body))
        let response = try await exchange.send(request, within: .seconds(30))
        url = try JSONDecoder().decode(Address.self, from: Data(response.body)).url
    }

    /// A registry in this workspace, which waits hardly at all.
    func registry(
        _ environment: [String: String] = ["DATABRICKS_TOKEN": "token"], total: Duration = .seconds(300)
    ) throws -> UnityCatalogRegistry {
        try UnityCatalogRegistry(
            profile: nil, environment: environment.merging(["DATABRICKS_HOST": url]) { own, _ in own },
            settings: HTTPSettings(
                deadline: RunDeadline(total: total),
                policy: RetryPolicy(base: .milliseconds(1), cap: .milliseconds(1)),
                connect: { [exchange] _ throws(HTTPError) in exchange }))
    }

    // MARK: - Control

    @discardableResult
    private func control(_ method: HTTPRequest.Method, _ what: String, _ value: Any? = nil) async throws
        -> Any
    {
        let body = try value.map {
            Array(try JSONSerialization.data(withJSONObject: $0, options: .fragmentsAllowed))
        }
        let request = HTTPRequest(method, try HTTPURL("\(url)/_control/\(what)"), body: body)
        let response = try await exchange.send(request, within: .seconds(30))
        return try JSONSerialization.jsonObject(with: Data(response.body))
    }

    /// Lets something go wrong with the next request that matches.
    func fail(_ faults: Fault...) async throws { try await control(.post, "faults", faults) }

    /// Replaces the identities.
    func set(identities: [[String: any Sendable]]) async throws {
        try await control(.post, "identities", identities)
    }

    /// Takes back all tokens that were given out.
    func revoke() async throws { try await control(.post, "revoke", []) }

    /// How long tokens last from now on.
    func set(lifetime: Int) async throws { try await control(.post, "lifetime", lifetime) }

    /// The requests so far.
    func requests() async throws -> [Recorded] {
        let entries = try await control(.get, "requests") as? [[String: Any]] ?? []
        return entries.map { Recorded(entry: $0) }
    }

    /// Forgets the requests so far.
    func forgetRequests() async throws { try await control(.delete, "requests") }

    /// The versions of a prompt: what is stored, as JSON objects.
    func versions(of name: String) async throws -> [[String: Any]] {
        let state = try await control(.get, "state") as? [String: [String: Any]]
        return state?[name]?["versions"] as? [[String: Any]] ?? []
    }

    /// The names of all prompts.
    func names() async throws -> [String] {
        (try await control(.get, "state") as? [String: Any])?.keys.sorted() ?? []
    }

    /// A request that was made.
    struct Recorded {
        let entry: [String: Any]

        var line: String { "\(entry["method"] as? String ?? "") \(entry["path"] as? String ?? "")" }
        var status: Int { entry["status"] as? Int ?? -1 }
        var headers: [String: String] { entry["headers"] as? [String: String] ?? [:] }
        var isWrite: Bool {
            let isSearch = line.hasSuffix("/search")
            return !line.hasPrefix("GET") && !isSearch && !line.hasSuffix("/oidc/v1/token")
        }
        /// The body as JSON with sorted keys.
        var body: String {
            let value = entry["body"] ?? NSNull()
            let options: JSONSerialization.WritingOptions = [
                .sortedKeys, .fragmentsAllowed, .withoutEscapingSlashes,
            ]
            let data = try? JSONSerialization.data(withJSONObject: value, options: options)
            return String(decoding: data ?? Data(), as: UTF8.self)
        }
    }
}
