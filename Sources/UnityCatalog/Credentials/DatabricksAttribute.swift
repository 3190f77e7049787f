/// A setting of the Databricks configuration about authentication, by its name in the Databricks SDK.
enum DatabricksAttribute: String, CaseIterable, Sendable {
    case host
    case accountID = "account_id"
    case workspaceID = "workspace_id"
    case groupID = "group_id"
    case discoveryURL = "discovery_url"
    case token
    case tokenAudience = "token_audience"
    case oidcTokenVariable = "oidc_token_env"
    case oidcTokenPath = "oidc_token_filepath"
    case username
    case password
    case clientID = "client_id"
    case clientSecret = "client_secret"
    case profile
    case configFile = "config_file"
    case googleServiceAccount = "google_service_account"
    case googleCredentials = "google_credentials"
    case azureResourceID = "azure_workspace_resource_id"
    case azureUsesMSI = "azure_use_msi"
    case azureClientSecret = "azure_client_secret"
    case azureClientID = "azure_client_id"
    case azureTenantID = "azure_tenant_id"
    case databricksCLIPath = "databricks_cli_path"
    case authType = "auth_type"
    case metadataServiceURL = "metadata_service_url"
    case scopes
    case authorizationDetails = "authorization_details"

    /// The environment variables that set it; the first that is not empty counts.
    var variables: [String] {
        switch self {
        case .oidcTokenPath: ["DATABRICKS_OIDC_TOKEN_FILEPATH", "DATABRICKS_OIDC_TOKEN_FILE"]
        case .profile: ["DATABRICKS_CONFIG_PROFILE"]
        case .googleCredentials: ["GOOGLE_CREDENTIALS"]
        case .azureResourceID: ["DATABRICKS_AZURE_RESOURCE_ID"]
        case .azureUsesMSI: ["ARM_USE_MSI"]
        case .azureClientSecret: ["ARM_CLIENT_SECRET"]
        case .azureClientID: ["ARM_CLIENT_ID"]
        case .azureTenantID: ["ARM_TENANT_ID"]
        case .databricksCLIPath: ["DATABRICKS_CLI_PATH"]
        case .scopes, .authorizationDetails: []
        default: ["DATABRICKS_" + rawValue.uppercased()]
        }
    }

    /// The authorization method that it belongs to; settings of two methods contradict each other.
    var authorizationMethod: String? {
        switch self {
        case .token: "pat"
        case .oidcTokenVariable: "env-oidc"
        case .oidcTokenPath: "file-oidc"
        case .username, .password: "basic"
        case .clientID, .clientSecret: "oauth"
        case .googleServiceAccount, .googleCredentials: "google"
        case .azureResourceID, .azureUsesMSI, .azureClientSecret, .azureClientID, .azureTenantID: "azure"
        case .metadataServiceURL: "metadata-service"
        default: nil
        }
    }

    /// Whether its value must never be shown.
    var isSensitive: Bool {
        switch self {
        case .token, .password, .clientSecret, .googleCredentials, .azureClientSecret, .metadataServiceURL:
            true
        default: false
        }
    }
}
