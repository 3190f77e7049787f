package import HTTP
import Support

/// The workspace and how to authenticate with it, and where each value that decides this comes from.
package struct ResolvedCredentials: Sendable {
    /// A value that is used.
    package struct Source: Hashable, Sendable {
        /// The setting's name in the Databricks configuration, such as `client_id`.
        package var name: String
        /// Where it comes from, such as `DATABRICKS_CLIENT_ID`.
        package var origin: String
        /// The value; nil when it is a secret.
        package var value: String?
    }

    /// The text of a file; nil when there is none.
    package typealias FileReader = (String) throws(HTTPError) -> String?

    /// The workspace.
    package let host: HTTPURL
    /// How to authenticate.
    package let method: AuthenticationMethod
    /// The values that are used.
    package let sources: [Source]

    let settings: DatabricksSettings

    /// Finds out how to authenticate, as the Databricks SDK for Python 0.156 does; nothing is sent.
    ///
    /// - Parameters:
    ///   - profile: The profile that the registry's address names.
    ///   - environment: The environment.
    ///   - readFile: Reads the configuration file, and a file with an ID token.
    /// - Throws: `HTTPError` with `.unauthenticated` or `.invalidAddress`.
    package init(
        profile: String?, environment: [String: String], readFile: FileReader
    ) throws(HTTPError) {
        if let profile, profile.contains(":") {
            throw HTTPError(
                .invalidAddress, "'databricks-uc://\(profile)' names a scope of Databricks secrets",
                hint: "name a profile of the Databricks configuration, or none: databricks-uc")
        }
        settings = try DatabricksSettings(profile: profile, environment: environment, readFile: readFile)
        let place = settings.settings[.host]?.origin.description(of: .host) ?? "DATABRICKS_HOST"
        // The host comes first, as messages quote it, and it may contain a password.
        let host: HTTPURL? =
            if let text = settings[.host] { try Self.url(ofHost: text, from: place) } else { nil }
        let candidate = try Self.choose(settings, host, readFile)
        guard let method = AuthenticationMethod(rawValue: candidate.name) else {
            throw Self.unsupported(candidate.name, settings)
        }
        guard let host else { throw Self.noHost(settings) }
        self.host = host
        self.method = method
        sources = Self.sources(settings, candidate)
        try Self.checkCharacters(settings, candidate)
    }

    /// The workspace that the configuration names, whether or not there are credentials for it.
    ///
    /// - Parameters:
    ///   - profile: The profile that the registry's address names.
    ///   - environment: The environment.
    ///   - readFile: Reads the configuration file.
    /// - Returns: The workspace; nil where none is named.
    package static func host(
        profile: String?, environment: [String: String], readFile: FileReader
    ) -> HTTPURL? {
        let settings = try? DatabricksSettings(
            profile: profile, environment: environment, readFile: readFile)
        return settings?[.host].flatMap { try? url(ofHost: $0) }
    }

    // MARK: - Choosing

    /// The first candidate that the settings are complete for.
    private static func choose(
        _ settings: DatabricksSettings, _ host: HTTPURL?, _ readFile: FileReader
    ) throws(HTTPError) -> AuthenticationCandidate {
        guard let named = settings[.authType] else {
            for candidate in AuthenticationCandidate.all
            where try missing(for: candidate, settings, readFile).isEmpty {
                return candidate
            }
            throw none(settings, host)
        }
        guard AuthenticationMethod(rawValue: named) != nil,
            let candidate = AuthenticationCandidate.all.first(where: { $0.name == named })
        else { throw unsupported(named, settings) }
        let missing = try missing(for: candidate, settings, readFile)
        if missing.isEmpty { return candidate }
        let hint =
            named == AuthenticationMethod.gitHubOIDC.rawValue
            ? "give the workflow's job `permissions: {id-token: write}`"
            : "set it, or name no method to have one chosen"
        throw HTTPError(
            .unauthenticated,
            "the authorization method '\(named)' requires \(missing.joined(separator: ", "))",
            hint: settings.note ?? hint)
    }

    /// What a candidate still needs, in words.
    private static func missing(
        for candidate: AuthenticationCandidate, _ settings: DatabricksSettings, _ readFile: FileReader
    ) throws(HTTPError) -> [String] {
        var missing = candidate.required.filter { settings[$0] == nil }
            .map { $0.variables.first ?? $0.rawValue }
        missing += candidate.variables.filter { settings.variable($0) == nil }
        if settings[.groupID] != nil, !candidate.actsForGroups { missing.append("no DATABRICKS_GROUP_ID") }
        switch candidate.name {
        case "env-oidc" where (settings.variable(settings.oidcVariable) ?? "").isEmpty:
            missing.append(settings.oidcVariable)
        case "file-oidc":
            guard let path = settings[.oidcTokenPath] else { break }
            if try readFile(path)?.trimmed().isEmpty != false { missing.append("a token in \(path)") }
        default: break
        }
        return missing
    }

    /// Refuses what no header can contain, such as a secret that was pasted with its line break.
    private static func checkCharacters(
        _ settings: DatabricksSettings, _ candidate: AuthenticationCandidate
    ) throws(HTTPError) {
        var values = (candidate.required + [.workspaceID]).filter { $0 != .host }.map { attribute in
            (settings[attribute], settings.settings[attribute]?.origin.description(of: attribute))
        }
        values += candidate.variables.map { (settings.variable($0), $0) }
        for case (let value?, let origin?) in values where value.hasControlCharacter {
            throw HTTPError(
                .unauthenticated, "\(origin) has a line break or another control character",
                hint: "set it again, without the line break at its end")
        }
    }

    private static func sources(
        _ settings: DatabricksSettings, _ candidate: AuthenticationCandidate
    ) -> [Source] {
        let used =
            candidate.required
            + [.profile, .authType, .clientID, .workspaceID, .accountID, .groupID, .scopes]
        var sources = DatabricksAttribute.allCases.compactMap { attribute -> Source? in
            guard used.contains(attribute), candidate.name != "pat" || attribute != .clientID,
                let setting = settings.settings[attribute], !setting.value.isEmpty
            else { return nil }
            return Source(
                name: attribute.rawValue, origin: setting.origin.description(of: attribute),
                value: attribute.isSensitive ? nil : setting.value.reveal())
        }
        let variables = candidate.variables + (candidate.name == "env-oidc" ? [settings.oidcVariable] : [])
        sources += variables.map { Source(name: "id_token", origin: $0, value: nil) }
        return sources
    }

    // MARK: - Refusals

    private static func unsupported(_ name: String, _ settings: DatabricksSettings) -> HTTPError {
        let supported = AuthenticationMethod.allCases.map(\.rawValue).joined(separator: ", ")
        let advice =
            name == "databricks-cli"
            ? "`databricks auth token` prints a token for DATABRICKS_TOKEN"
            : "set DATABRICKS_HOST and DATABRICKS_TOKEN, for example"
        let origin = settings.settings[.authType]?.origin.description(of: .authType)
        return HTTPError(
            .unauthenticated,
            "the Databricks authorization method '\(name)'\(origin.map { " (\($0))" } ?? "") is not supported",
            hint: "promptreg supports \(supported); \(advice)")
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
        if let profile = settings[.profile] {
            return HTTPError(
                .unauthenticated, "the profile '\(profile)' names no Databricks workspace\(note)",
                hint: "add the profile to ~/.databrickscfg, or name none and set DATABRICKS_HOST and "
                    + "DATABRICKS_TOKEN")
        }
        return HTTPError(
            .unauthenticated, "no Databricks workspace is named\(note)",
            hint: "set DATABRICKS_HOST and DATABRICKS_TOKEN, or a profile in DATABRICKS_CONFIG_PROFILE")
    }

    /// The address of a host, without a query such as `?o=123`, which may be copied along from a browser.
    private static func url(
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
    /// The environment variable with the ID token.
    var oidcVariable: String { self[.oidcTokenVariable] ?? "DATABRICKS_OIDC_TOKEN" }
}
