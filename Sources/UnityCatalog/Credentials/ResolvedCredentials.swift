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
    /// That method, and those that are tried where it turns out to have no token.
    let methods: [AuthenticationMethod]
    /// The values that are used.
    package let sources: [Source]

    let settings: DatabricksSettings

    /// Finds out how to authenticate, as the Databricks SDK for Python 0.162 does; nothing is sent.
    ///
    /// - Parameters:
    ///   - profile: The profile that the registry's address names.
    ///   - environment: The environment.
    ///   - readFile: Reads the configuration file, and a file with an ID token.
    /// - Throws: `HTTPError` with `.unauthenticated` or `.invalidAddress`.
    package init(
        profile: String?, environment: [String: String], readFile: @escaping FileReader
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
        let search = CredentialSearch(settings: settings, host: host, readFile: readFile)
        let candidates = try search.candidates()
        methods = candidates.compactMap(\.method)
        guard let host, let candidate = candidates.first, let method = methods.first else {
            throw search.noHost
        }
        self.host = host
        self.method = method
        sources = Self.sources(settings, candidate)
        try Self.checkCharacters(settings, candidate)
        if method.isForAzureOnly, AzureCloud(of: host) == nil {
            throw HTTPError(
                .unauthenticated,
                "the authorization method '\(method.rawValue)' is for Azure, and \(host.origin) is none of its workspaces",
                hint: "check \(place)")
        }
    }

    /// The workspace that the configuration names, whether or not there are credentials for it.
    ///
    /// - Parameters:
    ///   - profile: The profile that the registry's address names.
    ///   - environment: The environment.
    ///   - readFile: Reads the configuration file.
    /// - Returns: The workspace; nil where none is named.
    package static func host(
        profile: String?, environment: [String: String], readFile: @escaping FileReader
    ) -> HTTPURL? {
        let settings = try? DatabricksSettings(
            profile: profile, environment: environment, readFile: readFile)
        return settings?[.host].flatMap { try? url(ofHost: $0) }
    }

    /// What must not be shown of the configuration, wherever it comes from.
    ///
    /// - Parameters:
    ///   - profile: The profile that the registry's address names.
    ///   - environment: The environment.
    ///   - readFile: Reads the configuration file.
    /// - Returns: The secrets; none where the configuration cannot be used.
    package static func secrets(
        profile: String?, environment: [String: String], readFile: @escaping FileReader
    ) -> [Secret] {
        let settings = try? DatabricksSettings(
            profile: profile, environment: environment, readFile: readFile)
        return settings?.secrets ?? []
    }

    /// What was looked for, and why each method does not apply.
    ///
    /// - Parameters:
    ///   - profile: The profile that the registry's address names.
    ///   - environment: The environment.
    ///   - readFile: Reads the configuration file, and a file with an ID token.
    /// - Returns: A text for each method; none where the configuration contradicts itself, names a method or no
    ///   workspace.
    package static func attempts(
        profile: String?, environment: [String: String], readFile: @escaping FileReader
    ) -> [String] {
        guard
            let settings = try? DatabricksSettings(
                profile: profile, environment: environment, readFile: readFile),
            settings[.authType] == nil, let host = settings[.host].flatMap({ try? url(ofHost: $0) })
        else { return [] }
        return CredentialSearch(settings: settings, host: host, readFile: readFile).attempts()
    }

    /// The values that a method uses.
    ///
    /// - Parameter method: One of those that are complete.
    /// - Returns: The values.
    package func sources(of method: AuthenticationMethod) -> [Source] {
        AuthenticationCandidate.all.first { $0.method == method }.map { Self.sources(settings, $0) } ?? []
    }

    /// Refuses what no header can contain, such as a secret that was pasted with its line break.
    private static func checkCharacters(
        _ settings: DatabricksSettings, _ candidate: AuthenticationCandidate
    ) throws(HTTPError) {
        var values = (candidate.required + [.workspaceID, .azureTenantID, .azureResourceID]).filter {
            $0 != .host
        }.map { attribute in
            (settings[attribute], settings.settings[attribute]?.origin.description(of: attribute))
        }
        values += candidate.variables.map { (settings.variable($0), $0) }
        for case (let value?, let origin?) in values where value.hasControlCharacter {
            throw HTTPError(
                .unauthenticated, "\(origin) has a line break or another control character",
                hint: "set it again, without the line break at its end")
        }
    }

    /// What a method uses besides what it requires.
    private static func more(_ method: AuthenticationMethod) -> [DatabricksAttribute] {
        switch method {
        case .environmentOIDC, .fileOIDC: [.clientID]
        case .azureClientSecret, .azureCLI: [.azureTenantID, .azureResourceID]
        case .gitHubOIDCAzure: [.azureTenantID]
        default: []
        }
    }

    private static func sources(
        _ settings: DatabricksSettings, _ candidate: AuthenticationCandidate
    ) -> [Source] {
        let used =
            candidate.required
            + [.host, .profile, .authType, .workspaceID, .accountID, .groupID, .scopes]
            + (candidate.method.map(more) ?? [])
        var sources = DatabricksAttribute.allCases.compactMap { attribute -> Source? in
            guard used.contains(attribute), let setting = settings.settings[attribute], !setting.value.isEmpty
            else { return nil }
            return Source(
                name: attribute.rawValue, origin: setting.origin.description(of: attribute),
                value: attribute.isSensitive ? nil : setting.value.reveal())
        }
        let variables = candidate.variables + (candidate.name == "env-oidc" ? [settings.oidcVariable] : [])
        sources += variables.map { Source(name: "id_token", origin: $0, value: nil) }
        let program =
            switch candidate.method {
            case .azureCLI: AzureCLI.path(settings)
            case .databricksCLI: DatabricksCLI.path(settings)
            default: String?.none
            }
        if let program { sources.append(Source(name: "program", origin: program, value: program)) }
        return sources
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
