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
        if text.hasToken {
            throw Self.invalid(
                "the registry's address has what looks like an access token",
                hint: "pass a token in DATABRICKS_TOKEN or MLFLOW_TRACKING_TOKEN")
        }
        let shown = "invalid registry '\(Self.redacted(text))'"
        if text.hasControlCharacter { throw Self.invalid("the registry's address has a control character") }
        if text.isEmpty { throw Self.invalid("\(shown): it is empty") }
        let scheme = text.prefix { $0 != ":" }.lowercased()
        let isAddress =
            text.contains("://") || ["file", "http", "https", "databricks-uc", "databricks"].contains(scheme)
        guard isAddress, !scheme.contains("/") else {
            self = .file(path: Self.join(base, text))
            return
        }
        let rest = text.dropFirst(scheme.count)
        switch scheme {
        case "file":
            self = .file(path: Self.join(base, try Self.path(in: rest.dropFirst(), shown)))
        case "http", "https":
            guard rest.hasPrefix("://"), rest.count > 3, rest.dropFirst(3).first != "/" else {
                throw Self.invalid("\(shown): it has no host")
            }
            // The address is not quoted, as these may be credentials.
            if rest.contains("@") {
                throw Self.invalid(
                    "the registry's address has a user name or password",
                    hint: "pass credentials in MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD")
            }
            if rest.contains(where: { $0 == "?" || $0 == "#" }) {
                throw Self.invalid(
                    "the registry's address has a query or a fragment",
                    hint: "use http(s)://HOST[:PORT][/PATH]")
            }
            self = .server(url: text)
        case "databricks-uc":
            let profile = rest.hasPrefix("://") ? rest.dropFirst(3) : rest
            if profile.contains("@") {
                throw Self.invalid("\(shown): it takes a profile of the Databricks configuration, not a host")
            }
            self = .unityCatalog(profile: profile.isEmpty ? nil : String(profile))
        case "databricks":
            throw Self.invalid("\(shown): the workspace registry does not support prompts; use databricks-uc")
        default:
            throw Self.invalid("\(shown): unknown scheme '\(scheme)'")
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

    private static func invalid(
        _ message: String, hint: String = "use file:DIR, http(s)://HOST[:PORT] or databricks-uc[://PROFILE]"
    ) -> RegistryError {
        RegistryError(.invalidAddress, message, hint: hint)
    }

    /// The path in the part after `file:`; `file:DIR`, `file:/DIR` and `file:///DIR` are the same.
    private static func path(in rest: Substring, _ shown: String) throws(RegistryError) -> String {
        var path = rest
        if path.hasPrefix("///") {
            path = path.dropFirst(2)
        } else if path.hasPrefix("//") {
            throw invalid("\(shown): file:// needs an absolute path; use file:DIR for a relative one")
        }
        if path.isEmpty { throw invalid("\(shown): it has no directory") }
        if path.hasPrefix("~") { throw invalid("\(shown): the shell does not expand '~' after file:") }
        return String(path)
    }

    /// `path`, taken as relative to `base`, without `.` and `..` where they can be resolved by the text alone.
    private static func join(_ base: String, _ path: String) -> String {
        let whole = path.hasPrefix("/") || base.isEmpty ? path : base + "/" + path
        return whole.normalizedPath
    }

    /// An address without what may be a password.
    private static func redacted(_ text: String) -> String {
        let start = text.prefix { $0 != "?" && $0 != "#" }
        guard let end = text.lastIndex(of: "@") else { return String(start) }
        let scheme = text.prefix { $0 != ":" && $0 != "@" }
        return "\(scheme)://…\(text[end...].prefix { $0 != "?" && $0 != "#" })"
    }
}
