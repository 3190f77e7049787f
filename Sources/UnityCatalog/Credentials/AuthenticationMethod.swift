/// The supported ways to authenticate with Databricks, by the names of the Databricks SDK.
package enum AuthenticationMethod: String, Sendable, CaseIterable {
    /// A personal access token.
    case personalAccessToken = "pat"
    /// A service on this machine that gives out tokens, such as that of an editor's extension.
    case metadataService = "metadata-service"
    /// A service principal's id and secret.
    case clientCredentials = "oauth-m2m"
    /// An ID token in an environment variable.
    case environmentOIDC = "env-oidc"
    /// An ID token in a file.
    case fileOIDC = "file-oidc"
    /// An ID token of GitHub Actions.
    case gitHubOIDC = "github-oidc"
    /// A service principal of Microsoft Entra ID, and its secret.
    case azureClientSecret = "azure-client-secret"
    /// An ID token of GitHub Actions, for a service principal of Microsoft Entra ID.
    case gitHubOIDCAzure = "github-oidc-azure"
    /// The login of the Azure CLI.
    case azureCLI = "azure-cli"
    /// An ID token of Azure DevOps.
    case azureDevOpsOIDC = "azure-devops-oidc"
    /// The login of the Databricks CLI.
    case databricksCLI = "databricks-cli"

    /// Whether tokens come from a program that somebody logged in with.
    package var isProgram: Bool { self == .azureCLI || self == .databricksCLI }

    /// Whether it is for workspaces of Azure alone.
    var isForAzureOnly: Bool {
        switch self {
        case .azureClientSecret, .gitHubOIDCAzure, .azureCLI: true
        default: false
        }
    }

    /// Whether the next method is tried where this one turns out to have no token: somebody may have the Azure CLI, and
    /// have logged in with another one.
    var mayDecline: Bool { self == .azureCLI }
}
