import FoundationEssentials
import HTTP
import Support

/// Signs requests with version 4 of AWS's signatures, for a server behind Amazon API Gateway.
///
/// libcurl could sign, too, but which requests it signs rightly depends on its version. That of Debian 12, 7.88, sorts no
/// parameters of a query, leaves a path's escapes as they are, and takes a body that it reads through a function, as
/// promptreg's, for an empty one; botocore refuses each of these. Later ones have issues of their own (16927).
///
/// Source: "Create a signed AWS API request" in the guide of AWS IAM, and `botocore.auth.SigV4Auth`.
struct AWSSignature: Authorizer {
    let credentials: AWSCredentials
    let clock: WaitingClock

    /// The service that API Gateway is, as in `mlflow.utils.rest_utils`.
    private static let service = "execute-api"
    private static let algorithm = "AWS4-HMAC-SHA256"

    func headers() async throws(HTTPError) -> [CredentialHeader] { [] }

    func refresh(after rejected: [CredentialHeader]) async throws(HTTPError) -> Bool { false }

    /// The signature of a request, and what it is a signature of besides.
    ///
    /// - Parameter request: The request.
    /// - Returns: The headers; every attempt has its own, as they have the time in them.
    /// - Throws: Never.
    func headers(for request: HTTPRequest) async throws(HTTPError) -> [CredentialHeader] {
        let time = Self.time(clock.secondsSince1970())
        let digest = SHA256.hexDigest(of: request.body ?? [])
        var headers = [("x-amz-content-sha256", digest), ("x-amz-date", time)]
        if let token = credentials.sessionToken { headers.append(("x-amz-security-token", token.reveal())) }
        let signed = [("host", Self.hostHeader(request.url))] + headers
        let names = signed.map(\.0).joined(separator: ";")
        let canonical = [
            request.method.rawValue, Self.path(request.url), Self.query(request.url),
            signed.map { "\($0):\($1)\n" }.joined(), names, digest,
        ]
        let day = String(time.prefix(8))
        let scope = [day, credentials.region, Self.service, "aws4_request"]
        let text = [
            Self.algorithm, time, scope.joined(separator: "/"),
            SHA256.hexDigest(of: canonical.joined(separator: "\n").utf8),
        ]
        var key = Array("AWS4\(credentials.key.reveal())".utf8)
        for part in scope { key = SHA256.authenticationCode(of: part.utf8, key: key) }
        let signature = SHA256.authenticationCode(of: text.joined(separator: "\n").utf8, key: key)
        let authorization =
            "\(Self.algorithm) Credential=\(credentials.keyID)/\(scope.joined(separator: "/")), "
            + "SignedHeaders=\(names), Signature=\(SHA256.hexadecimal(signature))"
        return (headers + [("Authorization", authorization)]).map { CredentialHeader($0, Secret($1)) }
    }

    /// A time such as `20261121T130500Z`.
    private static func time(_ seconds: Int) -> String {
        let text = Date(timeIntervalSince1970: Double(seconds)).timestamp
        return text.prefix(19).filter { $0 != "-" && $0 != ":" } + "Z"
    }

    /// The header that libcurl sends, without the scheme's own port.
    private static func hostHeader(_ url: HTTPURL) -> String {
        let usual = url.scheme == .https ? 443 : 80
        return url.host + (url.port.map { $0 == usual ? "" : ":\($0)" } ?? "")
    }

    /// The path, whose escapes are escaped once more: all services but S3 have it so.
    private static func path(_ url: HTTPURL) -> String {
        let segments = url.path.split(separator: "/").map { HTTPURL.encode(String($0)) }
        let isFolder = url.path.hasSuffix("/") && !segments.isEmpty
        return "/" + segments.joined(separator: "/") + (isFolder ? "/" : "")
    }

    /// The parameters, which are escaped already, in their order.
    private static func query(_ url: HTTPURL) -> String {
        let pairs = url.query.split(separator: "&").map { parameter in
            let parts = parameter.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return [String(parts[0]), parts.count > 1 ? String(parts[1]) : ""]
        }
        // All of it is ASCII, where the order of texts is that of bytes.
        return pairs.sorted { $0.lexicographicallyPrecedes($1) }.map { $0.joined(separator: "=") }.joined(
            separator: "&")
    }
}
