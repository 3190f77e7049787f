/// The host and the port of an address over HTTP: `HOST[:PORT]`.
package struct HostAndPort: Hashable, Sendable {
    /// Why a text is none.
    package struct Problem: Error, Hashable, Sendable {
        /// The end of a sentence that begins with the address.
        package let message: String
        /// What to do about it, where that is known.
        package var hint: String?
    }

    /// The host in lower case; an IPv6 address stands in brackets.
    package let host: String
    /// The port, where one is named.
    package let port: Int?

    /// Reads what stands between `://` and the path.
    ///
    /// - Parameter text: The text.
    /// - Throws: `Problem`.
    package init(_ text: Substring) throws(Problem) {
        var host = text
        var port: Int?
        let bracket = text.lastIndex(of: "]") ?? text.startIndex
        if let colon = text[bracket...].lastIndex(of: ":") {
            host = text[..<colon]
            let digits = text[text.index(after: colon)...]
            guard digits.allSatisfy({ $0.isASCII && $0.isNumber }), let number = Int(digits),
                1...65535 ~= number
            else { throw Problem(message: "its port is not a number from 1 to 65535") }
            port = number
        }
        guard !host.isEmpty else { throw Problem(message: "it has no host") }
        guard host.hasPrefix("[") ? host.hasSuffix("]") : !host.contains(where: { "[]:".contains($0) })
        else {
            let isBare = host.contains(":") && host.allSatisfy { $0.isHexDigit || ":.".contains($0) }
            throw Problem(
                message: "its host cannot be understood",
                hint: isBare ? "an IPv6 address stands in brackets, such as http://[::1]:5000" : nil)
        }
        (self.host, self.port) = (host.lowercased(), port)
    }
}

extension String {
    /// Whether it has a character that an address over HTTP has only percent-encoded.
    package var needsPercentEncoding: Bool {
        !utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"\"<>\\^`{|}".utf8.contains($0) }
    }
}
