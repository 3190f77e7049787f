import Support

/// The address of a resource that is fetched over HTTP.
package struct HTTPURL: Hashable, Sendable {
    /// How to talk to a host.
    package enum Scheme: String, Sendable {
        /// Plain text over the network.
        case http
        /// Over TLS.
        case https
    }

    /// The scheme.
    package var scheme: Scheme
    /// The host in lower case; an IPv6 address stands in brackets.
    package var host: String
    /// The port, where the address names one.
    package var port: Int?
    /// The path, percent-encoded, empty or beginning with a slash.
    package var path: String
    /// The query, percent-encoded and without its `?`.
    package var query: String

    /// Reads an address.
    ///
    /// - Parameters:
    ///   - text: `http(s)://HOST[:PORT][/PATH][?QUERY]`.
    ///   - keepsTrailingSlash: Whether a slash at the end of the path is kept; in a base address it means nothing.
    /// - Throws: `HTTPError` with `.invalidAddress`, which does not quote what may be a credential.
    package init(_ text: String, keepsTrailingSlash: Bool = false) throws(HTTPError) {
        guard let colon = text.firstRange(of: "://"),
            let scheme = Scheme(rawValue: text[..<colon.lowerBound].lowercased())
        else { throw Self.invalid("it does not begin with http:// or https://") }
        self.scheme = scheme
        if text.needsPercentEncoding {
            throw Self.invalid("it has a character that must be percent-encoded")
        }
        let rest = text[colon.upperBound...]
        let authority = rest.prefix { !"/?#".contains($0) }
        guard !authority.contains("@") else { throw Self.invalid("it has a user name or password") }
        guard !String(authority).hasToken else {
            throw Self.invalid("it has what looks like an access token")
        }
        do throws(HostAndPort.Problem) {
            let place = try HostAndPort(authority)
            (host, port) = (place.host, place.port)
        } catch {
            throw Self.invalid(error.message, hint: error.hint)
        }
        let target = rest[authority.endIndex...].prefix { $0 != "#" }
        let path = target.prefix { $0 != "?" }
        query = String(target[path.endIndex...].dropFirst())
        self.path = String(path)
        while !keepsTrailingSlash, self.path.hasSuffix("/") { self.path.removeLast() }
    }

    /// The address as text.
    package var text: String {
        "\(origin)\(path)" + (query.isEmpty ? "" : "?" + query)
    }

    /// The address up to its path.
    package var origin: String {
        "\(scheme.rawValue)://\(host)" + (port.map { ":\($0)" } ?? "")
    }

    /// The port to connect to.
    package var effectivePort: Int { port ?? (scheme == .https ? 443 : 80) }

    /// Whether the host is this machine, so that requests cross no network.
    package var isLoopback: Bool {
        if host == "localhost" || host == "[::1]" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    /// An address below this one.
    ///
    /// - Parameters:
    ///   - segments: What to add to the path, one segment each; they are percent-encoded here.
    ///   - items: What to add to the query; names and values are percent-encoded here.
    /// - Returns: The longer address.
    package func appending(_ segments: [String], query items: [(String, String)] = []) -> HTTPURL {
        var longer = self
        for segment in segments { longer.path += "/" + Self.encode(segment) }
        let added = items.map { "\(Self.encode($0))=\(Self.encode($1))" }.joined(separator: "&")
        longer.query += (longer.query.isEmpty || added.isEmpty ? "" : "&") + added
        return longer
    }

    /// An address below this one; the path has slashes between its segments.
    package func appending(_ path: String, query items: [(String, String)] = []) -> HTTPURL {
        appending(path.split(separator: "/").map(String.init), query: items)
    }

    /// A text with every byte percent-encoded that is not one of RFC 3986's unreserved characters.
    package static func encode(_ text: String) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        let digits = Array("0123456789ABCDEF".utf8)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: "~"):
                bytes.append(byte)
            default:
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A text with its percent-encoded bytes decoded.
    static func decode(_ text: some StringProtocol) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%"), rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            else {
                bytes.append(byte)
                continue
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func invalid(_ reason: String, hint: String? = nil) -> HTTPError {
        HTTPError(
            .invalidAddress, "the server's address cannot be used: \(reason)",
            hint: hint ?? "write http(s)://HOST[:PORT][/PATH]")
    }
}

extension HTTPURL {
    /// Where the header `Location` leads; nil when that is another host or port, or less secure than this one.
    func redirected(to location: String) -> HTTPURL? {
        let isPath = location.hasPrefix("/") && !location.hasPrefix("//")
        guard let target = try? HTTPURL(isPath ? origin + location : location, keepsTrailingSlash: true),
            target.host == host
        else { return nil }
        let isUpgrade = scheme == .http && target.scheme == .https && port == nil && target.port == nil
        guard isUpgrade || (target.scheme == scheme && target.effectivePort == effectivePort) else {
            return nil
        }
        return target
    }
}
