import FoundationEssentials
import HTTP
import Support

/// Exchanges forms for access tokens, at endpoints of OAuth.
struct TokenExchange: Sendable {
    /// A client that has no credentials of its own.
    let client: HTTPClient
    /// What to check where a form is refused.
    let hint: String

    /// The fields of forms that must not be shown.
    private static let secretFields: Set = ["client_secret", "subject_token", "client_assertion"]

    /// Gets a token.
    ///
    /// - Parameters:
    ///   - form: The form.
    ///   - headers: Headers that prove who is asking.
    ///   - url: The endpoint.
    ///   - workspaceID: The workspace that the token is for, where the host serves several.
    ///   - secrets: What must not be shown of a refusal, besides the headers and the form.
    /// - Returns: The token.
    /// - Throws: `HTTPError`, with `.unauthenticated` when the form is refused.
    func token(
        _ form: [(String, String)], _ headers: [CredentialHeader] = [], at url: HTTPURL,
        workspaceID: String?, secrets: [Secret] = []
    ) async throws(HTTPError) -> AccessToken {
        let body = form.map { "\(HTTPURL.encode($0))=\(HTTPURL.encode($1))" }.joined(separator: "&")
        var request = HTTPRequest(
            .post, url, headers: ["Content-Type": "application/x-www-form-urlencoded"],
            credentials: headers, body: Array(body.utf8), isWrite: false)
        request.isConfidential = true
        request.secrets =
            secrets + form.filter { Self.secretFields.contains($0.0) }.map { Secret($0.1) }
        do throws(HTTPError) {
            let answer = try await client.send(request, as: Answer.self)
            guard !answer.accessToken.hasControlCharacter, answer.tokenType?.hasControlCharacter != true
            else {
                throw HTTPError(.unauthenticated, "the token that \(url.origin) issued cannot be sent")
            }
            return AccessToken(
                value: Secret(answer.accessToken), type: answer.tokenType ?? "Bearer",
                lifetime: answer.lifetime, workspaceID: workspaceID)
        } catch {
            guard let status = error.status, 400..<500 ~= status, status != 408, status != 429 else {
                throw error
            }
            throw HTTPError(.unauthenticated, error.message, hint: hint)
        }
    }

    private struct Answer: Decodable {
        let accessToken: String
        let tokenType: String?
        let expiresIn: Numeral?

        /// How long the token is valid, at most some thirty years.
        var lifetime: Duration? {
            guard let seconds = expiresIn.flatMap({ Double($0.text) }), seconds.isFinite else { return nil }
            return .seconds(min(max(seconds, 0), 1e9))
        }
    }
}
