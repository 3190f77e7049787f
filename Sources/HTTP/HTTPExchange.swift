/// Sends single requests.
package protocol HTTPExchange: Sendable {
    /// Makes one attempt; nothing is retried, and an answer of any status is an answer.
    ///
    /// - Parameters:
    ///   - request: The request, complete with its credentials.
    ///   - timeout: How long it may take in all.
    /// - Returns: The answer.
    /// - Throws: `TransportError` when there is none.
    func send(_ request: HTTPRequest, within timeout: Duration) async throws(TransportError) -> HTTPResponse

    /// What must not be shown of the proxy for an address; nil where there is no proxy.
    func proxySecrets(for url: HTTPURL) -> [Secret]?
}

extension HTTPExchange {
    package func proxySecrets(for url: HTTPURL) -> [Secret]? { nil }
}

/// Why a request got no answer.
package struct TransportError: Error, Hashable, Sendable {
    /// The ways in which it can go wrong.
    package enum Kind: Hashable, Sendable, CaseIterable {
        /// Nothing listens there.
        case couldNotConnect
        /// The host's name cannot be resolved.
        case unknownHost
        /// There is no secure connection, or the certificate is not trusted.
        case untrusted
        /// What answers does not speak TLS.
        case withoutTLS
        /// The proxy refuses the connection.
        case refusedByProxy
        /// It took too long.
        case timedOut
        /// The connection broke before the answer was complete.
        case connectionLost
        /// The answer is larger than allowed.
        case tooLarge
        /// The server redirects to where the credentials must not go.
        case refusedRedirect
        /// The caller gave up.
        case cancelled
        /// Credentials would have crossed the network in plain text.
        case insecure
        /// The answer is not HTTP, or something else went wrong.
        case other
    }

    /// What went wrong.
    package var kind: Kind
    /// More about it for people, without any credential.
    package var detail: String

    /// An error.
    package init(_ kind: Kind, _ detail: String = "") {
        self.kind = kind
        self.detail = detail
    }
}
