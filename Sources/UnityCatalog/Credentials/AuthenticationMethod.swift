/// The supported ways to authenticate with Databricks, by the names of the Databricks SDK.
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

/// A way to authenticate that settings alone can select in the Databricks SDK, and what it needs.
struct AuthenticationCandidate: Sendable {
    /// The name, which `auth_type` may have.
    let name: String
    /// The settings that it needs.
    let required: [DatabricksAttribute]
    /// The environment variables that it needs besides.
    var variables: [String] = []
    /// Whether it can act for a group.
    var actsForGroups = true

    /// The candidates, in the order in which the SDK tries them.
    static let all: [AuthenticationCandidate] = [
        .init(name: "pat", required: [.host, .token], actsForGroups: false),
        .init(name: "basic", required: [.host, .username, .password], actsForGroups: false),
        .init(name: "metadata-service", required: [.host, .metadataServiceURL], actsForGroups: false),
        .init(name: "oauth-m2m", required: [.host, .clientID, .clientSecret]),
        .init(name: "env-oidc", required: [.host]),
        .init(name: "file-oidc", required: [.host, .oidcTokenPath]),
        .init(name: "github-oidc", required: [.host, .clientID], variables: GitHubVariable.all),
        .init(
            name: "azure-client-secret", required: [.azureClientID, .azureClientSecret], actsForGroups: false),
        .init(
            name: "github-oidc-azure", required: [.host, .azureClientID], variables: GitHubVariable.all,
            actsForGroups: false),
        .init(name: "azure-devops-oidc", required: [.host, .clientID], variables: ["SYSTEM_ACCESSTOKEN"]),
        .init(name: "google-credentials", required: [.host, .googleCredentials], actsForGroups: false),
        .init(name: "google-id", required: [.host, .googleServiceAccount], actsForGroups: false),
    ]
}

/// The variables of a GitHub Actions job that may ask for ID tokens.
enum GitHubVariable {
    static let requestURL = "ACTIONS_ID_TOKEN_REQUEST_URL"
    static let requestToken = "ACTIONS_ID_TOKEN_REQUEST_TOKEN"
    static let all = [requestURL, requestToken]
}
