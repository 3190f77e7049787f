import Support

/// Which commit a run is of, as the command line or a CI system says: git knows it only where the repository is.
package struct Revision: Hashable, Sendable {
    /// The commit's id.
    package var commit: String?
    /// The branch.
    package var branch: String?
    /// The address of the repository's page, without a name or a password.
    package var repository: String?

    /// A revision.
    package init(commit: String? = nil, branch: String? = nil, repository: String? = nil) {
        self.commit = commit
        self.branch = branch
        self.repository = repository
    }

    /// Whether a text is the id of a commit, in full or its beginning.
    package static func isCommit(_ text: String) -> Bool {
        7...64 ~= text.utf8.count
            && text.utf8.allSatisfy { byte in
                UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || UInt8(ascii: "a")...UInt8(ascii: "f") ~= byte
                    || UInt8(ascii: "A")...UInt8(ascii: "F") ~= byte
            }
    }

    /// The page of a repository, from an address as git takes it: `git@HOST:PATH.git`, `ssh://…` or `https://…`.
    ///
    /// - Parameter address: The address, which may hold a name and a password.
    /// - Returns: The page's address without them; nil where there is none on the web.
    package static func page(of address: String) -> String? {
        guard !address.hasControlCharacter, !address.contains(where: { $0.isWhitespace }) else { return nil }
        var rest = address[...]
        var scheme = "https://"
        if let colon = rest.firstRange(of: "://") {
            guard ["https", "http", "ssh", "git"].contains(rest[..<colon.lowerBound].lowercased()) else {
                return nil
            }
            if rest[..<colon.lowerBound].lowercased() == "http" { scheme = "http://" }
            rest = rest[colon.upperBound...]
        } else {
            // As scp writes it: a host, a colon and a path.
            guard let colon = rest.firstIndex(of: ":"), !rest[..<colon].contains("/") else { return nil }
            rest = rest[..<colon] + "/" + rest[rest.index(after: colon)...]
        }
        rest = rest.prefix { $0 != "?" && $0 != "#" }
        let host = rest.prefix { $0 != "/" }
        let name = host.lastIndex(of: "@").map { host[host.index(after: $0)...] } ?? host
        var path = rest[host.endIndex...]
        while path.hasSuffix("/") { path = path.dropLast() }
        if path.hasSuffix(".git") { path = path.dropLast(4) }
        guard !name.isEmpty, path.count > 1 else { return nil }
        // The port of ssh is not that of the web.
        let isSSH = !address.lowercased().hasPrefix("http")
        return scheme + (isSSH ? name.prefix { $0 != ":" } : name) + path
    }

    /// The page of a commit in the repository's own web interface.
    package static func page(of commit: String, in repository: String) -> String {
        let host = repository.lowercased()
        let folder =
            if host.contains("gitlab") {
                "/-/commit/"
            } else if host.contains("bitbucket") {
                "/commits/"
            } else {
                "/commit/"
            }
        return repository + folder + commit
    }
}
