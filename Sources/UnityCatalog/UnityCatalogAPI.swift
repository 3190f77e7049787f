import FoundationEssentials
package import HTTP
import Prompts

/// The calls of Unity Catalog's prompt service, spoken as MLflow 3.17.2 speaks them, one function each.
package struct UnityCatalogAPI: Sendable {
    typealias Message = UnityCatalogMessage

    /// How many entries a page is to have: what MLflow asks for, and the service's own default.
    static let pageSize = 100

    /// The workspace.
    package let host: HTTPURL
    /// Sends the requests.
    package let client: HTTPClient

    /// The service of a workspace.
    package init(host: HTTPURL, client: HTTPClient) {
        self.host = host
        self.client = client
    }

    // MARK: - Reading

    /// The prompt of a name; nil when there is none.
    func prompt(_ name: String) async throws(HTTPError) -> Message.Prompt? {
        try await absentAsNil { () async throws(HTTPError) in
            try await get([name], query: [("name", name)], as: Message.Prompt.self)
        }
    }

    /// A version.
    func version(_ number: Int, of name: String) async throws(HTTPError) -> Message.Version? {
        try await absentAsNil { () async throws(HTTPError) in
            try await get(
                [name, "versions", "\(number)"], query: [("name", name), ("version", "\(number)")],
                as: Message.Version.self)
        }
    }

    /// A version with all that an entry of a list may be without; nil when it is there no more.
    func completed(
        _ version: Message.Version, of name: String
    ) async throws(HTTPError) -> Message.Version? {
        guard !version.isComplete,
            let number = version.version.flatMap({ PromptVersion.number(parsing: $0.text) })
        else { return version }
        return try await self.version(number, of: name)
    }

    /// All versions of a prompt, in no order that could be relied on.
    func versions(of name: String) async throws(HTTPError) -> [Message.Version] {
        var versions: [Message.Version] = []
        var pages = PageWalk()
        var answer: Message.Versions
        repeat {
            let body = Message.Request(name: name, maxResults: Self.pageSize, pageToken: pages.token)
            answer = try await send(
                .post, [name, "versions", "search"], body, as: Message.Versions.self, isWrite: false)
            versions += answer.promptVersions ?? []
        } while pages.goesOn(to: answer.nextPageToken)
        return versions
    }

    /// One page of the prompts of a schema: their names are all that can be relied on.
    func prompts(
        in schema: Message.Schema, page: String? = nil
    ) async throws(HTTPError) -> Message.Prompts {
        let body = Message.Request(catalogSchema: schema, maxResults: Self.pageSize, pageToken: page)
        return try await send(.post, ["search"], body, as: Message.Prompts.self, isWrite: false)
    }

    /// Asks for one page of a schema's prompts, to find out whether that is allowed.
    package func checkSearch(catalog: String, schema: String) async throws(HTTPError) {
        _ = try await prompts(in: Message.Schema(catalog, schema))
    }

    /// Who is asking.
    package func identity() async throws(HTTPError) -> DatabricksIdentity {
        let request = HTTPRequest(.get, host.appending("api/2.0/preview/scim/v2/Me"))
        return try await client.send(request, as: DatabricksIdentity.self)
    }

    // MARK: - Writing

    /// Does what must be done once only.
    func writeOnce<Answer: Decodable & Sendable>(
        _ path: [String], _ body: Message.Request, as type: Answer.Type,
        lookUp: @Sendable () async throws(HTTPError) -> Answer?
    ) async throws(HTTPError) -> Answer {
        try await client.sendOnce(request(.post, path, body, isWrite: true), as: type, lookUp: lookUp)
    }

    /// Does what may be done twice without harm.
    func write(
        _ method: HTTPRequest.Method, _ path: [String], _ body: Message.Request
    ) async throws(HTTPError) {
        _ = try await send(method, path, body, as: Acknowledgement.self, isWrite: true)
    }

    /// Takes something away; it is no failure when it is not there.
    func delete(_ path: [String], _ body: Message.Request) async throws(HTTPError) {
        _ = try await absentAsNil { () async throws(HTTPError) in
            try await send(.delete, path, body, as: Acknowledgement.self, isWrite: true)
        }
    }

    // MARK: - Requests

    private func get<Answer: Decodable & Sendable>(
        _ path: [String], query: [(String, String)], as type: Answer.Type
    ) async throws(HTTPError) -> Answer {
        try await client.send(HTTPRequest(.get, url(path).appending([], query: query)), as: type)
    }

    private func send<Answer: Decodable & Sendable>(
        _ method: HTTPRequest.Method, _ path: [String], _ body: Message.Request, as type: Answer.Type,
        isWrite: Bool
    ) async throws(HTTPError) -> Answer {
        try await client.send(request(method, path, body, isWrite: isWrite), as: type)
    }

    private func request(
        _ method: HTTPRequest.Method, _ path: [String], _ body: Message.Request, isWrite: Bool
    ) throws(HTTPError) -> HTTPRequest {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        guard let data = try? encoder.encode(body) else {
            throw HTTPError(.invalidValue, "the request cannot be written as JSON")
        }
        return HTTPRequest(method, url(path), body: Array(data), isWrite: isWrite)
    }

    private func url(_ path: [String]) -> HTTPURL {
        host.appending("api/2.0/mlflow/unity-catalog/prompts").appending(path)
    }

    private func absentAsNil<Answer>(
        _ read: () async throws(HTTPError) -> Answer
    ) async throws(HTTPError) -> Answer? {
        do throws(HTTPError) {
            return try await read()
        } catch  where error.isAbsent {
            return nil
        }
    }
}

extension HTTPError {
    /// Whether what was asked for does not exist, as the API itself says.
    var isAbsent: Bool { status == 404 && code == .notFound }
}
