import Support

/// Where a registry is, as MLflow names it.
package enum RegistryAddress: Hashable, Sendable {
    /// A directory in MLflow's file-store layout.
    case file(path: String)
    /// An MLflow server: `http://…` or `https://…`.
    case server(url: String)
    /// Databricks Unity Catalog, with a profile of the Databricks configuration where one is named.
    case unityCatalog(profile: String?)

    /// Reads an address.
    ///
    /// - Parameters:
    ///   - text: `file:DIR`, `file:///DIR`, `http(s)://HOST[:PORT]`, `databricks-uc[://PROFILE]`, or a plain
    ///     path, as `MLFLOW_TRACKING_URI` may hold one.
    ///   - base: The folder that a relative path is relative to.
    /// - Throws: `RegistryError` with `.invalidAddress`.
    package init(_ text: String, relativeTo base: String) throws(RegistryError) {
        if text.hasControlCharacter {
            throw RegistryError(.invalidAddress, "the registry's address holds a control character")
        }
        if text.isEmpty { throw Self.invalid(text, "it is empty") }
        let scheme = text.prefix { $0 != ":" }.lowercased()
        let isAddress = text.contains("://") || Self.schemes.contains(scheme)
        guard isAddress, !scheme.contains("/") else {
            self = .file(path: Self.join(base, text))
            return
        }
        let rest = String(text.dropFirst(scheme.count))
        switch scheme {
        case "file":
            self = .file(path: try Self.filePath(String(rest.dropFirst()), of: text, base: base))
        case "http", "https":
            guard rest.hasPrefix("://"), rest.count > 3, rest.dropFirst(3).first != "/" else {
                throw Self.invalid(text, "it names no host")
            }
            // Neither is quoted: both may be credentials.
            guard !rest.contains("@") else {
                throw RegistryError(
                    .invalidAddress, "the registry's address holds a user name or password",
                    hint: "pass credentials in MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD")
            }
            guard !rest.contains(where: { $0 == "?" || $0 == "#" }) else {
                throw RegistryError(
                    .invalidAddress, "the registry's address has a query or a fragment",
                    hint: "write http(s)://HOST[:PORT][/PATH]")
            }
            self = .server(url: text)
        case "databricks-uc":
            let profile = rest.hasPrefix("://") ? String(rest.dropFirst(3)) : rest
            guard !profile.contains("@") else {
                throw Self.invalid(text, "it names a profile of the Databricks configuration, and no host")
            }
            self = .unityCatalog(profile: profile.isEmpty ? nil : profile)
        case "databricks":
            throw Self.invalid(text, "the workspace registry holds no prompts; write databricks-uc")
        default:
            throw Self.invalid(text, "its scheme '\(scheme)' is not known")
        }
    }

    /// The address in its usual spelling, such as `file:/srv/mlruns`.
    package var description: String {
        switch self {
        case .file(let path): "file:\(path)"
        case .server(let url): url
        case .unityCatalog(let profile): profile.map { "databricks-uc://\($0)" } ?? "databricks-uc"
        }
    }

    private static let schemes = ["file", "http", "https", "databricks-uc", "databricks"]

    /// The path in what follows `file:`; `file:DIR`, `file:/DIR` and `file:///DIR` are the same.
    private static func filePath(
        _ text: String, of address: String, base: String
    ) throws(RegistryError) -> String {
        var path = text
        if path.hasPrefix("//") {
            let afterSlashes = path.dropFirst(2)
            guard afterSlashes.hasPrefix("/") else {
                throw invalid(address, "file:// needs an absolute path; write file:DIR for a relative one")
            }
            path = String(afterSlashes)
        }
        guard !path.isEmpty else { throw invalid(address, "it names no directory") }
        guard !path.hasPrefix("~") else { throw invalid(address, "no shell replaces the '~' after file:") }
        return join(base, path)
    }

    /// `path`, taken as relative to `base`, without `.` and `..` where they can be resolved by the text alone.
    private static func join(_ base: String, _ path: String) -> String {
        let whole = path.hasPrefix("/") || base.isEmpty ? path : base + "/" + path
        var parts: [Substring] = []
        for part in whole.split(separator: "/") where part != "." {
            if part == "..", let last = parts.last, last != ".." {
                parts.removeLast()
            } else if part != ".." || !whole.hasPrefix("/") {
                parts.append(part)
            }
        }
        let joined = parts.joined(separator: "/")
        return whole.hasPrefix("/") ? "/" + joined : (joined.isEmpty ? "." : joined)
    }

    /// An address without what may be a password, such as that of a database.
    private static func shown(_ text: String) -> String {
        let start = text.prefix { $0 != "?" && $0 != "#" }
        guard let end = text.lastIndex(of: "@") else { return String(start) }
        let scheme = text.prefix { $0 != ":" && $0 != "@" }
        return "\(scheme)://…\(text[end...].prefix { $0 != "?" && $0 != "#" })"
    }

    private static func invalid(_ text: String, _ reason: String) -> RegistryError {
        RegistryError(
            .invalidAddress, "'\(shown(text))' is no registry: \(reason)",
            hint: "write file:DIR, http(s)://HOST[:PORT] or databricks-uc[://PROFILE]")
    }
}
