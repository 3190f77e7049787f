package import HTTP

/// Proves to a Databricks workspace who is asking.
package struct DatabricksAuthorizer: Authorizer {
    private let token: RenewingToken
    private let client: HTTPClient

    /// How many requests for tokens have been sent so far.
    package var requestCount: Int { client.requestCount }

    /// An authorizer; nothing is sent before the first headers are needed.
    ///
    /// - Parameters:
    ///   - credentials: The workspace and the way of authenticating.
    ///   - readFile: The text of a file; nil when there is none.
    ///   - exchange: Sends the requests for tokens.
    ///   - policy: When a failed request for a token is tried again.
    ///   - deadline: Until when; all clients of a run share one.
    ///   - clock: The time.
    package init(
        _ credentials: ResolvedCredentials,
        readFile: @escaping @Sendable (String) throws(HTTPError) -> String? = CredentialFiles.read,
        exchange: any HTTPExchange, policy: RetryPolicy = RetryPolicy(),
        deadline: RunDeadline = RunDeadline(), clock: WaitingClock = .system
    ) {
        let service = ServiceDescription(
            name: "Databricks' token service", credentialsHint: "check the Databricks credentials")
        client = HTTPClient(
            exchange: exchange, authorizer: FixedAuthorizer(), service: service, policy: policy,
            deadline: deadline, clock: clock)
        let requests = TokenRequests(credentials, readFile: readFile, client: client)
        token = RenewingToken(clock: clock) { () async throws(HTTPError) in try await requests.fetch() }
    }

    package func headers() async throws(HTTPError) -> [CredentialHeader] {
        try await token.token().headers
    }

    package func refresh(after rejected: [CredentialHeader]) async throws(HTTPError) -> Bool {
        try await token.replace { $0.headers == rejected }
        return try await headers() != rejected
    }
}
