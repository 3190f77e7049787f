package import HTTP
package import Prompts

extension UnityCatalogRegistry {
    /// A registry, reached as the Databricks configuration says; it is not asked anything yet.
    ///
    /// - Parameters:
    ///   - profile: The profile that the registry's address names.
    ///   - environment: The environment's variables.
    ///   - deadline: Until when a run goes on trying.
    ///   - allowsInsecure: Whether credentials may cross a network in plain text.
    ///   - onAttempt: Told of every request that was sent, from any task.
    /// - Throws: `RegistryError` when there are no credentials, or they contradict each other.
    package convenience init(
        profile: String?, environment: [String: String], deadline: RunDeadline = RunDeadline(),
        allowsInsecure: Bool = false, onAttempt: (@Sendable (HTTPAttempt) -> Void)? = nil
    ) throws(RegistryError) {
        do throws(HTTPError) {
            let credentials = try ResolvedCredentials(
                profile: profile, environment: environment, readFile: CredentialFiles.read)
            let options = TransportOptions(environment: environment)
            try options.check(for: credentials.host)
            self.init(
                credentials, profile: profile, exchange: try CurlExchange(options).observed(by: onAttempt),
                deadline: deadline, allowsInsecure: allowsInsecure)
        } catch {
            throw RegistryError(error)
        }
    }

    /// A registry, reached with credentials that were found already.
    ///
    /// - Parameters:
    ///   - credentials: The workspace and the way of authenticating.
    ///   - profile: The profile that the registry's address names.
    ///   - exchange: Makes the single attempts of requests.
    ///   - policy: When a failed request is tried again.
    ///   - deadline: Until when a run goes on trying.
    ///   - clock: The time.
    ///   - allowsInsecure: Whether credentials may cross a network in plain text.
    package convenience init(
        _ credentials: ResolvedCredentials, profile: String? = nil, exchange: any HTTPExchange,
        policy: RetryPolicy = RetryPolicy(), deadline: RunDeadline = RunDeadline(),
        clock: WaitingClock = .system, allowsInsecure: Bool = false
    ) {
        let authorizer = DatabricksAuthorizer(
            credentials, exchange: exchange, policy: policy, deadline: deadline, clock: clock)
        let service = ServiceDescription(
            name: "Databricks", credentialsHint: credentials.hint,
            permissionHint: "CREATE FUNCTION, EXECUTE and MANAGE on the schema are needed")
        let client = HTTPClient(
            exchange: exchange, authorizer: authorizer, service: service, policy: policy, deadline: deadline,
            clock: clock, allowsInsecure: allowsInsecure)
        self.init(
            host: credentials.host, client: client, authorizer: authorizer,
            workspaceID: credentials.workspaceID, profile: profile)
    }
}

extension ResolvedCredentials {
    /// The workspace's identifier, where it is configured.
    var workspaceID: String? { sources.first { $0.name == DatabricksAttribute.workspaceID.rawValue }?.value }

    /// What to do about credentials that are refused.
    package var hint: String {
        let secrets = sources.filter { $0.value == nil }.map(\.origin)
        return "check \(secrets.isEmpty ? "the Databricks credentials" : secrets.joined(separator: " and "))"
    }
}
