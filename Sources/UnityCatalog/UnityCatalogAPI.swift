package import HTTP
import Prompts

/// The calls of Unity Catalog's prompt service, as MLflow 3.17.2 makes them.
package struct UnityCatalogAPI: Sendable {
    typealias Message = UnityCatalogMessage

    /// How many entries a page has: as many as MLflow asks for, the service's default.
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
        try await ifExists { () async throws(HTTPError) in
            try await get([name], query: [("name", name)], as: Message.Prompt.self)
        }
    }

    /// A version; nil when there is none of that number.
    func version(_ number: Int, of name: String) async throws(HTTPError) -> Message.Version? {
        try await ifExists { () async throws(HTTPError) in
            try await get(
                [name, "versions", "\(number)"], query: [("name", name), ("version", "\(number)")],
                as: Message.Version.self)
        }
    }

    /// A version with all that a list may omit; nil when it no longer exists.
    func completed(
        _ version: Message.Version, of name: String
    ) async throws(HTTPError) -> Message.Version? {
        guard !version.isComplete, let number = version.number else { return version }
        return try await self.version(number, of: name)
    }

    /// Reads all versions of a prompt, page by page, in no reliable order.
    func readVersions(
        of name: String, _ take: ([Message.Version]) -> Void
    ) async throws(HTTPError) {
        try await readPages { token async throws(HTTPError) in
            let body = Message.Request(name: name, maxResults: Self.pageSize, pageToken: token)
            let page = try await send(
                .post, [name, "versions", "search"], body, as: Message.Page.self, isWrite: false)
            let versions = page.promptVersions ?? []
            take(versions)
            return PageLink(page.nextPageToken, after: versions.map(\.number))
        }
    }

    /// All versions of a prompt, in no reliable order.
    func versions(of name: String) async throws(HTTPError) -> [Message.Version] {
        var versions: [Message.Version] = []
        try await readVersions(of: name) { versions += $0 }
        return versions
    }

    /// One page of the prompts of a schema that a filter finds; only their names are reliable.
    func prompts(
        in schema: Message.Schema, filter: String? = nil, page: String? = nil
    ) async throws(HTTPError) -> Message.Page {
        let body = Message.Request(
            catalogSchema: schema, filter: filter, maxResults: Self.pageSize, pageToken: page)
        return try await send(.post, ["search"], body, as: Message.Page.self, isWrite: false)
    }

    /// Asks for one page of a schema's prompts, to find out whether that is allowed.
    package func checkSearch(catalog: String, schema: String) async throws(HTTPError) {
        _ = try await prompts(in: Message.Schema(catalogName: catalog, schemaName: schema))
    }

    /// Who is asking.
    package func identity() async throws(HTTPError) -> DatabricksIdentity {
        let request = HTTPRequest(.get, host.appending("api/2.0/preview/scim/v2/Me"))
        return try await client.send(request, as: DatabricksIdentity.self)
    }

    // MARK: - Writing

    /// Sends a change of something that other clients change too; it is no failure when what is removed does not exist.
    ///
    /// - Returns: Whether an earlier attempt may still take effect.
    @discardableResult
    func change(
        _ path: [String], _ body: Message.Request, isRemoval: Bool,
        lookUp: @Sendable () async throws(HTTPError) -> Acknowledgement?
    ) async throws(HTTPError) -> Bool {
        do throws(HTTPError) {
            return try await writeOnce(
                isRemoval ? .delete : .post, path, body, as: Acknowledgement.self, looksFirst: true,
                lookUp: lookUp
            ).mayBeRepeated
        } catch {
            guard isRemoval, error.isAbsent else { throw error }
            return false
        }
    }

    /// Sends a write that must take effect only once.
    func writeOnce<Answer: Decodable & Sendable>(
        _ method: HTTPRequest.Method, _ path: [String], _ body: Message.Request,
        as type: Answer.Type, looksFirst: Bool = false, isRefusedTwice: Bool = false,
        lookUp: @Sendable () async throws(HTTPError) -> Answer?
    ) async throws(HTTPError) -> HTTPClient.OnceAnswer<Answer> {
        try await client.sendOnce(
            try request(method, path, body, isWrite: true), as: type, looksFirst: looksFirst,
            isRefusedTwice: isRefusedTwice, lookUp: lookUp)
    }

    /// Sends a write that is safe to repeat.
    func write(
        _ method: HTTPRequest.Method, _ path: [String], _ body: Message.Request
    ) async throws(HTTPError) {
        _ = try await send(method, path, body, as: Acknowledgement.self, isWrite: true)
    }

    /// Deletes something; it is no failure when it does not exist.
    func delete(_ path: [String], _ body: Message.Request) async throws(HTTPError) {
        _ = try await ifExists { () async throws(HTTPError) in try await write(.delete, path, body) }
    }

    // MARK: - Requests

    private func get<Answer: Decodable & Sendable>(
        _ path: [String], query: [(String, String)], as type: Answer.Type
    ) async throws(HTTPError) -> Answer {
        var request = HTTPRequest(.get, url(path).appending([], query: query))
        request.subject = path.first
        return try await client.send(request, as: type)
    }

    private func send<Answer: Decodable & Sendable>(
        _ method: HTTPRequest.Method, _ path: [String], _ body: Message.Request, as type: Answer.Type,
        isWrite: Bool
    ) async throws(HTTPError) -> Answer {
        try await client.send(try request(method, path, body, isWrite: isWrite), as: type)
    }

    private func request(
        _ method: HTTPRequest.Method, _ path: [String], _ body: Message.Request, isWrite: Bool
    ) throws(HTTPError) -> HTTPRequest {
        var request = try HTTPRequest(method, url(path), json: body, isWrite: isWrite)
        request.subject = body.name
        return request
    }

    private func url(_ path: [String]) -> HTTPURL {
        host.appending("api/2.0/mlflow/unity-catalog/prompts").appending(path)
    }

    private func ifExists<Answer>(
        _ work: () async throws(HTTPError) -> Answer
    ) async throws(HTTPError) -> Answer? {
        do throws(HTTPError) {
            return try await work()
        } catch  where error.isAbsent {
            return nil
        }
    }
}

extension HTTPError {
    /// Whether what was asked for does not exist, as the API itself says.
    var isAbsent: Bool { status == 404 && code == .notFound }
}
