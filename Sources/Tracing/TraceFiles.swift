import FoundationEssentials
import HTTP
import Support

/// The files in which Databricks keeps the steps of traces, as MLflow 3.17.2 writes them: on a volume, else where the
/// workspace gives credentials for.
struct TraceFiles: Sendable {
    /// The workspace.
    let host: HTTPURL
    /// Sends requests to it.
    let client: HTTPClient
    /// Sends requests to the storage that it names, without credentials.
    let storage: HTTPClient

    private static let file = "traces.json"
    private static let volumes = "dbfs:/Volumes/"

    /// Stores the steps of a trace.
    ///
    /// - Parameters:
    ///   - trace: The trace.
    ///   - location: Where the workspace wants its files.
    /// - Throws: `HTTPError`.
    func store(_ trace: TraceRecord, at location: String?) async throws(HTTPError) {
        let body = Array(trace.stored.serialized.utf8)
        guard let location, location.hasPrefix(Self.volumes) else {
            return try await upload(body, of: trace.traceID)
        }
        let path = location.dropFirst("dbfs:/".count).split(separator: "/").map(String.init)
        let url = host.appending("api/2.0/fs/files").appending(
            path + [Self.file], query: [("overwrite", "true")])
        let headers = ["Content-Type": "application/octet-stream"]
        _ = try await client.send(HTTPRequest(.put, url, headers: headers, body: body), as: StatusOnly.self)
    }

    // MARK: - Other storage

    private struct CredentialAnswer: Decodable, Sendable {
        struct Credential: Decodable, Sendable {
            let signedUri: String
            let type: String?
            let headers: [Header]?
        }
        struct Header: Decodable, Sendable { let name: String, value: String }
        let credentialInfo: Credential
    }

    private func upload(_ body: [UInt8], of id: String) async throws(HTTPError) {
        var request = HTTPRequest(
            .get, host.appending(["api", "2.0", "mlflow", "traces", id, "credentials-for-data-upload"]))
        // The answer is a credential.
        request.isConfidential = true
        let credential = try await client.send(request, as: CredentialAnswer.self).credentialInfo
        let url = try HTTPURL(credential.signedUri, keepsTrailingSlash: true)
        let given = Dictionary((credential.headers ?? []).map { ($0.name, $0.value) }) { _, last in last }
        switch credential.type {
        case "AWS_PRESIGNED_URL", "GCP_SIGNED_URL":
            try await put(body, to: url, given)
        case "AZURE_SAS_URI", nil:
            let block = Data(id.utf8).base64EncodedString()
            try await put(
                body, to: url.appending([], query: [("comp", "block"), ("blockid", block)]),
                given.merging(["x-ms-blob-type": "BlockBlob"]) { $1 })
            let list =
                "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<BlockList><Uncommitted>\(block)</Uncommitted></BlockList>"
            try await put(Array(list.utf8), to: url.appending([], query: [("comp", "blocklist")]), given)
        case "AZURE_ADLS_GEN2_SAS_URI":
            try await put([], to: url.appending([], query: [("resource", "file")]), given)
            let end = [("action", "append"), ("position", "0"), ("flush", "true")]
            try await put(body, to: url.appending([], query: end), given, .patch)
        case let type?:
            throw HTTPError(
                .failed, "Databricks asks to store traces with '\(type)', which is not known here")
        }
    }

    private func put(
        _ body: [UInt8], to url: HTTPURL, _ headers: [String: String], _ method: HTTPRequest.Method = .put
    ) async throws(HTTPError) {
        // Signatures count this header, and MLflow sends none.
        let headers = ["Content-Type": ""].merging(headers) { $1 }
        var request = HTTPRequest(method, url, headers: headers, body: body)
        request.isConfidential = true
        _ = try await storage.send(request, as: StatusOnly.self)
    }
}
