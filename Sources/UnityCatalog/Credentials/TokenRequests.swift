import FoundationEssentials
import HTTP
import Support

/// Gets tokens for a workspace, each by the method that was chosen.
struct TokenRequests: Sendable {
    private let credentials: ResolvedCredentials
    private let client: HTTPClient
    private let clock: WaitingClock
    private let idTokens: IDTokens

    private var settings: DatabricksSettings { credentials.settings }

    /// Requests through a client that has no credentials of its own.
    init(
        _ credentials: ResolvedCredentials,
        readFile: @escaping @Sendable (String) throws(HTTPError) -> String?, client: HTTPClient,
        clock: WaitingClock
    ) {
        self.credentials = credentials
        self.client = client
        self.clock = clock
        idTokens = IDTokens(settings: credentials.settings, readFile: readFile, client: client)
    }

    /// Gets a new token by the first method that has one.
    func fetch() async throws(HTTPError) -> AccessToken {
        for method in credentials.methods {
            if let token = try await fetch(by: method) { return token }
        }
        throw HTTPError(
            .unauthenticated, "the Azure CLI has no token for \(credentials.host.origin)",
            hint: AzureCLI.remedy)
    }

    /// Gets a token by a method; nil where another one is to be tried.
    private func fetch(by method: AuthenticationMethod) async throws(HTTPError) -> AccessToken? {
        var token: AccessToken? =
            switch method {
            case .personalAccessToken:
                AccessToken(
                    value: Secret(settings[.token] ?? ""), type: "Bearer", lifetime: nil,
                    workspaceID: settings[.workspaceID])
            case .metadataService:
                try await MetadataService(
                    settings: settings, host: credentials.host, client: client, clock: clock
                ).token()
            case .clientCredentials, .environmentOIDC, .fileOIDC, .gitHubOIDC, .azureDevOpsOIDC:
                try await databricksToken(by: method)
            case .azureClientSecret: try await azurePrincipal(method).tokenBySecret()
            case .gitHubOIDCAzure: try await gitHubToken()
            case .azureCLI: try await azureCLIToken()
            case .databricksCLI: try await databricksCLIToken()
            }
        token?.method = method
        return token
    }

    // MARK: - Databricks

    private func databricksToken(by method: AuthenticationMethod) async throws(HTTPError) -> AccessToken {
        switch method {
        case .environmentOIDC:
            let idToken = settings.variable(settings.oidcVariable) ?? ""
            return try await token(for: idToken, method, at: try await endpoint())
        case .fileOIDC:
            return try await token(for: try idTokens.ofFile(), method, at: try await endpoint())
        case .gitHubOIDC:
            let endpoint = try await endpoint()
            let idToken = try await idTokens.ofGitHub(for: endpoint.audience)
            return try await token(for: idToken, method, settings.detailFields, at: endpoint)
        case .azureDevOpsOIDC:
            let endpoint = try await endpoint()
            let idToken = try await idTokens.ofAzureDevOps()
            return try await token(for: idToken, method, settings.detailFields, at: endpoint)
        default:
            let endpoint = try await endpoint()
            let pair = "\(settings[.clientID] ?? ""):\(settings[.clientSecret] ?? "")"
            let basic = Secret("Basic " + Data(pair.utf8).base64EncodedString())
            return try await exchange(method).token(
                [("grant_type", "client_credentials")] + common + settings.detailFields,
                [CredentialHeader("Authorization", basic)], at: endpoint.url,
                workspaceID: endpoint.workspaceID, secrets: [Secret(settings[.clientSecret] ?? "")])
        }
    }

    private func endpoint() async throws(HTTPError) -> OAuthEndpoint {
        try await OAuthEndpoint(of: credentials, client: client)
    }

    private func token(
        for idToken: String, _ method: AuthenticationMethod, _ details: [(String, String)] = [],
        at endpoint: OAuthEndpoint
    ) async throws(HTTPError) -> AccessToken {
        let form = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
            ("subject_token_type", "urn:ietf:params:oauth:token-type:jwt"),
            ("subject_token", idToken),
        ]
        let client = settings[.clientID].map { [("client_id", $0)] } ?? []
        return try await exchange(method).token(
            form + common + client + details, at: endpoint.url, workspaceID: endpoint.workspaceID)
    }

    /// The fields of every form of Databricks.
    private var common: [(String, String)] {
        settings.scopeFields + (settings[.groupID].map { [("assume_group", $0)] } ?? [])
    }

    private func databricksCLIToken() async throws(HTTPError) -> AccessToken {
        guard let path = DatabricksCLI.path(settings) else {
            throw HTTPError(.unauthenticated, "the Databricks CLI is gone", hint: "install it")
        }
        return try await DatabricksCLI(path, credentials, deadline: client.deadline, clock: clock).token()
    }

    // MARK: - Azure

    private func cloud() throws(HTTPError) -> AzureCloud {
        guard let cloud = AzureCloud(of: credentials.host) else {
            throw HTTPError(.unauthenticated, "\(credentials.host.origin) is no workspace of Azure")
        }
        return cloud
    }

    private var tenant: AzureTenant {
        AzureTenant(settings: settings, host: credentials.host, client: client)
    }

    private func azurePrincipal(_ method: AuthenticationMethod) throws(HTTPError) -> AzurePrincipal {
        AzurePrincipal(
            settings: settings, cloud: try cloud(), tenant: tenant, exchange: exchange(method))
    }

    private func gitHubToken() async throws(HTTPError) -> AccessToken {
        let principal = try azurePrincipal(.gitHubOIDCAzure)
        // What federated credentials of Microsoft Entra ID expect.
        return try await principal.token(for: try await idTokens.ofGitHub(for: "api://AzureADTokenExchange"))
    }

    private func azureCLIToken() async throws(HTTPError) -> AccessToken? {
        guard let path = AzureCLI.path(settings) else { return nil }
        return try await AzureCLI(
            path, cloud: try cloud(), tenant: tenant, deadline: client.deadline, clock: clock
        ).token()
    }

    // MARK: - Words

    private func exchange(_ method: AuthenticationMethod) -> TokenExchange {
        let places = credentials.sources.filter {
            $0.name.contains("client_") || $0.name == "azure_tenant_id"
        }
        .map(\.origin)
        let named = places.isEmpty ? "the service principal" : places.joined(separator: " and ")
        let hint =
            switch method {
            case .clientCredentials, .azureClientSecret: "check \(named)"
            case .gitHubOIDCAzure: "check \(named), and the app registration's federated credentials"
            default: "check \(named), and the service principal's federation policy"
            }
        return TokenExchange(client: client, hint: hint)
    }
}
