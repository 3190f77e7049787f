package import HTTP

/// Provides the credentials for a Databricks workspace.
package struct DatabricksAuthorizer: Authorizer {
    private let token: RenewingToken
    private let client: HTTPClient

    /// How many requests for tokens have been sent so far.
    var requestCount: Int { client.requestCount }

    /// The method that gave the token that there is; nil while there is none.
    package var method: AuthenticationMethod? {
        get async { await token.method }
    }

    /// An authorizer; nothing is sent before the first headers are needed.
    init(
        _ credentials: ResolvedCredentials, exchange: any HTTPExchange, settings: HTTPSettings,
        readFile: @escaping @Sendable (String) throws(HTTPError) -> String? = CredentialFiles.read
    ) {
        var settings = settings
        settings.allowsInsecure = false
        client = HTTPClient(
            exchange: exchange, authorizer: FixedAuthorizer(),
            service: ServiceDescription(
                name: "Databricks' token service", credentialsHint: "check the Databricks credentials"),
            settings: settings)
        let requests = TokenRequests(
            credentials, readFile: readFile, client: client, clock: settings.clock)
        let secrets = settings.secrets
        secrets.add(credentials.settings.secrets)
        token = RenewingToken(clock: settings.clock) { () async throws(HTTPError) in
            let token = try await requests.fetch()
            secrets.add([token.value])
            return token
        }
    }

    package func headers() async throws(HTTPError) -> [CredentialHeader] {
        try await token.token().headers
    }

    package func refresh(after rejected: [CredentialHeader]) async throws(HTTPError) -> Bool {
        try await token.replace { $0.headers == rejected }
        return try await headers() != rejected
    }
}

extension ResolvedCredentials {
    /// A client for the workspace.
    ///
    /// - Parameters:
    ///   - exchange: Sends single requests.
    ///   - settings: How requests are sent.
    /// - Returns: The client, and the authorizer that it gets tokens from; nothing is sent yet.
    package func client(
        over exchange: any HTTPExchange, _ settings: HTTPSettings
    ) -> (client: HTTPClient, authorizer: DatabricksAuthorizer) {
        let authorizer = DatabricksAuthorizer(self, exchange: exchange, settings: settings)
        let secrets = sources.filter { $0.value == nil }.map(\.origin)
        let checked = secrets.isEmpty ? "the Databricks credentials" : secrets.joined(separator: " and ")
        let service = ServiceDescription(
            name: "Databricks", credentialsHint: "check \(checked)",
            permissionHint: "CREATE FUNCTION, EXECUTE and MANAGE on the schema are needed")
        let client = HTTPClient(
            exchange: exchange, authorizer: authorizer, service: service, settings: settings)
        return (client, authorizer)
    }

    /// The workspace's identifier, where it is configured.
    var workspaceID: String? { sources.first { $0.name == DatabricksAttribute.workspaceID.rawValue }?.value }
}
