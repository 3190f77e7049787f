/// Knows who is asking, and proves it.
package protocol Authorizer: Sendable {
    /// The headers that a request needs.
    ///
    /// - Returns: The headers; none where no credentials are configured.
    /// - Throws: `HTTPError` when credentials cannot be had.
    func headers() async throws(HTTPError) -> [CredentialHeader]

    /// Gets fresh credentials, after a server answered 401.
    ///
    /// Many requests may be refused at once; those whose credentials have been replaced meanwhile need no more.
    ///
    /// - Parameter rejected: The headers that were refused.
    /// - Returns: Whether `headers()` now gives others, with which the request is worth another attempt.
    /// - Throws: `HTTPError` when fresh credentials cannot be had.
    func refresh(after rejected: [CredentialHeader]) async throws(HTTPError) -> Bool
}

/// Credentials that never change, or none.
package struct FixedAuthorizer: Authorizer {
    private let fixed: [CredentialHeader]

    /// An authorizer.
    package init(_ headers: [CredentialHeader] = []) {
        fixed = headers
    }

    package func headers() async throws(HTTPError) -> [CredentialHeader] { fixed }

    package func refresh(after rejected: [CredentialHeader]) async throws(HTTPError) -> Bool { false }
}
