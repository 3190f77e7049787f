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
    ///   - isRegistry: Whether there is a registry at a path: only then is a plain word the name of a folder.
    /// - Throws: `RegistryError` with `.invalidAddress`.
    package init(
        _ text: String, relativeTo base: String, isRegistry: (String) -> Bool = { _ in false }
    ) throws(RegistryError) {
        if text.hasToken {
            throw Self.invalid(
                "the registry's address has what looks like an access token",
                hint: "pass a token in DATABRICKS_TOKEN or MLFLOW_TRACKING_TOKEN")
        }
        let shown = "invalid registry '\(Self.redacted(text))'"
        if text.hasControlCharacter { throw Self.invalid("the registry's address has a control character") }
        if text.isEmpty { throw Self.invalid("\(shown): it is empty") }
        guard let scheme = Self.scheme(of: text) else {
            self = .file(path: try Self.plainPath(text, relativeTo: base, isRegistry: isRegistry, shown))
            return
        }
        let rest = text.dropFirst(scheme.count)
        switch scheme {
        case "file":
            do throws(FilePath.Problem) {
                self = .file(path: Self.join(base, try FilePath.path(ofAddress: text)))
            } catch {
                throw Self.invalid(error, shown)
            }
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
            if text.needsPercentEncoding {
                throw Self.invalid("\(shown): it has a character that must be percent-encoded")
            }
            do throws(HostAndPort.Problem) {
                _ = try HostAndPort(rest.dropFirst(3).prefix { $0 != "/" })
            } catch {
                throw Self.invalid("\(shown): \(error.message)", hint: error.hint ?? Self.forms)
            }
            self = .server(url: text)
        case "databricks-uc":
            let profile = rest.hasPrefix("://") ? rest.dropFirst(3) : ""
            if rest.contains("@") {
                throw Self.invalid("\(shown): it takes a profile of the Databricks configuration, not a host")
            }
            guard rest.isEmpty || !profile.isEmpty && !profile.contains("/") else {
                let name = rest.drop { ":/".contains($0) }
                throw Self.invalid(
                    "\(shown): it does not name a profile of the Databricks configuration",
                    hint: "use databricks-uc" + (name.isEmpty || name.contains("/") ? "" : "://\(name)"))
            }
            self = .unityCatalog(profile: rest.isEmpty ? nil : String(profile))
        case "databricks":
            throw Self.invalid("\(shown): the workspace registry does not support prompts; use databricks-uc")
        default:
            let host = HostWithoutScheme(text)
            if let problem = host.problem { throw Self.invalid("\(shown): \(problem)", hint: host.hint) }
            let near = nearestName(to: scheme, in: ["file", "http", "https", "databricks-uc"])
            let isQuoted = !rest.contains { "@?#".contains($0) }
            throw Self.invalid(
                "\(shown): unknown scheme '\(scheme)'",
                hint: near.map { "did you mean '\($0)\(isQuoted ? rest : ":…")'?" } ?? Self.forms)
        }
    }

    /// The address in its usual spelling, such as `file:/srv/mlruns`.
    package var description: String {
        switch self {
        case .file(let path): "file:" + FilePath.encode(path)
        case .server(let url): url
        case .unityCatalog(let profile): profile.map { "databricks-uc://\($0)" } ?? "databricks-uc"
        }
    }

    /// What is wrong with an address that a spec shows; nil when it can be used.
    package static func problem(with text: String) -> String? {
        do throws(RegistryError) {
            _ = try Self(text, relativeTo: "")
            return nil
        } catch {
            let start = "invalid registry '\(redacted(text))'"
            guard error.message.hasPrefix(start) else { return error.message }
            return "this registry is invalid" + error.message.dropFirst(start.count)
        }
    }

    /// What to write in a spec, where a path alone is no address, in place of a text; nil when that is not known.
    package static func correction(of text: String) -> String? {
        do throws(RegistryError) {
            guard case .file = try Self(text, relativeTo: "") else { return nil }
            return "use file:\(text)"
        } catch {
            return error.hint
        }
    }

    private static let forms = "use file:DIR, http(s)://HOST[:PORT] or databricks-uc[://PROFILE]"

    private static func invalid(_ message: String, hint: String = forms) -> RegistryError {
        RegistryError(.invalidAddress, message, hint: hint)
    }

    private static func invalid(_ problem: FilePath.Problem, _ shown: String) -> RegistryError {
        guard let hint = problem.hint else { return invalid("\(shown): \(problem.message)") }
        return invalid("\(shown): \(problem.message)", hint: hint)
    }

    /// The scheme of an address in lower case, or the whole of one without a colon; nil for a plain path. As for
    /// MLflow, a single letter is none.
    private static func scheme(of text: String) -> String? {
        let word = text.prefix { $0 != ":" }
        let scheme = word.lowercased()
        if word.endIndex == text.endIndex {
            return ["file", "http", "https", "databricks-uc", "databricks"].contains(scheme) ? scheme : nil
        }
        let isScheme =
            scheme.utf8.count > 1 && scheme.first?.isLetter == true
            && scheme.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "+-.".contains($0)) }
        return isScheme || text.contains("://") && !scheme.contains("/") ? scheme : nil
    }

    /// The folder that a plain path names. A word may be a mistake for something else: it has to be a registry's.
    private static func plainPath(
        _ text: String, relativeTo base: String, isRegistry: (String) -> Bool, _ shown: String
    ) throws(RegistryError) -> String {
        let path: String
        do throws(FilePath.Problem) {
            path = join(base, try FilePath.decode(text[...]))
        } catch {
            throw invalid(error, shown)
        }
        let (first, host) = (text.prefix { $0 != "/" }, HostWithoutScheme(text))
        let isFolder =
            [".", ".."].contains(first) || first.isEmpty && !(text.hasPrefix("//") && host.problem != nil)
        if isFolder || isRegistry(path) { return path }
        let problem = host.problem ?? "there is no registry in a folder of that name"
        throw invalid("\(shown): \(problem)", hint: didYouMean(text, in: ["databricks-uc"]) ?? host.hint)
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
