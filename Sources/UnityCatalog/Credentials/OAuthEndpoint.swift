import HTTP

/// Where a workspace gives tokens out, and what it says about itself on the way there.
struct OAuthEndpoint: Hashable, Sendable {
    /// Where tokens are asked for.
    let url: HTTPURL
    /// The workspace's identifier, where the host says it.
    let workspaceID: String?
    /// What an ID token has to be meant for.
    let audience: String

    /// Asks the workspace where it gives tokens out, as the Databricks SDK does.
    ///
    /// A workspace that does not describe itself is asked for its own OAuth metadata, as older SDKs did.
    ///
    /// - Parameters:
    ///   - credentials: The workspace and the settings.
    ///   - client: Sends the requests.
    /// - Throws: `HTTPError`.
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
        let endpoints: Endpoints
        do {
            endpoints = try await client.send(Self.request(discovery), as: Endpoints.self)
        } catch {
            throw error
        }
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
        } catch  where error.status == nil && error.code != .wrongService {
            throw error
        } catch {
            return nil
        }
    }

    /// A question whose answer says where secrets are sent: nobody on the way must be able to change it.
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
                .unauthenticated, "the workspace wants secrets to be sent unencrypted, to \(url.origin)")
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
