import HTTP
import Support

/// ID tokens, which say what job this is, and are exchanged for access tokens.
struct IDTokens: Sendable {
    let settings: DatabricksSettings
    let readFile: @Sendable (String) throws(HTTPError) -> String?
    let client: HTTPClient

    /// What to do where GitHub issues none.
    static let gitHubRemedy = "give the workflow's job `permissions: {id-token: write}`"
    /// What to do where Azure DevOps issues none.
    static let azureDevOpsRemedy =
        "run it in a pipeline of Azure DevOps, in a step with `env: {SYSTEM_ACCESSTOKEN: $(System.AccessToken)}`"

    /// The ID token of a file.
    ///
    /// - Returns: The token.
    /// - Throws: `HTTPError` when the file has none.
    func ofFile() throws(HTTPError) -> String {
        let path = settings[.oidcTokenPath] ?? ""
        guard let token = try readFile(path)?.trimmed(), !token.isEmpty else {
            throw HTTPError(.unauthenticated, "there is no ID token in \(path)")
        }
        return token
    }

    /// An ID token of GitHub Actions.
    ///
    /// Source: GitHub's documentation of OpenID Connect in cloud providers; the request's URL has a query already.
    ///
    /// - Parameter audience: Who is to accept it.
    /// - Returns: The token.
    /// - Throws: `HTTPError` when GitHub issues none.
    func ofGitHub(for audience: String) async throws(HTTPError) -> String {
        let url = try url(GitHubVariable.requestURL).appending([], query: [("audience", audience)])
        let request = HTTPRequest(.get, url, credentials: [bearer(GitHubVariable.requestToken)])
        return try await issued(request, by: "GitHub", remedy: Self.gitHubRemedy, as: GitHubAnswer.self).value
    }

    /// An ID token of Azure DevOps, whose audience is always `api://AzureADTokenExchange`.
    ///
    /// Source: the SDK's `AzureDevOpsOIDCTokenSupplier`, and the predefined variables of Azure Pipelines.
    ///
    /// - Returns: The token.
    /// - Throws: `HTTPError` when Azure DevOps issues none.
    func ofAzureDevOps() async throws(HTTPError) -> String {
        func part(_ name: String) -> String { settings.variable(name) ?? "" }
        let path = [
            part(AzureDevOpsVariable.project), "_apis", "distributedtask", "hubs",
            part(AzureDevOpsVariable.hub), "plans", part(AzureDevOpsVariable.plan), "jobs",
            part(AzureDevOpsVariable.job), "oidctoken",
        ]
        let url = try url(AzureDevOpsVariable.collection)
            .appending(path, query: [("api-version", "7.2-preview.1")])
        let request = HTTPRequest(
            .post, url, headers: ["Content-Type": "application/json"],
            credentials: [bearer(AzureDevOpsVariable.accessToken)], body: [], isWrite: false)
        let answer = try await issued(
            request, by: "Azure DevOps", remedy: Self.azureDevOpsRemedy, as: AzureDevOpsAnswer.self)
        return answer.oidcToken
    }

    private struct GitHubAnswer: Decodable { let value: String }

    private struct AzureDevOpsAnswer: Decodable { let oidcToken: String }

    private func bearer(_ variable: String) -> CredentialHeader {
        CredentialHeader("Authorization", Secret("Bearer " + (settings.variable(variable) ?? "")))
    }

    private func url(_ variable: String) throws(HTTPError) -> HTTPURL {
        do {
            return try HTTPURL(settings.variable(variable) ?? "")
        } catch {
            throw HTTPError(.unauthenticated, "\(variable) cannot be used: \(error.message)")
        }
    }

    private func issued<Answer: Decodable & Sendable>(
        _ request: HTTPRequest, by issuer: String, remedy: String, as type: Answer.Type
    ) async throws(HTTPError) -> Answer {
        var request = request
        request.isConfidential = true
        do {
            return try await client.send(request, as: type)
        } catch {
            guard error.status != nil else { throw error }
            throw HTTPError(
                .unauthenticated, "\(issuer) issued no ID token: \(error.message)", hint: remedy)
        }
    }
}
