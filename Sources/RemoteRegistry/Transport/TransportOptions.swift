import PromptRegistry

/// How connections are made.
package struct TransportOptions: Hashable, Sendable {
    /// A file, or a folder, of the certificate authorities to trust; nil: those of the system.
    package var authorities: String?
    /// A PEM file with the client's own certificate and its key.
    package var clientCertificate: String?
    /// Whether a server has to prove who it is.
    package var verifiesServer = true
    /// How many bytes an answer may have.
    package var maximumAnswer = 64 << 20
    /// How long it may take to connect.
    package var connectTimeout = Duration.seconds(10)
    /// How many seconds a connection may have been idle and still be used: servers close theirs after some, uvicorn
    /// after five.
    package var idleSeconds = 3
    /// What the client calls itself.
    package var userAgent = "promptreg"

    /// Options with the usual values.
    package init() {}

    /// The options that the environment asks for, by the names that Python's `requests`, OpenSSL and curl know.
    ///
    /// - Parameter environment: The environment's variables.
    package init(environment: [String: String]) {
        authorities = ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"].lazy
            .compactMap { environment[$0] }.first { !$0.isEmpty }
    }
}
