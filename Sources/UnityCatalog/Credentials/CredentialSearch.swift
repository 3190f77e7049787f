import HTTP
import Support

/// Finds the methods that a configuration is complete for; nothing is sent, and no program is started.
struct CredentialSearch {
    let settings: DatabricksSettings
    let host: HTTPURL?
    let readFile: ResolvedCredentials.FileReader

    /// The candidates that may be used, in their order: the first one that is complete, and those after it where it may
    /// turn out to have no token.
    ///
    /// - Returns: The candidates, at least one.
    /// - Throws: `HTTPError` when there is none, or the one that is named is not complete.
    func candidates() throws(HTTPError) -> [AuthenticationCandidate] {
        if let name = settings[.authType] { return [try named(name)] }
        var found: [AuthenticationCandidate] = []
        for candidate in AuthenticationCandidate.all where try missing(for: candidate).isEmpty {
            guard let method = candidate.method else {
                if found.isEmpty { throw unsupported(candidate.name) }
                return found
            }
            found.append(candidate)
            if !method.mayDecline { return found }
        }
        guard found.isEmpty else { return found }
        throw none
    }

    private func named(_ name: String) throws(HTTPError) -> AuthenticationCandidate {
        guard let candidate = AuthenticationCandidate.all.first(where: { $0.name == name }),
            let method = candidate.method
        else { throw unsupported(name) }
        let missing = try missing(for: candidate)
        if missing.isEmpty { return candidate }
        throw HTTPError(
            .unauthenticated,
            "the authorization method '\(name)' requires \(missing.joined(separator: ", "))",
            hint: settings.note ?? remedy(method))
    }

    /// What to do where a method that is named lacks something.
    private func remedy(_ method: AuthenticationMethod) -> String {
        switch method {
        case .gitHubOIDC, .gitHubOIDCAzure: IDTokens.gitHubRemedy
        case .azureDevOpsOIDC: IDTokens.azureDevOpsRemedy
        case .databricksCLI: "install it, version 0.205 or later, and \(DatabricksCLI.remedy(host))"
        case .azureCLI where host.flatMap(AzureCloud.init(of:)) != nil: "install it, and \(AzureCLI.remedy)"
        case .azureCLI:
            "the host is none of Azure's: check DATABRICKS_HOST, or name no method to have one chosen"
        default: "set it, or name no method to have one chosen"
        }
    }

    // MARK: - What is missing

    /// What was looked for, and why each method does not apply, for people.
    ///
    /// - Returns: A line for each method that promptreg has.
    func attempts() -> [String] {
        AuthenticationCandidate.all.filter { $0.method != nil }.map { candidate in
            do throws(HTTPError) {
                let missing = try missing(for: candidate)
                let some = missing.prefix(2).joined(separator: ", ") + (missing.count > 2 ? ", …" : "")
                return missing.isEmpty ? candidate.name : "\(candidate.name) lacks \(some)"
            } catch {
                return "\(candidate.name): \(error.message)"
            }
        }
    }

    /// What a candidate still needs, in words.
    private func missing(for candidate: AuthenticationCandidate) throws(HTTPError) -> [String] {
        var missing = candidate.required.filter { settings[$0] == nil }
            .map { $0.variables.first ?? $0.rawValue }
        missing += candidate.variables.filter { settings.variable($0)?.isEmpty != false }
        if settings[.groupID] != nil, !candidate.actsForGroups {
            missing.append("a way to act for DATABRICKS_GROUP_ID")
        }
        switch candidate.method {
        case .environmentOIDC where (settings.variable(settings.oidcVariable) ?? "").isEmpty:
            missing.append(settings.oidcVariable)
        case .fileOIDC:
            guard let path = settings[.oidcTokenPath] else { break }
            if try readFile(path)?.trimmed().isEmpty != false { missing.append("a token in \(path)") }
        case .azureCLI:
            if let host, AzureCloud(of: host) == nil { missing.append("a workspace of Azure") }
            if AzureCLI.path(settings) == nil { missing.append("the Azure CLI in PATH") }
        case .databricksCLI where DatabricksCLI.path(settings) == nil:
            missing.append(
                "the Databricks CLI \(settings[.databricksCLIPath].map { "at \($0)" } ?? "in PATH")")
        default: break
        }
        return missing
    }

    // MARK: - Refusals

    private func unsupported(_ name: String) -> HTTPError {
        let supported = AuthenticationMethod.allCases.map(\.rawValue).joined(separator: ", ")
        let origin =
            settings.settings[.authType].map { " (\($0.origin.description(of: .authType)))" } ?? ""
        if AuthenticationCandidate.all.contains(where: { $0.name == name && $0.isOfRuntime }) {
            return HTTPError(
                .unauthenticated,
                "the runtime's own token, the authorization method '\(name)'\(origin), is for Python only",
                hint:
                    "run promptreg as the task of its wheel, promptreg_cli, which hands the token over; or set "
                    + "DATABRICKS_TOKEN")
        }
        return HTTPError(
            .unauthenticated, "the Databricks authorization method '\(name)'\(origin) is not supported",
            hint: "promptreg supports \(supported); set DATABRICKS_HOST and DATABRICKS_TOKEN, for example")
    }

    private var none: HTTPError {
        guard let host else { return noHost }
        let note = settings.note.map { "; \($0)" } ?? ""
        let login = AzureCloud(of: host) == nil ? "" : ", or `az login`"
        return HTTPError(
            .unauthenticated, "there are no credentials for \(host.origin)\(note)",
            hint:
                "\(DatabricksCLI.remedy(host))\(login), or set DATABRICKS_TOKEN, or DATABRICKS_CLIENT_ID and "
                + "DATABRICKS_CLIENT_SECRET, or run in GitHub Actions with `id-token: write` and "
                + "DATABRICKS_CLIENT_ID; `promptreg doctor` lists what was looked for")
    }

    /// The error where no workspace is named.
    var noHost: HTTPError {
        let note = settings.note.map { " (\($0))" } ?? ""
        if let profile = settings[.profile] {
            return HTTPError(
                .unauthenticated, "the profile '\(profile)' names no Databricks workspace\(note)",
                hint: "add the profile to ~/.databrickscfg, or name none and set DATABRICKS_HOST and "
                    + "DATABRICKS_TOKEN")
        }
        if settings[.azureResourceID] != nil {
            return HTTPError(
                .unauthenticated,
                "no Databricks workspace is named\(note): DATABRICKS_AZURE_RESOURCE_ID is not looked up",
                hint: "set DATABRICKS_HOST to the workspace's URL")
        }
        return HTTPError(
            .unauthenticated, "no Databricks workspace is named\(note)",
            hint: "set DATABRICKS_HOST and DATABRICKS_TOKEN, or a profile in DATABRICKS_CONFIG_PROFILE")
    }
}
