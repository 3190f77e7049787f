/// Provides the credentials of requests.
package protocol Authorizer: Sendable {
    /// The headers that a request needs.
    ///
    /// - Returns: The headers; none where no credentials are configured.
    /// - Throws: `HTTPError` when there are no credentials to be had.
    func headers() async throws(HTTPError) -> [CredentialHeader]

    /// The headers that one request needs, where they depend on it, as a signature does.
    ///
    /// - Parameter request: The request, with all but its credentials.
    /// - Returns: The headers, by default `headers()`.
    /// - Throws: `HTTPError` when there are no credentials to be had.
    func headers(for request: HTTPRequest) async throws(HTTPError) -> [CredentialHeader]

    /// Gets fresh credentials after a server answered 401, unless another request has done so meanwhile.
    ///
    /// - Parameter rejected: The headers that were refused.
    /// - Returns: Whether `headers()` now gives others, so that the request is worth another attempt.
    /// - Throws: `HTTPError` when there are no fresh credentials.
    func refresh(after rejected: [CredentialHeader]) async throws(HTTPError) -> Bool
}

extension Authorizer {
    package func headers(for request: HTTPRequest) async throws(HTTPError) -> [CredentialHeader] {
        try await headers()
    }
}

/// Credentials that never change, or none at all.
package struct FixedAuthorizer: Authorizer {
    private let fixed: [CredentialHeader]

    /// An authorizer.
    package init(_ headers: [CredentialHeader] = []) {
        fixed = headers
    }

    package func headers() async throws(HTTPError) -> [CredentialHeader] { fixed }

    package func refresh(after rejected: [CredentialHeader]) async throws(HTTPError) -> Bool { false }
}
