import Glibc

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

    /// The proxies between here and there, by the scheme of what is asked for; they may hold passwords.
    package var proxies: [HTTPURL.Scheme: Secret] = [:]
    /// The hosts with a port that no proxy is for, which libcurl would not know; they and what is below them.
    private var withoutProxy: [String] = []
    /// The files that the environment named, by the variables that did so.
    package var namedFiles: [String: String] = [:]

    /// Options with the usual values.
    package init() {}

    /// The options that the environment asks for, by the names that Python's `requests`, OpenSSL and curl know.
    ///
    /// - Parameter environment: The environment's variables.
    package init(environment: [String: String]) {
        func first(_ variables: String...) -> String? {
            variables.first { environment[$0]?.isEmpty == false }
        }
        if let variable = first("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR") {
            authorities = environment[variable]
            namedFiles[variable] = authorities
        }
        func proxy(_ variable: String?) -> Secret? { variable.flatMap { environment[$0] }.map(Secret.init) }
        proxies[.https] = proxy(first("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"))
        // A web server sets HTTP_PROXY for the programs that it runs, to whatever its client says.
        let http =
            environment["REQUEST_METHOD"] == nil ? first("http_proxy", "HTTP_PROXY") : first("http_proxy")
        proxies[.http] = proxy(http ?? first("all_proxy", "ALL_PROXY"))
        let left = first("no_proxy", "NO_PROXY").flatMap { environment[$0] } ?? ""
        withoutProxy = left.lowercased().split { $0 == "," || $0 == " " }
            .map { String($0.drop { $0 == "." }) }
            .filter { $0.split(separator: ":").count == 2 }
    }

    /// The proxy for an address; nil when there is none. What stays on this machine is no proxy's business.
    func proxy(for url: HTTPURL) -> Secret? {
        if url.isLoopback { return nil }
        let place = "\(url.host.lowercased()):\(url.effectivePort)"
        if withoutProxy.contains(where: { place == $0 || place.hasSuffix("." + $0) }) { return nil }
        return proxies[url.scheme]
    }

    /// What must not show of the proxy for an address: all before its last @, by itself and with what is around it.
    func proxySecrets(for url: HTTPURL) -> [Secret] {
        guard let address = proxy(for: url)?.reveal(), let end = address.lastIndex(of: "@") else { return [] }
        let rest = address[..<end].drop { $0 != ":" }.dropFirst()
        let user = rest.hasPrefix("//") ? rest.dropFirst(2) : address[..<end]
        let password = user.drop { $0 != ":" }.dropFirst()
        return [address[...], user, password].map { Secret(String($0)) }
    }

    /// Makes sure that the files that the environment names can be read.
    ///
    /// - Parameter url: What is to be reached; without TLS, no file matters.
    /// - Throws: `HTTPError` with `.invalidAddress`.
    package func check(for url: HTTPURL) throws(HTTPError) {
        guard url.scheme == .https else { return }
        for (variable, path) in namedFiles.sorted(by: { $0.key < $1.key }) where access(path, R_OK) != 0 {
            throw HTTPError(
                .invalidAddress, "\(variable) names \(path), which cannot be read",
                hint: "name a file of certificates in PEM form, or unset it")
        }
    }
}
