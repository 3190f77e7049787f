import HTTP
import Support

/// Tokens of a metadata service of Databricks: a server on this machine, such as that of an editor's extension, which is
/// logged in and whose address is a secret.
struct MetadataService: Sendable {
    let settings: DatabricksSettings
    let host: HTTPURL
    let client: HTTPClient
    let clock: WaitingClock

    /// Asks for a token, by version 1 of the protocol: `MetadataServiceTokenSource` of the Databricks SDK.
    ///
    /// - Returns: The token.
    /// - Throws: `HTTPError` when there is none.
    func token() async throws(HTTPError) -> AccessToken {
        let place = settings.settings[.metadataServiceURL]?.origin.description(of: .metadataServiceURL) ?? ""
        let hint = "check \(place), and log in again where it is from"
        let url: HTTPURL
        do {
            url = try HTTPURL(settings[.metadataServiceURL] ?? "", keepsTrailingSlash: true)
        } catch {
            throw HTTPError(.unauthenticated, "\(place) cannot be used: \(error.message)")
        }
        var request = HTTPRequest(
            .get, url, headers: ["X-Databricks-Metadata-Version": "1", "X-Databricks-Host": host.text])
        request.isConfidential = true
        request.secrets = [Secret(url.path)]
        let answer: Answer
        do {
            answer = try await client.send(request, as: Answer.self)
        } catch {
            guard let status = error.status, 400..<500 ~= status, status != 429 else { throw error }
            throw HTTPError(
                .unauthenticated, "the metadata service has no token: \(error.message)", hint: hint)
        }
        do throws(AccessTokenFault) {
            return try AccessToken(
                answer.accessToken, answer.tokenType, expiry: Double(answer.expiresOn.text), settings, clock)
        } catch {
            let problem = error == .unsendable ? "cannot be sent in a header" : "has expired"
            throw HTTPError(
                .unauthenticated, "the metadata service's token \(problem)", hint: hint)
        }
    }

    private struct Answer: Decodable {
        let accessToken: String
        let tokenType: String
        let expiresOn: Numeral
    }
}
