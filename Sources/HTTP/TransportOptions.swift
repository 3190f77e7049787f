import FoundationEssentials
import Glibc

/// How connections are made.
package struct TransportOptions: Hashable, Sendable {
    /// A file, or a folder, of the certificate authorities to trust; nil: those of the system.
    package var authorities: String?
    /// A PEM file with the client's own certificate and its key.
    package var clientCertificate: String?
    /// Whether the server's certificate is verified.
    package var verifiesServer = true
    /// The largest answer, in bytes.
    package var maximumAnswer = 64 << 20
    /// How many bytes the answers have together that are under way or in use.
    package var maximumTogether = 256 << 20
    /// The largest head of an answer, in bytes.
    package var maximumHead = 256 << 10
    /// How long it may take to connect.
    package var connectTimeout = Duration.seconds(10)
    /// For how many seconds an idle connection is kept: servers close theirs, uvicorn after five.
    package var idleSeconds = 3
    /// The client's name.
    package var userAgent = "promptreg"

    /// The proxies, by the scheme of the address; they may contain passwords.
    package var proxies: [HTTPURL.Scheme: Secret] = [:]
    /// The hosts with a port that bypass the proxy, with their subdomains; libcurl only knows those without a port.
    private var withoutProxy: [String] = []
    /// The files that the environment names, by variable.
    package var namedFiles: [String: String] = [:]

    /// The default options.
    package init() {}

    /// The options that the environment sets, by the names that Python's `requests`, OpenSSL and curl use.
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
        // To a CGI program, HTTP_PROXY is a header of the client's request.
        let http =
            environment["REQUEST_METHOD"] == nil ? first("http_proxy", "HTTP_PROXY") : first("http_proxy")
        proxies[.http] = proxy(http ?? first("all_proxy", "ALL_PROXY"))
        let left = first("no_proxy", "NO_PROXY").flatMap { environment[$0] } ?? ""
        withoutProxy = left.lowercased().split { $0 == "," || $0 == " " }
            .map { String($0.drop { $0 == "." }) }
            .filter { $0.split(separator: ":").count == 2 }
    }

    /// The proxy for an address; nil where there is none, as for this machine.
    func proxy(for url: HTTPURL) -> Secret? {
        if url.isLoopback { return nil }
        let place = "\(url.host.lowercased()):\(url.effectivePort)"
        if withoutProxy.contains(where: { place == $0 || place.hasSuffix("." + $0) }) { return nil }
        return proxies[url.scheme]
    }

    /// What must not show of the proxy for an address: all before its last @, and the user and password in it, as they
    /// are written and as they are sent.
    func proxySecrets(for url: HTTPURL) -> [Secret] {
        guard let address = proxy(for: url)?.reveal(), let end = address.lastIndex(of: "@") else { return [] }
        let rest = address[..<end].drop { $0 != ":" }.dropFirst()
        let user = rest.hasPrefix("//") ? rest.dropFirst(2) : address[..<end]
        let password = user.drop { $0 != ":" }.dropFirst()
        let sent = user.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            .map(HTTPURL.decode).joined(separator: ":")
        let header = "Basic " + Data(sent.utf8).base64EncodedString()
        return [address[...], user, password, header[...]].map { Secret(String($0)) }
    }

    /// Checks that the files that the environment names can be read.
    ///
    /// - Parameter url: The server's address; without TLS, no file matters.
    /// - Throws: `HTTPError` with `.invalidAddress`.
    package func check(for url: HTTPURL) throws(HTTPError) {
        guard url.scheme == .https else { return }
        for (variable, path) in namedFiles.sorted(by: { $0.key < $1.key }) where !Self.isReadable(path) {
            throw HTTPError(
                .invalidAddress, "\(variable) names \(path), which cannot be read",
                hint: "name a file of certificates in PEM format, or unset it")
        }
    }
    /// Whether there is a file or a folder that can be read: a pipe might never be.
    private static func isReadable(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && [S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT)
            && access(path, R_OK) == 0
    }
}
