/// The ways to authenticate with Databricks that promptreg has, by the names of the Databricks SDK.
package enum AuthenticationMethod: String, Sendable, CaseIterable {
    /// A personal access token.
    case personalAccessToken = "pat"
    /// A service principal's id and secret.
    case clientCredentials = "oauth-m2m"
    /// An ID token in an environment variable.
    case environmentOIDC = "env-oidc"
    /// An ID token in a file.
    case fileOIDC = "file-oidc"
    /// An ID token of GitHub Actions.
    case gitHubOIDC = "github-oidc"
}

/// Every way that the Databricks SDK knows, in the order in which it tries them.
struct AuthenticationChain {
    /// A way, and when it can be used.
    struct Link: Sendable {
        /// The name, which `auth_type` may hold.
        let name: String
        /// The settings that it needs.
        let required: [DatabricksAttribute]
        /// The environment variables that it needs beside them.
        var variables: [String] = []
        /// Whether it can act for a group.
        var actsForGroups = true
        /// Whether it is found by what is configured alone; the others ask programs or the machine, and promptreg
        /// has none of these.
        var isFoundBySettings = true
    }

    static let links: [Link] = [
        Link(name: "pat", required: [.host, .token], actsForGroups: false),
        Link(name: "basic", required: [.host, .username, .password], actsForGroups: false),
        Link(name: "metadata-service", required: [.host, .metadataServiceURL], actsForGroups: false),
        Link(name: "oauth-m2m", required: [.host, .clientID, .clientSecret]),
        Link(name: "env-oidc", required: [.host]),
        Link(name: "file-oidc", required: [.host, .oidcTokenPath]),
        Link(name: "github-oidc", required: [.host, .clientID], variables: GitHubVariable.all),
        Link(
            name: "azure-client-secret", required: [.azureClientID, .azureClientSecret], actsForGroups: false),
        Link(
            name: "github-oidc-azure", required: [.host, .azureClientID], variables: GitHubVariable.all,
            actsForGroups: false),
        Link(name: "azure-cli", required: [], isFoundBySettings: false),
        Link(name: "azure-devops-oidc", required: [.host, .clientID], variables: ["SYSTEM_ACCESSTOKEN"]),
        Link(name: "external-browser", required: [.host, .authType], isFoundBySettings: false),
        Link(name: "databricks-cli", required: [.host], isFoundBySettings: false),
        Link(name: "runtime-oauth", required: [], isFoundBySettings: false),
        Link(name: "runtime", required: [], isFoundBySettings: false),
        Link(name: "google-credentials", required: [.host, .googleCredentials], actsForGroups: false),
        Link(name: "google-id", required: [.host, .googleServiceAccount], actsForGroups: false),
        Link(name: "model-serving", required: [], isFoundBySettings: false),
    ]
}

/// What GitHub Actions tells a job that may ask for ID tokens.
enum GitHubVariable {
    static let requestURL = "ACTIONS_ID_TOKEN_REQUEST_URL"
    static let requestToken = "ACTIONS_ID_TOKEN_REQUEST_TOKEN"
    static let all = [requestURL, requestToken]
}
