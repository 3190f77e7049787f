/// What an address without a scheme may name besides a folder: a server, such as `localhost:5000`, or a Databricks
/// workspace.
struct HostWithoutScheme {
    private let text: String
    /// The host as an address has it, so that one of IPv6 is in brackets; this machine where there is none.
    private let host: String
    private let port: Substring?
    private let path: Substring

    /// Reads an address; slashes that would follow its scheme are passed over.
    init(_ text: String) {
        self.text = text
        let rest = text.drop { $0 == "/" }
        let authority = rest.prefix { !"/?#".contains($0) }
        path = rest[authority.endIndex...]
        let end = authority.lastIndex(of: ":") ?? authority.endIndex
        let (name, digits) = (authority[..<end], authority[end...].dropFirst())
        let isPort = !digits.isEmpty && digits.utf8.count < 6 && digits.allSatisfy(\.isNumber)
        let isBare =
            (authority.contains("::") || authority.count { $0 == ":" } == 7)
            && authority.allSatisfy { $0.isHexDigit || ":.".contains($0) }
        // What follows this machine's own address is its port, though it could be a part of another address.
        if isPort, !isBare || name == "::1" {
            host = isBare ? "[\(name)]" : name.isEmpty ? "127.0.0.1" : String(name)
            port = digits
        } else {
            host = isBare ? "[\(authority)]" : String(authority)
            port = nil
        }
    }

    /// Why it is no folder; nil for what may be one.
    var problem: String? {
        if isWorkspace { return "it is the host of a Databricks workspace" }
        if port != nil { return "it looks like the host and port of a server" }
        return isServer ? "it looks like the host of a server" : nil
    }

    /// What to write instead. What may have a password is not quoted.
    var hint: String {
        let isQuoted = !text.contains { "@?#".contains($0) }
        if isWorkspace {
            let name = host.contains("@") ? "HOST" : host
            return "use databricks-uc with DATABRICKS_HOST=https://\(name), "
                + "or databricks-uc://PROFILE for a profile of the Databricks configuration"
        }
        let scheme = !isLocal && (!isServer || port == "443") ? "https" : "http"
        let place = host + (port.map { ":\($0)" } ?? (isServer ? ":5000" : "")) + path
        let server = "\(scheme)://\(isQuoted ? place : "HOST:PORT") for a server"
        // A folder may have a dot in its name, too.
        let isDomain = host.contains(".") && !host.hasPrefix(".") && !host.hasSuffix(".")
        return "use \(isServer || isDomain ? server + ", " : "")"
            + "file:\(isQuoted && !isServer ? text : "DIR") for a folder"
    }

    private var isLocal: Bool { ["localhost", "127.0.0.1", "[::1]"].contains(host.lowercased()) }
    private var isServer: Bool { port != nil || isLocal || host.hasPrefix("[") && host.contains(":") }

    private var isWorkspace: Bool {
        [
            ".azuredatabricks.net", ".databricks.azure.us", ".databricks.azure.cn", ".databricks.com",
            ".databricks.us", ".databricks.mil",
        ].contains(where: host.lowercased().hasSuffix)
    }
}
