import FoundationEssentials
import HTTP
import Prompts

/// The calls of MLflow's REST API that prompts need, one function each.
struct MLflowAPI: Sendable {
    let base: HTTPURL
    let client: HTTPClient
    /// What every request carries beside its credentials.
    let headers: [String: String]

    // MARK: - Reading

    /// The registered model of a name; nil when there is none.
    func model(_ name: String) async throws(HTTPError) -> RegisteredModelMessage? {
        do throws(HTTPError) {
            return try await read(
                "registered-models/get", [("name", name)], as: MLflowAnswer.Model.self
            ).registeredModel
        } catch  where error.isMissing {
            return nil
        }
    }

    /// One page of the registered models that a filter finds.
    func models(
        _ filter: String, limit: Int, page: String? = nil
    ) async throws(HTTPError) -> MLflowAnswer.Models {
        var query = [("filter", filter), ("max_results", "\(limit)")]
        if let page { query.append(("page_token", page)) }
        return try await read("registered-models/search", query, as: MLflowAnswer.Models.self)
    }

    /// One page of the versions that a filter finds, the newest first.
    func versions(
        _ filter: String, limit: Int, page: String? = nil
    ) async throws(HTTPError) -> MLflowAnswer.Versions {
        // By themselves they come in the order of their last change, which may turn round between two pages.
        var query = [("filter", filter), ("max_results", "\(limit)"), ("order_by", "version_number DESC")]
        if let page { query.append(("page_token", page)) }
        return try await read("model-versions/search", query, as: MLflowAnswer.Versions.self)
    }

    /// A version; nil when there is none of that number.
    func version(_ number: Int, of name: String) async throws(HTTPError) -> ModelVersionMessage? {
        do throws(HTTPError) {
            return try await read(
                "model-versions/get", [("name", name), ("version", "\(number)")],
                as: MLflowAnswer.Version.self
            ).modelVersion
        } catch  where error.isMissing {
            return nil
        }
    }

    /// The version that an alias points to, as text; nil when there is no such alias.
    func version(ofAlias alias: String, of name: String) async throws(HTTPError) -> String? {
        do throws(HTTPError) {
            let query = [("name", name), ("alias", alias)]
            let answer = try await read("registered-models/alias", query, as: MLflowAnswer.Version.self)
            return answer.modelVersion.version.text
        } catch  where error.isMissing || error.apiCode == "INVALID_PARAMETER_VALUE" {
            return nil
        }
    }

    private func read<Answer: Decodable & Sendable>(
        _ path: String, _ query: [(String, String)], as type: Answer.Type
    ) async throws(HTTPError) -> Answer {
        var request = HTTPRequest(.get, url(path, query), headers: headers)
        request.subject = query.first { $0.0 == "name" }?.1
        return try await client.send(request, as: type)
    }

    // MARK: - Writing

    /// Fields of a request's body.
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

    /// Does what may be done twice without harm.
    func write(
        _ method: HTTPRequest.Method, _ path: String, _ fields: Fields
    ) async throws(HTTPError) {
        _ = try await client.send(request(method, path, fields), as: Acknowledgement.self)
    }

    /// Does what must be done once only.
    func writeOnce<Answer: Decodable & Sendable>(
        _ path: String, _ fields: Fields, as type: Answer.Type,
        lookUp: @Sendable () async throws(HTTPError) -> Answer?
    ) async throws(HTTPError) -> Answer {
        try await client.sendOnce(request(.post, path, fields), as: type, lookUp: lookUp)
    }

    private func request(
        _ method: HTTPRequest.Method, _ path: String, _ fields: Fields
    ) throws(HTTPError) -> HTTPRequest {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        guard let body = try? encoder.encode(fields) else {
            throw HTTPError(.invalidValue, "'\(fields.name)' cannot be written as JSON")
        }
        var request = HTTPRequest(method, url(path), headers: headers, body: Array(body))
        request.subject = fields.name
        return request
    }

    private func url(_ path: String, _ query: [(String, String)] = []) -> HTTPURL {
        base.appending("api/2.0/mlflow/" + path, query: query)
    }
}

extension HTTPError {
    /// Whether what was asked for does not exist, as the API itself says.
    var isMissing: Bool { apiCode == "RESOURCE_DOES_NOT_EXIST" }
}
