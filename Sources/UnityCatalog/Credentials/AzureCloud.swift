import HTTP

/// A cloud of Azure, and where it gives out tokens: `environments.py` of the Databricks SDK.
struct AzureCloud: Hashable, Sendable {
    /// Where Microsoft Entra ID gives out tokens.
    let login: String
    /// The resource that management tokens are for.
    let management: String
    /// The resource that Databricks is.
    let databricks: String

    private static let zones: [(zone: String, login: String, management: String, databricks: String)] = [
        (
            ".dev.azuredatabricks.net", "https://login.microsoftonline.com",
            "https://management.core.windows.net/", "62a912ac-b58e-4c1d-89ea-b2dbfc7358fc"
        ),
        (
            ".staging.azuredatabricks.net", "https://login.microsoftonline.com",
            "https://management.core.windows.net/", "4a67d088-db5c-48f1-9ff2-0aace800ae68"
        ),
        (
            ".azuredatabricks.net", "https://login.microsoftonline.com",
            "https://management.core.windows.net/", "2ff814a6-3304-4ab8-85cb-cd0e6f879c1d"
        ),
        (
            ".databricks.azure.us", "https://login.microsoftonline.us",
            "https://management.core.usgovcloudapi.net/", "2ff814a6-3304-4ab8-85cb-cd0e6f879c1d"
        ),
        (
            ".databricks.azure.cn", "https://login.chinacloudapi.cn",
            "https://management.core.chinacloudapi.cn/", "2ff814a6-3304-4ab8-85cb-cd0e6f879c1d"
        ),
    ]

    /// The cloud of a workspace; nil where it is not of Azure.
    init?(of host: HTTPURL) {
        guard let found = Self.zones.first(where: { host.host.hasSuffix($0.zone) }) else { return nil }
        (login, management, databricks) = (found.login, found.management, found.databricks)
    }
}

/// Finds the tenant of Microsoft Entra ID that a workspace belongs to: it redirects who logs in to there.
struct AzureTenant: Sendable {
    let settings: DatabricksSettings
    let host: HTTPURL
    let client: HTTPClient

    /// The tenant that is configured, or else the one that the workspace's page for logins names.
    ///
    /// - Parameter page: The page's path, which redirects to `https://LOGIN/TENANT/…`.
    /// - Returns: The tenant; nil where it is not told.
    /// - Throws: `HTTPError` when the workspace cannot be asked.
    func find(by page: String) async throws(HTTPError) -> String? {
        if let tenant = settings[.azureTenantID] { return tenant }
        var request = HTTPRequest(.get, host.appending(page))
        request.isConfidential = true
        let answer = try await client.probe(request, withCredentials: true).response
        guard 300..<400 ~= answer.status, let location = answer.header("Location"),
            let url = try? HTTPURL(location)
        else { return nil }
        let tenant = url.path.split(separator: "/").first.map(String.init) ?? ""
        let isName = tenant.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."):
                true
            default: false
            }
        }
        return isName && tenant.utf8.first != UInt8(ascii: "-") && !tenant.isEmpty ? tenant : nil
    }
}
