package import HTTP
package import Prompts
import UnityCatalog

/// Checks whether runs can use Unity Catalog.
package struct UnityCatalogCheck: HealthCheck {
    private let credentials: Result<ResolvedCredentials, HTTPError>
    /// The workspace, which may be known where there are no credentials for it.
    private let host: HTTPURL?
    private let exchange: Result<any HTTPExchange, HTTPError>
    private let deadline: RunDeadline
    private let clock: WaitingClock
    private let allowsInsecure: Bool

    /// A check of the workspace that a registry of the same arguments would use; nothing is sent yet.
    ///
    /// - Parameters:
    ///   - profile: The profile that the registry's address names.
    ///   - environment: The environment's variables.
    ///   - deadline: Until when to retry.
    ///   - allowsInsecure: Whether credentials may cross a network in plain text.
    ///   - onAttempt: Called after every request, from any task.
    /// - Throws: `RegistryError` when the address cannot be used.
    package init(
        profile: String?, environment: [String: String], deadline: RunDeadline, allowsInsecure: Bool = false,
        onAttempt: (@Sendable (HTTPAttempt) -> Void)? = nil
    ) throws(RegistryError) {
        let options = TransportOptions(environment: environment)
        let exchange = Result { () throws(HTTPError) -> any HTTPExchange in
            try CurlExchange(options).observed(by: onAttempt)
        }
        try self.init(
            profile: profile, environment: environment, readFile: CredentialFiles.read, exchange: exchange,
            options: options, deadline: deadline, allowsInsecure: allowsInsecure)
    }

    init(
        profile: String?, environment: [String: String], readFile: (String) throws(HTTPError) -> String?,
        exchange: Result<any HTTPExchange, HTTPError>, options: TransportOptions = TransportOptions(),
        deadline: RunDeadline = RunDeadline(), clock: WaitingClock = .system, allowsInsecure: Bool = false
    ) throws(RegistryError) {
        credentials = Result { () throws(HTTPError) in
            try ResolvedCredentials(profile: profile, environment: environment, readFile: readFile)
        }
        if case .failure(let error) = credentials, profile?.contains(":") == true {
            throw RegistryError(error)
        }
        let host =
            (try? credentials.get().host)
            ?? ResolvedCredentials.host(profile: profile, environment: environment, readFile: readFile)
        self.host = host
        self.exchange = exchange.flatMap { exchange in
            Result { () throws(HTTPError) in
                if let host { try options.check(for: host) }
                return exchange
            }
        }
        self.deadline = deadline
        self.clock = clock
        self.allowsInsecure = allowsInsecure
    }

    package func run(for scope: HealthCheckScope) async -> [HealthCheckResult] {
        guard let host else {
            let reason = "no workspace is known"
            return [.skip(.reachability, reason), .skip(.clock, reason), .skip(.server, reason)]
                + [credentialsResult] + skipped(reason)
        }
        let probe: HTTPClient.Probe
        do throws(HTTPError) {
            // What the workspace says of itself requires no credentials.
            probe = try await client(FixedAuthorizer(), credentialsHint: "")
                .probe(HTTPRequest(.get, host.appending(".well-known/databricks-config")))
        } catch {
            let reason = "no request could be sent"
            return [.unreachable(RegistryError(error)), .skip(.clock, reason), .skip(.server, reason)]
                + [credentialsResult] + skipped(reason)
        }
        let reached: [HealthCheckResult] = [.reachable(host, probe), .clock(probe)]
        guard case .success(let exchange) = exchange, case .success(let credentials) = credentials,
            let client = try? client(
                DatabricksAuthorizer(
                    credentials, exchange: exchange, policy: .probing, deadline: deadline, clock: clock),
                credentialsHint: credentials.hint)
        else {
            let reason = "there are no credentials to send requests with"
            return reached + [.skip(.server, reason), credentialsResult] + skipped(reason)
        }
        let checks = UnityCatalogAccessChecks(
            api: UnityCatalogAPI(host: credentials.host, client: client))
        let results = await checks.results(for: scope)
        return reached + results.prefix(1) + [credentialsResult] + results.dropFirst()
    }

    private func skipped(_ reason: String) -> [HealthCheckResult] {
        let checks: [HealthCheckResult.Check] = [.authentication, .schema, .reading, .writing]
        return checks.map { .skip($0, reason) }
    }

    private func client(
        _ authorizer: any Authorizer, credentialsHint: String
    ) throws(HTTPError) -> HTTPClient {
        HTTPClient(
            exchange: try exchange.get(), authorizer: authorizer,
            service: ServiceDescription(name: "Databricks", credentialsHint: credentialsHint),
            policy: .probing, deadline: deadline, clock: clock, allowsInsecure: allowsInsecure)
    }

    /// Which credentials there are, and where.
    private var credentialsResult: HealthCheckResult {
        switch credentials {
        case .failure(let error): return .fail(.credentials, RegistryError(error))
        case .success(let credentials):
            var origins: [String] = []
            for source in credentials.sources where !origins.contains(source.origin) {
                origins.append(source.origin)
            }
            return .ok(.credentials, "\(credentials.method.rawValue): \(origins.joined(separator: ", "))")
        }
    }
}
