/// A way to authenticate that the Databricks SDK knows, and what it needs.
struct AuthenticationCandidate: Sendable {
    /// The name, which `auth_type` may have.
    let name: String
    /// The settings that it needs.
    let required: [DatabricksAttribute]
    /// The environment variables that it needs besides.
    var variables: [String] = []
    /// Whether it can act for a group.
    var actsForGroups = true

    /// The candidates, in the order in which the SDK tries them: `DefaultCredentials` in its
    /// `credentials_provider.py`.
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
        .init(name: "azure-cli", required: [.host], actsForGroups: false),
        .init(name: "azure-devops-oidc", required: [.host, .clientID], variables: AzureDevOpsVariable.all),
        .init(name: "databricks-cli", required: [.host], actsForGroups: false),
        .init(name: "runtime-oauth", required: [.scopes], variables: [runtimeVariable]),
        .init(name: "runtime", required: [], variables: [runtimeVariable], actsForGroups: false),
        .init(name: "google-credentials", required: [.host, .googleCredentials], actsForGroups: false),
        .init(name: "google-id", required: [.host, .googleServiceAccount], actsForGroups: false),
    ]

    /// What is set on a cluster of Databricks.
    private static let runtimeVariable = "DATABRICKS_RUNTIME_VERSION"

    /// The method, where promptreg has it.
    var method: AuthenticationMethod? { AuthenticationMethod(rawValue: name) }

    /// Whether it is the runtime's own token, which the SDK has only within the process of a task.
    var isOfRuntime: Bool { name.hasPrefix("runtime") }
}

/// The variables of a GitHub Actions job that may ask for ID tokens.
enum GitHubVariable {
    static let requestURL = "ACTIONS_ID_TOKEN_REQUEST_URL"
    static let requestToken = "ACTIONS_ID_TOKEN_REQUEST_TOKEN"
    static let all = [requestURL, requestToken]
}

/// The variables of an Azure DevOps job that says where to ask for ID tokens. All but the token are predefined; that one
/// is only there where the pipeline's `env` has `SYSTEM_ACCESSTOKEN: $(System.AccessToken)`.
enum AzureDevOpsVariable {
    static let accessToken = "SYSTEM_ACCESSTOKEN"
    static let collection = "SYSTEM_TEAMFOUNDATIONCOLLECTIONURI"
    static let project = "SYSTEM_TEAMPROJECTID"
    static let plan = "SYSTEM_PLANID"
    static let job = "SYSTEM_JOBID"
    static let hub = "SYSTEM_HOSTTYPE"
    static let all = [accessToken, collection, project, plan, job, hub]
}
