import FoundationEssentials
import HTTP
import Support

/// Gets tokens for a workspace with OAuth.
struct TokenRequests: Sendable {
    private let credentials: ResolvedCredentials
    private let readFile: @Sendable (String) throws(HTTPError) -> String?
    private let client: HTTPClient

    private var settings: DatabricksSettings { credentials.settings }

    /// Requests through a client that has no credentials of its own.
    init(
        _ credentials: ResolvedCredentials,
        readFile: @escaping @Sendable (String) throws(HTTPError) -> String?, client: HTTPClient
    ) {
        self.credentials = credentials
        self.readFile = readFile
        self.client = client
    }

    /// Gets a new token.
    func fetch() async throws(HTTPError) -> AccessToken {
        switch credentials.method {
        case .personalAccessToken:
            return AccessToken(
                value: Secret(settings[.token] ?? ""), type: "Bearer", lifetime: nil,
                workspaceID: settings[.workspaceID])
        case .clientCredentials:
            let pair = "\(settings[.clientID] ?? ""):\(settings[.clientSecret] ?? "")"
            let basic = Secret("Basic " + Data(pair.utf8).base64EncodedString())
            let form = [("grant_type", "client_credentials")] + common + details
            return try await token(
                form, [CredentialHeader("Authorization", basic)], at: try await endpoint())
        case .environmentOIDC:
            let idToken = settings.variable(settings.oidcVariable) ?? ""
            return try await token(exchange(of: idToken), at: try await endpoint())
        case .fileOIDC:
            return try await token(exchange(of: try idTokenOfFile()), at: try await endpoint())
        case .gitHubOIDC:
            let endpoint = try await endpoint()
            let idToken = try await idTokenOfGitHub(for: endpoint.audience)
            return try await token(exchange(of: idToken) + details, at: endpoint)
        }
    }

    private func endpoint() async throws(HTTPError) -> OAuthEndpoint {
        try await OAuthEndpoint(of: credentials, client: client)
    }

    // MARK: - ID tokens

    private func idTokenOfFile() throws(HTTPError) -> String {
        let path = settings[.oidcTokenPath] ?? ""
        guard let token = try readFile(path)?.trimmed(), !token.isEmpty else {
            throw HTTPError(.unauthenticated, "there is no ID token in \(path)")
        }
        return token
    }

    private func idTokenOfGitHub(for audience: String) async throws(HTTPError) -> String {
        let url: HTTPURL
        do {
            url = try HTTPURL(settings.variable(GitHubVariable.requestURL) ?? "")
        } catch {
            throw HTTPError(
                .unauthenticated, "\(GitHubVariable.requestURL) cannot be used: \(error.message)")
        }
        let bearer = Secret("Bearer " + (settings.variable(GitHubVariable.requestToken) ?? ""))
        var request = HTTPRequest(
            .get, url.appending([], query: [("audience", audience)]),
            credentials: [CredentialHeader("Authorization", bearer)])
        request.isConfidential = true
        do {
            return try await client.send(request, as: IDToken.self).value
        } catch {
            guard error.status != nil else { throw error }
            throw HTTPError(
                .unauthenticated, "GitHub issued no ID token: \(error.message)",
                hint: "give the workflow's job `permissions: {id-token: write}`")
        }
    }

    private struct IDToken: Decodable { let value: String }

    // MARK: - Forms

    /// The fields of every form.
    private var common: [(String, String)] {
        var scopes = Set(settings[.scopes]?.split { $0 == "," || $0 == " " }.map(String.init) ?? [])
        if scopes.isEmpty { scopes = ["all-apis"] }
        var form = [("scope", scopes.sorted().joined(separator: " "))]
        if let group = settings[.groupID] { form.append(("assume_group", group)) }
        return form
    }

    /// The fields that only some methods have.
    private var details: [(String, String)] {
        settings[.authorizationDetails].map { [("authorization_details", $0)] } ?? []
    }

    private func exchange(of idToken: String) -> [(String, String)] {
        let form = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
            ("subject_token_type", "urn:ietf:params:oauth:token-type:jwt"),
            ("subject_token", idToken),
        ]
        return form + common + (settings[.clientID].map { [("client_id", $0)] } ?? [])
    }

    // MARK: - The exchange

    private func token(
        _ form: [(String, String)], _ headers: [CredentialHeader] = [], at endpoint: OAuthEndpoint
    ) async throws(HTTPError) -> AccessToken {
        let body = form.map { "\(HTTPURL.encode($0))=\(HTTPURL.encode($1))" }.joined(separator: "&")
        var request = HTTPRequest(
            .post, endpoint.url, headers: ["Content-Type": "application/x-www-form-urlencoded"],
            credentials: headers, body: Array(body.utf8), isWrite: false)
        request.isConfidential = true
        request.secrets =
            [settings[.clientSecret]].compactMap { $0.map(Secret.init) }
            + form.filter { $0.0 == "subject_token" }.map { Secret($0.1) }
        do throws(HTTPError) {
            let answer = try await client.send(request, as: Answer.self)
            guard !answer.accessToken.hasControlCharacter else {
                throw HTTPError(
                    .unauthenticated, "the token that \(endpoint.url.origin) issued cannot be sent")
            }
            return AccessToken(
                value: Secret(answer.accessToken), type: answer.tokenType ?? "Bearer",
                lifetime: answer.lifetime, workspaceID: endpoint.workspaceID)
        } catch {
            guard let status = error.status, 400..<500 ~= status, status != 408, status != 429 else {
                throw error
            }
            throw HTTPError(.unauthenticated, error.message, hint: hint)
        }
    }

    private var hint: String {
        let places = credentials.sources.filter { $0.name.hasPrefix("client_") }.map(\.origin)
        let named = places.isEmpty ? "the service principal" : places.joined(separator: " and ")
        return switch credentials.method {
        case .clientCredentials: "check \(named)"
        default: "check \(named), and the service principal's federation policy"
        }
    }

    private struct Answer: Decodable {
        let accessToken: String
        let tokenType: String?
        let expiresIn: Numeral?

        /// How long the token is valid, at most some thirty years.
        var lifetime: Duration? {
            guard let seconds = expiresIn.flatMap({ Double($0.text) }), seconds.isFinite else { return nil }
            return .seconds(min(max(seconds, 0), 1e9))
        }
    }
}
