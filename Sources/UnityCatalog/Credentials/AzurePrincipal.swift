import HTTP

/// Tokens of Microsoft Entra ID for a service principal, which the variables `ARM_…` name.
struct AzurePrincipal: Sendable {
    let settings: DatabricksSettings
    let cloud: AzureCloud
    let tenant: AzureTenant
    let exchange: TokenExchange

    /// A token for the principal's secret. With it goes one that Azure itself accepts, by which Databricks finds a
    /// principal's rights that it was given in Azure.
    ///
    /// - Returns: The token.
    /// - Throws: `HTTPError` when there is none.
    func tokenBySecret() async throws(HTTPError) -> AccessToken {
        let url = try await endpoint(by: "aad/auth")
        let secret = ("client_secret", settings[.azureClientSecret] ?? "")
        var token = try await token([secret], for: cloud.databricks, at: url)
        let management = try await self.token([secret], for: cloud.management, at: url)
        token.type = "Bearer"
        token.add(AzureHeader.all(settings, management: management))
        token.shorten(to: management.lifetime)
        return token
    }

    /// A token for an ID token whose issuer the principal trusts.
    ///
    /// - Parameter idToken: The ID token.
    /// - Returns: The token.
    /// - Throws: `HTTPError` when there is none.
    func token(for idToken: String) async throws(HTTPError) -> AccessToken {
        let assertion = [
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", idToken),
        ]
        return try await token(
            assertion, for: cloud.databricks, at: try await endpoint(by: "oidc/oauth2/v2.0/authorize"))
    }

    private func token(
        _ proof: [(String, String)], for resource: String, at url: HTTPURL
    ) async throws(HTTPError) -> AccessToken {
        let form =
            [("grant_type", "client_credentials")] + settings.scopeFields + settings.detailFields
            + [("resource", resource), ("client_id", settings[.azureClientID] ?? "")] + proof
        return try await exchange.token(form, at: url, workspaceID: settings[.workspaceID])
    }

    private func endpoint(by page: String) async throws(HTTPError) -> HTTPURL {
        guard let tenant = try await tenant.find(by: page) else {
            throw HTTPError(
                .unauthenticated, "the workspace does not say which tenant of Microsoft Entra ID it is in",
                hint: "set ARM_TENANT_ID")
        }
        return try HTTPURL(cloud.login).appending([tenant, "oauth2", "token"])
    }
}

/// The headers that Databricks takes on Azure besides a token.
enum AzureHeader {
    /// The headers: which resource of Azure the workspace is, where that is configured, and a token that Azure itself
    /// accepts.
    ///
    /// - Parameters:
    ///   - settings: The configuration.
    ///   - management: The token for Azure; a person needs none.
    /// - Returns: The headers.
    static func all(_ settings: DatabricksSettings, management: AccessToken?) -> [CredentialHeader] {
        var headers: [CredentialHeader] = []
        if let resource = settings[.azureResourceID] {
            headers.append(CredentialHeader("X-Databricks-Azure-Workspace-Resource-Id", Secret(resource)))
        }
        if let management {
            headers.append(CredentialHeader("X-Databricks-Azure-SP-Management-Token", management.value))
        }
        return headers
    }
}
