import HTTP

/// Where a workspace issues tokens, and what it says about itself.
struct OAuthEndpoint: Hashable, Sendable {
    /// Where tokens are requested.
    let url: HTTPURL
    /// The workspace's identifier, where it is known.
    let workspaceID: String?
    /// The audience that an ID token must have.
    let audience: String

    /// Asks the workspace where it issues tokens, as the Databricks SDK does.
    ///
    /// A workspace that does not describe itself is asked for its own OAuth metadata, as in older SDKs.
    init(of credentials: ResolvedCredentials, client: HTTPClient) async throws(HTTPError) {
        let settings = credentials.settings
        let host = try await Self.metadata(of: credentials.host, client)
        let accountID = settings[.accountID] ?? host?.accountId
        var discovery = credentials.host.appending("oidc/.well-known/oauth-authorization-server")
        if let named = settings[.discoveryURL] {
            discovery = try Self.url(named)
        } else if let issuer = host?.oidcEndpoint, !issuer.isEmpty {
            let parts = issuer.split(separator: "{account_id}", omittingEmptySubsequences: false)
            guard parts.count == 1 || accountID != nil else {
                throw HTTPError(
                    .unauthenticated, "\(credentials.host.origin) serves several Databricks accounts",
                    hint: "set DATABRICKS_ACCOUNT_ID")
            }
            discovery = try Self.url(parts.joined(separator: accountID ?? ""))
                .appending(".well-known/oauth-authorization-server")
        }
        let endpoints = try await client.send(Self.request(discovery), as: Endpoints.self)
        url = try Self.url(endpoints.tokenEndpoint, keepsTrailingSlash: true)
        workspaceID = settings[.workspaceID] ?? host?.workspaceId
        let isOfAccount = host != nil && host?.workspaceId == nil
        audience =
            settings[.tokenAudience] ?? host?.tokenFederationDefaultOidcAudiences?.first
            ?? (isOfAccount ? accountID : nil) ?? endpoints.tokenEndpoint
    }

    private static func metadata(
        of host: HTTPURL, _ client: HTTPClient
    ) async throws(HTTPError) -> HostMetadata? {
        do {
            return try await client.send(
                request(host.appending(".well-known/databricks-config")), as: HostMetadata.self)
        } catch  where error.status != nil || error.code == .wrongService {
            return nil
        }
    }

    /// A request whose answer says where secrets are sent: nobody in between must be able to change it.
    private static func request(_ url: HTTPURL) -> HTTPRequest {
        var request = HTTPRequest(.get, url)
        request.isConfidential = true
        return request
    }

    /// An address that secrets may be sent to.
    private static func url(_ text: String, keepsTrailingSlash: Bool = false) throws(HTTPError) -> HTTPURL {
        let url = try HTTPURL(text, keepsTrailingSlash: keepsTrailingSlash)
        guard url.scheme == .https || url.isLoopback else {
            throw HTTPError(
                .unauthenticated, "the workspace asks for secrets to be sent unencrypted, to \(url.origin)")
        }
        return url
    }

    private struct Endpoints: Decodable {
        let tokenEndpoint: String
    }

    private struct HostMetadata: Decodable {
        let oidcEndpoint: String?
        let accountId: String?
        let workspaceId: String?
        let tokenFederationDefaultOidcAudiences: [String]?
    }
}
