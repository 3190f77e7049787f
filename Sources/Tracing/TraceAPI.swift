package import HTTP
package import MLflowServer
import Support

/// The calls that traces need, of an MLflow server or of a workspace of Databricks.
package struct TraceAPI: Sendable {
    /// Where the server has its API.
    package let address: MLflowAddress
    private let client: HTTPClient
    private let headers: [String: String]

    /// The API at an address; nothing is sent yet.
    ///
    /// - Parameters:
    ///   - base: The address.
    ///   - client: Sends the requests.
    ///   - headers: The headers that every request has besides its credentials.
    package init(base: HTTPURL, client: HTTPClient, headers: [String: String] = [:]) {
        self.client = client
        self.headers = headers
        address = MLflowAddress(base, client: client, headers: headers)
    }

    /// Sends a write that is safe to repeat, and whose answer matters.
    func post<Answer: Decodable & Sendable>(
        _ path: String, _ body: JSONValue, as type: Answer.Type
    ) async throws(HTTPError) -> Answer {
        try await client.send(request(.post, path, body), as: type)
    }

    /// What hides the credentials of requests.
    func mask() async -> SecretMask { await client.mask(for: request(.post, "", [:])) }

    /// The server's version, also where it is slow to say; nil where it does not say.
    func version() async -> MLflowVersion? {
        if let version = await address.version() { return version }
        let request = HTTPRequest(.get, address.base.appending("version"), headers: headers)
        return (try? await client.probe(request, withCredentials: true)).flatMap {
            MLflowVersion($0.response)
        }
    }

    /// Reads what takes a body to ask for.
    func ask<Answer: Decodable & Sendable>(
        _ path: String, _ body: JSONValue, as type: Answer.Type
    ) async throws(HTTPError) -> Answer {
        var request = request(.post, path, body)
        request.isWrite = false
        return try await client.send(request, as: type)
    }

    /// Sends a write that is refused where it has taken effect, as by another client: then what there is is looked up.
    func postOnce<Answer: Decodable & Sendable>(
        _ path: String, _ body: JSONValue, as type: Answer.Type,
        lookUp: @Sendable () async throws(HTTPError) -> Answer?
    ) async throws(HTTPError) -> Answer {
        try await client.sendOnce(
            request(.post, path, body), as: type, looksFirst: true, isRefusedTwice: true, lookUp: lookUp
        ).answer
    }

    /// Sends a write that is safe to repeat, whatever is answered.
    func write(
        _ method: HTTPRequest.Method = .post, _ path: String, _ body: JSONValue
    ) async throws(HTTPError) {
        _ = try await client.send(request(method, path, body), as: StatusOnly.self)
    }

    /// Sends the steps of many traces, compressed: only this call reads such bodies on every server.
    func writeSteps(_ body: JSONValue, experiment id: String) async throws(HTTPError) {
        var request = request(.post, "v1/traces", body)
        request.headers["x-mlflow-experiment-id"] = id
        request.compress()
        _ = try await client.send(request, as: StatusOnly.self)
    }

    private func request(_ method: HTTPRequest.Method, _ path: String, _ body: JSONValue) -> HTTPRequest {
        let headers = headers.merging(["Content-Type": "application/json"]) { $1 }
        return HTTPRequest(
            method, address.base.appending(path), headers: headers, body: Array(body.serialized.utf8))
    }
}

extension HTTPError {
    /// Whether something was refused for what it holds, so that another one may be taken.
    var isAboutContent: Bool {
        switch status {
        case 400, 413, 422, 500: true
        default: false
        }
    }

    /// Whether the same may succeed later: the server is away, or cannot keep up.
    var isPassing: Bool { (code == .unreachable || retry != .never) && !isAboutContent }

    /// The message, with the hint in brackets.
    var description: String { hint.map { "\(message) (\($0))" } ?? message }
}

extension TraceOutcome {
    /// Notes why traces were not stored, or are to be stored again.
    mutating func add(_ error: HTTPError, of traces: [TraceRecord]) {
        guard error.isPassing else {
            loss.traces += traces.count
            return loss.add(error.description)
        }
        again += traces
        outage = error.description
        pause = error.retryAfter ?? pause
    }
}
