import HTTP
import Prompts

/// The calls of MLflow's REST API that prompts need.
struct MLflowAPI: Sendable {
    let client: HTTPClient
    /// The headers that every request has besides its credentials.
    let headers: [String: String]
    let address: MLflowAddress

    /// The API at an address; nothing is sent yet.
    init(base: HTTPURL, client: HTTPClient, headers: [String: String]) {
        self.client = client
        self.headers = headers
        address = MLflowAddress(base, client: client, headers: headers)
    }

    // MARK: - Reading

    /// The registered model of a name; nil when there is none.
    func model(_ name: String) async throws(HTTPError) -> RegisteredModelMessage? {
        try await readIfExists("registered-models/get", [("name", name)], as: MLflowAnswer.Model.self)?
            .registeredModel
    }

    /// One page of the registered models that a filter finds.
    func models(
        _ filter: String, limit: Int, page: String? = nil
    ) async throws(HTTPError) -> MLflowAnswer.Page {
        let query =
            [("filter", filter), ("max_results", "\(limit)")] + (page.map { [("page_token", $0)] } ?? [])
        return try await address.read("registered-models/search", query, as: MLflowAnswer.Page.self)
    }

    /// One page of the versions that a filter finds, the newest first.
    func versions(
        _ filter: String, limit: Int, page: String? = nil
    ) async throws(HTTPError) -> MLflowAnswer.Page {
        // The default order, that of the last change, may change between two pages.
        var query = [("filter", filter), ("max_results", "\(limit)"), ("order_by", "version_number DESC")]
        if let page { query.append(("page_token", page)) }
        return try await address.read("model-versions/search", query, as: MLflowAnswer.Page.self)
    }

    /// A version; nil when there is none of that number.
    func version(_ number: Int, of name: String) async throws(HTTPError) -> ModelVersionMessage? {
        try await readIfExists(
            "model-versions/get", [("name", name), ("version", "\(number)")], as: MLflowAnswer.Version.self)?
            .modelVersion
    }

    /// The version that an alias points to, as text; nil when there is no such alias.
    func version(ofAlias alias: String, of name: String) async throws(HTTPError) -> String? {
        try await readIfExists(
            "registered-models/alias", [("name", name), ("alias", alias)], as: MLflowAnswer.Version.self)?
            .modelVersion.version.text
    }

    private func readIfExists<Answer: Decodable & Sendable>(
        _ path: String, _ query: [(String, String)], as type: Answer.Type
    ) async throws(HTTPError) -> Answer? {
        do throws(HTTPError) {
            return try await address.read(path, query, as: type)
        } catch  where error.apiCode == "RESOURCE_DOES_NOT_EXIST" {
            return nil
        } catch  where error.apiCode == "INVALID_PARAMETER_VALUE" && path == "registered-models/alias" {
            // That is how the server says that there is no such alias.
            return nil
        }
    }

    // MARK: - Writing

    /// The fields of a request's body; each request has some of them.
    struct Fields: Encodable {
        var name: String
        var source: String?
        var description: String?
        var version: String?
        var alias: String?
        var key: String?
        var value: String?
        var tags: TagList?
    }

    /// Sends a write that is safe to repeat.
    func write(
        _ method: HTTPRequest.Method, _ path: String, _ fields: Fields
    ) async throws(HTTPError) {
        try await explaining(path, fields) { () async throws(HTTPError) in
            _ = try await client.send(request(method, path, fields), as: Acknowledgement.self)
        }
    }

    /// Sends a change of something that other clients change too; returns whether an earlier attempt may still take effect.
    @discardableResult
    func change(
        _ path: String, _ fields: Fields, isRemoval: Bool,
        lookUp: @Sendable () async throws(HTTPError) -> Acknowledgement?
    ) async throws(HTTPError) -> Bool {
        try await writeOnce(
            isRemoval ? .delete : .post, path, fields, as: Acknowledgement.self, looksFirst: true,
            lookUp: lookUp
        ).mayBeRepeated
    }

    /// Sends a write that must take effect only once.
    func writeOnce<Answer: Decodable & Sendable>(
        _ method: HTTPRequest.Method, _ path: String, _ fields: Fields, as type: Answer.Type,
        looksFirst: Bool = false, isRefusedTwice: Bool = false,
        lookUp: @Sendable () async throws(HTTPError) -> Answer?
    ) async throws(HTTPError) -> HTTPClient.OnceAnswer<Answer> {
        try await explaining(path, fields) { () async throws(HTTPError) in
            try await client.sendOnce(
                request(method, path, fields), as: type, looksFirst: looksFirst,
                isRefusedTwice: isRefusedTwice, lookUp: lookUp)
        }
    }

    /// Sends a write, and says what a refusal means that only MLflow's own users understand.
    private func explaining<Answer>(
        _ path: String, _ fields: Fields, _ send: () async throws(HTTPError) -> Answer
    ) async throws(HTTPError) -> Answer {
        if let problem = address.problem { throw problem }
        do throws(HTTPError) {
            return try await send()
        } catch {
            if error.status == 400, error.apiMessage.hasPrefix("Invalid model version source"),
                let problem = await address.version()?.problem
            {
                throw problem
            }
            throw fields.explaining(error, isOfVersion: path.hasPrefix("model-versions"))
        }
    }

    private func request(
        _ method: HTTPRequest.Method, _ path: String, _ fields: Fields
    ) throws(HTTPError) -> HTTPRequest {
        var request = try HTTPRequest(method, address.url(path), headers: headers, json: fields)
        request.subject = fields.name
        return request
    }
}
