package import HTTP
import Support

/// Which workspace is asked, by which way of authenticating, and where each value that says so comes from.
package struct ResolvedCredentials: Sendable {
    /// A value that was used.
    package struct Source: Hashable, Sendable {
        /// The setting's name in the Databricks configuration, such as `client_id`.
        package var name: String
        /// Where it comes from, such as `DATABRICKS_CLIENT_ID`.
        package var origin: String
        /// The value; nil when it is a secret.
        package var value: String?
    }

    /// The workspace.
    package let host: HTTPURL
    /// The way of authenticating.
    package let method: AuthenticationMethod
    /// What was used, by the settings' names.
    package let sources: [Source]

    let settings: DatabricksSettings

    /// Finds out how to authenticate, as the Databricks SDK for Python 0.156 does.
    ///
    /// Nothing is sent, and nothing is read but the configuration file and a file with an ID token.
    ///
    /// - Parameters:
    ///   - profile: The profile that the registry's address names.
    ///   - environment: The environment.
    ///   - readFile: The text of a file; nil when there is none.
    /// - Throws: `HTTPError` with `.unauthenticated` or `.invalidAddress`.
    package init(
        profile: String?, environment: [String: String],
        readFile: (String) throws(HTTPError) -> String?
    ) throws(HTTPError) {
        if let profile, profile.contains(":") {
            throw HTTPError(
                .invalidAddress, "'databricks-uc://\(profile)' names a scope of Databricks secrets",
                hint: "name a profile of the Databricks configuration, or none: databricks-uc")
        }
        settings = try DatabricksSettings(profile: profile, environment: environment, readFile: readFile)
        let place = settings.settings[.host]?.origin.description(of: .host) ?? "DATABRICKS_HOST"
        // First of all, so that it can be quoted: it may hold a password.
        let host: HTTPURL? =
            if let text = settings[.host] { try Self.url(ofHost: text, from: place) } else { nil }
        let link = try Self.choose(settings, host, readFile)
        guard let method = AuthenticationMethod(rawValue: link.name) else {
            throw Self.unsupported(link.name, settings)
        }
        guard let host else { throw Self.noHost(settings) }
        self.host = host
        self.method = method
        sources = Self.sources(settings, link)
        try Self.checkCharacters(settings, link)
    }

    /// The workspace that the configuration names, whether or not there are credentials for it.
    ///
    /// - Parameters:
    ///   - profile: The profile that the registry's address names.
    ///   - environment: The environment.
    ///   - readFile: The text of a file; nil when there is none.
    /// - Returns: The workspace; nil where none is named.
    package static func host(
        profile: String?, environment: [String: String], readFile: (String) throws(HTTPError) -> String?
    ) -> HTTPURL? {
        let settings = try? DatabricksSettings(
            profile: profile, environment: environment, readFile: readFile)
        return settings?[.host].flatMap { try? url(ofHost: $0) }
    }

    // MARK: - Choosing

    /// The first way that the settings are complete for.
    private static func choose(
        _ settings: DatabricksSettings, _ host: HTTPURL?,
        _ readFile: (String) throws(HTTPError) -> String?
    ) throws(HTTPError) -> AuthenticationChain.Link {
        let named = settings[.authType]
        for link in AuthenticationChain.links where named == nil || link.name == named {
            if named != nil, AuthenticationMethod(rawValue: link.name) == nil {
                throw unsupported(link.name, settings)
            }
            if link.isFoundBySettings, try missing(for: link, settings, readFile).isEmpty { return link }
        }
        guard let named else { throw none(settings, host) }
        guard let link = AuthenticationChain.links.first(where: { $0.name == named }) else {
            throw unsupported(named, settings)
        }
        let missing = try missing(for: link, settings, readFile).joined(separator: ", ")
        throw HTTPError(
            .unauthenticated, "the authorization method '\(named)' is asked for, but it needs \(missing)",
            hint: settings.note
                ?? (named == "github-oidc"
                    ? "give the workflow's job `permissions: {id-token: write}`"
                    : "give it, or name no method to have one chosen")
        )
    }

    /// What is still needed for a way, in words.
    private static func missing(
        for link: AuthenticationChain.Link, _ settings: DatabricksSettings,
        _ readFile: (String) throws(HTTPError) -> String?
    ) throws(HTTPError) -> [String] {
        var missing = link.required.filter { settings[$0] == nil }.map { $0.variables.first ?? $0.rawValue }
        missing += link.variables.filter { settings.variable($0) == nil }
        if settings[.groupID] != nil, !link.actsForGroups { missing.append("no DATABRICKS_GROUP_ID") }
        switch link.name {
        case "env-oidc" where (settings.variable(settings.oidcVariable) ?? "").isEmpty:
            missing.append(settings.oidcVariable)
        case "file-oidc":
            guard let path = settings[.oidcTokenPath] else { break }
            if try readFile(path)?.trimmed().isEmpty != false { missing.append("a token in \(path)") }
        default: break
        }
        return missing
    }

    /// Refuses what cannot go into a header, such as a secret that was pasted with its line break.
    private static func checkCharacters(
        _ settings: DatabricksSettings, _ link: AuthenticationChain.Link
    ) throws(HTTPError) {
        var values = (link.required + [.workspaceID]).filter { $0 != .host }.map { attribute in
            (settings[attribute], settings.settings[attribute]?.origin.description(of: attribute))
        }
        values += link.variables.map { (settings.variable($0), $0) }
        for case (let value?, let origin?) in values where value.hasControlCharacter {
            throw HTTPError(
                .unauthenticated, "\(origin) has a line break or another control character",
                hint: "set it again, without the line break at its end")
        }
    }

    private static func sources(
        _ settings: DatabricksSettings, _ link: AuthenticationChain.Link
    ) -> [Source] {
        let used =
            link.required + [.profile, .authType, .clientID, .workspaceID, .accountID, .groupID, .scopes]
        var sources = DatabricksAttribute.allCases.compactMap { attribute -> Source? in
            guard used.contains(attribute), link.name != "pat" || attribute != .clientID,
                let setting = settings.settings[attribute], !setting.value.isEmpty
            else { return nil }
            return Source(
                name: attribute.rawValue, origin: setting.origin.description(of: attribute),
                value: attribute.isSensitive ? nil : setting.value.reveal())
        }
        let variables = link.variables + (link.name == "env-oidc" ? [settings.oidcVariable] : [])
        sources += variables.map { Source(name: "id_token", origin: $0, value: nil) }
        return sources
    }

    // MARK: - Refusals

    private static let supported = AuthenticationMethod.allCases.map(\.rawValue).joined(separator: ", ")

    private static func unsupported(_ name: String, _ settings: DatabricksSettings) -> HTTPError {
        var hint = "promptreg has \(supported); set DATABRICKS_HOST and DATABRICKS_TOKEN, for example"
        if name == "databricks-cli" {
            hint = "promptreg has \(supported); `databricks auth token` prints a token for DATABRICKS_TOKEN"
        }
        let origin = settings.settings[.authType]?.origin.description(of: .authType)
        let place = origin.map { " (\($0))" } ?? ""
        return HTTPError(
            .unauthenticated, "the Databricks authorization method '\(name)'\(place) is not supported",
            hint: hint)
    }

    private static func none(_ settings: DatabricksSettings, _ host: HTTPURL?) -> HTTPError {
        guard let host else { return noHost(settings) }
        let note = settings.note.map { "; \($0)" } ?? ""
        return HTTPError(
            .unauthenticated, "there are no credentials for \(host.origin)\(note)",
            hint:
                "set DATABRICKS_TOKEN, or DATABRICKS_CLIENT_ID and DATABRICKS_CLIENT_SECRET, or run in GitHub"
                + " Actions with `id-token: write` and DATABRICKS_CLIENT_ID")
    }

    private static func noHost(_ settings: DatabricksSettings) -> HTTPError {
        let note = settings.note.map { " (\($0))" } ?? ""
        if let profile = settings[.profile], !profile.isEmpty {
            return HTTPError(
                .unauthenticated, "the profile '\(profile)' names no Databricks workspace\(note)",
                hint: "write the profile into ~/.databrickscfg, or name none and set DATABRICKS_HOST and "
                    + "DATABRICKS_TOKEN")
        }
        return HTTPError(
            .unauthenticated, "no Databricks workspace is named\(note)",
            hint: "set DATABRICKS_HOST and DATABRICKS_TOKEN, or a profile in DATABRICKS_CONFIG_PROFILE")
    }

    // MARK: - The host

    /// The address that a host stands for; a query such as `?o=123`, copied along from a browser, is dropped.
    ///
    /// - Parameters:
    ///   - text: The host, with or without a scheme.
    ///   - place: Where it is from.
    /// - Returns: The address.
    /// - Throws: `HTTPError` with `.invalidAddress`.
    static func url(
        ofHost text: String, from place: String = "DATABRICKS_HOST"
    ) throws(HTTPError) -> HTTPURL {
        let text = text.trimmed()
        do {
            var url = try HTTPURL(text.contains("://") ? text : "https://" + text)
            url.query = ""
            if url.port == 443, url.scheme == .https { url.port = nil }
            return url
        } catch {
            throw HTTPError(
                error.code, "\(place) cannot be used: \(error.message)", hint: "write https://HOST")
        }
    }
}

extension DatabricksSettings {
    /// The environment variable that holds an ID token.
    var oidcVariable: String { self[.oidcTokenVariable] ?? "DATABRICKS_OIDC_TOKEN" }
}
