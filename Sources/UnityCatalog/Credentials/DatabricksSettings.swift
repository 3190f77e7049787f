import HTTP
import Support

/// The Databricks configuration as the Databricks SDK resolves it: what is named explicitly, then the environment,
/// then a profile of the configuration file.
struct DatabricksSettings: Sendable {
    /// Where a value comes from.
    enum Origin: Hashable, Sendable {
        /// The registry's address.
        case address
        /// An environment variable.
        case variable(String)
        /// A profile of the configuration file.
        case profile(String, file: String)
    }

    /// A value and where it comes from.
    struct Setting: Sendable {
        let value: Secret
        let origin: Origin
    }

    private let environment: [String: Secret]
    private(set) var settings: [DatabricksAttribute: Setting] = [:]
    /// The profile that was asked for, or that the file says to use; nil where it is only the default one.
    private(set) var chosenProfile: String?
    /// What was not found, for people; nil when there is nothing to say.
    private(set) var note: String?

    /// A value; nil when it is not set, or empty.
    subscript(_ attribute: DatabricksAttribute) -> String? {
        let value = settings[attribute]?.value.reveal() ?? ""
        return value.isEmpty ? nil : value
    }

    /// The values that must never be shown.
    var secrets: [Secret] { settings.filter(\.key.isSensitive).map(\.value.value) }

    /// The value of any environment variable; nil when it is not set.
    func variable(_ name: String) -> String? { environment[name]?.reveal() }

    /// Resolves the configuration; a profile that the registry's address names comes first.
    init(
        profile: String?, environment: [String: String], readFile: ResolvedCredentials.FileReader
    ) throws(HTTPError) {
        self.environment = environment.mapValues(Secret.init)
        if let profile { settings[.profile] = Setting(value: Secret(profile), origin: .address) }
        for attribute in DatabricksAttribute.allCases where settings[attribute] == nil {
            for variable in attribute.variables {
                guard let value = environment[variable], !value.isEmpty else { continue }
                settings[attribute] = Setting(value: Secret(value), origin: .variable(variable))
                break
            }
        }
        chosenProfile = self[.profile]
        try loadFile(readFile)
        try checkConflicts()
    }

    private mutating func loadFile(_ readFile: ResolvedCredentials.FileReader) throws(HTTPError) {
        let isConfigured = settings.contains { attribute, _ in
            attribute.authorizationMethod != nil || attribute == .host
        }
        guard self[.profile] != nil || !isConfigured else { return }
        let shownPath = self[.configFile] ?? "~/.databrickscfg"
        guard let path = CredentialFiles.expanding(shownPath, home: variable("HOME")),
            let text = try readFile(path)
        else {
            note = "there is no \(shownPath)"
            return
        }
        let file = try INIFile(text, path: shownPath)
        guard let name = try profileName(in: file, path: shownPath) else { return }
        for (key, value) in file.sections[name] ?? [:] {
            guard let attribute = DatabricksAttribute(rawValue: key), settings[attribute] == nil else {
                continue
            }
            settings[attribute] = Setting(value: value, origin: .profile(name, file: shownPath))
        }
    }

    /// The profile to use; nil when none is named and there is no default one.
    private mutating func profileName(in file: INIFile, path: String) throws(HTTPError) -> String? {
        let settingsSection = "__settings__"
        let named = self[.profile] ?? file.sections[settingsSection]?["default_profile"]?.reveal()
        guard let name = named?.trimmed(), !name.isEmpty else {
            if file.sections["DEFAULT"]?.isEmpty != false {
                let names = file.sections.keys.filter { $0 != settingsSection && $0 != "DEFAULT" }.sorted()
                let others =
                    names.isEmpty ? "" : "; DATABRICKS_CONFIG_PROFILE names one of \(names.listed(10))"
                note = "\(path) has no DEFAULT profile\(others)"
            }
            return "DEFAULT"
        }
        let profiles = file.sections.filter {
            $0.key != settingsSection && ($0.key != "DEFAULT" || !$0.value.isEmpty)
        }
        chosenProfile = name
        guard profiles[name] != nil else {
            let others = profiles.keys.sorted().listed(20)
            throw HTTPError(
                .unauthenticated, "\(path) has no profile '\(name)'",
                hint: others.isEmpty ? "it has no profile at all" : "it has: \(others)")
        }
        return name
    }

    private func checkConflicts() throws(HTTPError) {
        var methods: [String: [String]] = [:]
        for (attribute, setting) in settings {
            guard let method = attribute.authorizationMethod else { continue }
            methods[method, default: []].append(setting.origin.description(of: attribute))
        }
        guard methods.count > 1, self[.authType] == nil else { return }
        let found = methods.sorted { $0.key < $1.key }
            .map { "\($0.key) (\($0.value.sorted().joined(separator: ", ")))" }.joined(separator: " and ")
        throw HTTPError(
            .unauthenticated, "more than one authorization method configured: \(found)",
            hint: "unset all but one, or name the method in DATABRICKS_AUTH_TYPE")
    }
}

extension DatabricksSettings.Origin {
    /// Where a setting comes from, in words.
    func description(of attribute: DatabricksAttribute) -> String {
        switch self {
        case .address: "the registry's address"
        case .variable(let name): name
        case .profile(let name, let file): "\(attribute.rawValue) of profile \(name) in \(file)"
        }
    }
}

extension DatabricksSettings {
    /// The environment variable with the ID token.
    var oidcVariable: String { self[.oidcTokenVariable] ?? "DATABRICKS_OIDC_TOKEN" }

    /// The scopes that are configured; none where the default ones do.
    var scopes: Set<String> {
        Set(self[.scopes]?.split { $0 == "," || $0 == " " }.map(String.init) ?? [])
    }

    /// The fields of a form that say what a token is for.
    var scopeFields: [(String, String)] {
        [("scope", scopes.isEmpty ? "all-apis" : scopes.sorted().joined(separator: " "))]
    }

    /// The field that says in detail what a token is for, which only some methods have.
    var detailFields: [(String, String)] {
        self[.authorizationDetails].map { [("authorization_details", $0)] } ?? []
    }
}
