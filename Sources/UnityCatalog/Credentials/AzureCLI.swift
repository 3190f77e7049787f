import FoundationEssentials
import Glibc
import HTTP
import Support

/// Tokens of the Azure CLI, for who logged in with `az login`.
struct AzureCLI: Sendable {
    private let program: LoginProgram
    private let settings: DatabricksSettings
    private let cloud: AzureCloud
    private let tenant: AzureTenant
    private let clock: WaitingClock

    /// What to do where there is no token.
    static let remedy = "run `az login`"

    /// The file of the CLI; nil where `PATH` has none.
    ///
    /// - Parameter settings: The configuration.
    /// - Returns: The path.
    static func path(_ settings: DatabricksSettings) -> String? {
        ChildProcess.executables(named: "az", path: settings.variable("PATH")).first
    }

    /// What it needs besides where it has no login of a person but the machine's own identity, and which cloud it is for.
    private static let variables: Set = [
        "AZURE_CLOUD_NAME", "IDENTITY_ENDPOINT", "IDENTITY_HEADER", "MSI_ENDPOINT", "MSI_SECRET",
    ]

    /// The CLI.
    init(
        _ path: String, cloud: AzureCloud, tenant: AzureTenant, deadline: RunDeadline, clock: WaitingClock
    ) {
        settings = tenant.settings
        self.cloud = cloud
        self.tenant = tenant
        self.clock = clock
        program = LoginProgram(
            name: "the Azure CLI", path: path, remedy: Self.remedy, variables: Self.variables, settings,
            deadline: deadline)
    }

    /// Asks for a token for Databricks, and where it is not a person's, for one for Azure itself, as the Databricks SDK
    /// does.
    ///
    /// - Returns: The token; nil where the CLI has none.
    /// - Throws: `HTTPError` when it prints something else, or does not end.
    func token() async throws(HTTPError) -> AccessToken? {
        let tenant = try await tenantArguments()
        guard var token = try await token(for: cloud.databricks, tenant) else { return nil }
        var management: AccessToken?
        if TokenClaims(token.value)?.upn == nil {
            // Without it, the workspace may still know the principal.
            management = try? await self.token(for: cloud.management, tenant)
        }
        token.add(AzureHeader.all(settings, management: management))
        token.shorten(to: management?.lifetime)
        return token
    }

    /// The tenant of the workspace; a machine's own identity is in one tenant, and the CLI refuses the flag for it.
    private func tenantArguments() async throws(HTTPError) -> [String] {
        guard let tenant = try await tenant.find(by: "aad/auth") else { return [] }
        let account = try await program.answer(["account", "show", "--output", "json"], as: Account.self)
        let isMachine =
            account?.user?.type == "servicePrincipal"
            && ["systemAssignedIdentity", "userAssignedIdentity"].contains(account?.user?.name)
        return isMachine ? [] : ["--tenant", tenant]
    }

    private struct Account: Decodable {
        struct User: Decodable {
            let type: String?
            let name: String?
        }

        let user: User?
    }

    private func token(
        for resource: String, _ tenant: [String]
    ) async throws(HTTPError) -> AccessToken? {
        let command = ["account", "get-access-token", "--resource", resource, "--output", "json"]
        // Who may use a workspace need not have access to its subscription.
        for subscription in [subscription.map { ["--subscription", $0] }, []].compactMap(\.self) {
            guard let printed = try await program.answer(command + subscription + tenant, as: Printed.self)
            else { continue }
            return try AccessToken(
                printedBy: program, printed.accessToken, printed.tokenType, expiry: printed.expiry,
                settings, clock)
        }
        return nil
    }

    /// The subscription in `/subscriptions/ID/resourceGroups/…`.
    private var subscription: String? {
        let parts = settings[.azureResourceID]?.split(separator: "/", omittingEmptySubsequences: false) ?? []
        return parts.count > 2 ? String(parts[2]) : nil
    }

    private struct Printed: Decodable {
        let accessToken: String
        let tokenType: String
        let expiresOn: String
        /// The same in seconds since 1970; CLIs before version 2.54 do not have it.
        let expires_on: Numeral?

        var expiry: Double? {
            expires_on.flatMap { Double($0.text) } ?? secondsSince1970(ofLocalTime: expiresOn)
        }
    }
}

/// The seconds since 1970 of a local time such as `2026-11-21 13:05:00.000000`; nil for anything else.
private func secondsSince1970(ofLocalTime text: String) -> Double? {
    guard let milliseconds = milliseconds(ofTimestamp: text + "Z") else { return nil }
    var seconds = milliseconds / 1_000
    var local = tm()
    gmtime_r(&seconds, &local)
    local.tm_isdst = -1
    return Double(mktime(&local))
}
