package import HTTP
package import Prompts
import UnityCatalog

/// Checks whether runs can use Unity Catalog.
package struct UnityCatalogCheck: HealthCheck {
    private let credentials: Result<ResolvedCredentials, HTTPError>
    /// What was looked for where there are none, and why each method does not apply.
    private let attempts: [String]
    /// The workspace, which may be known where there are no credentials for it.
    private let host: HTTPURL?
    private let options: TransportOptions
    private let settings: HTTPSettings

    /// A check of the workspace that a registry of the same arguments would use; nothing is sent yet.
    ///
    /// - Parameters:
    ///   - profile: The profile that the registry's address names.
    ///   - environment: The environment's variables.
    ///   - settings: How requests are sent.
    /// - Throws: `RegistryError` when the address cannot be used.
    package init(
        profile: String?, environment: [String: String], settings: HTTPSettings = HTTPSettings()
    ) throws(RegistryError) {
        credentials = Result { () throws(HTTPError) in
            try ResolvedCredentials(
                profile: profile, environment: environment, readFile: CredentialFiles.read)
        }
        if case .failure(let error) = credentials, profile?.contains(":") == true {
            throw RegistryError(error)
        }
        host =
            (try? credentials.get().host)
            ?? ResolvedCredentials.host(
                profile: profile, environment: environment, readFile: CredentialFiles.read)
        attempts = ResolvedCredentials.attempts(
            profile: profile, environment: environment, readFile: CredentialFiles.read)
        options = TransportOptions(environment: environment)
        self.settings = settings.probing
    }

    package func run(for scope: HealthCheckScope) async -> [HealthCheckResult] {
        guard let host else {
            let reason = "no workspace is known"
            return [.skip(.reachability, reason), .skip(.clock, reason), .skip(.server, reason)]
                + [credentialsResult] + skipped(reason)
        }
        let exchange: any HTTPExchange
        let probe: HTTPClient.Probe
        do throws(HTTPError) {
            try options.check(for: host)
            exchange = try settings.connect(options)
            // What the workspace says of itself requires no credentials.
            let client = HTTPClient(
                exchange: exchange, authorizer: FixedAuthorizer(),
                service: ServiceDescription(name: "Databricks", credentialsHint: ""), settings: settings)
            probe = try await client.probe(
                HTTPRequest(.get, host.appending(".well-known/databricks-config")))
        } catch {
            let reason = HealthCheckResult.reason(error)
            return [.unreachable(RegistryError(error)), .skip(.clock, reason), .skip(.server, reason)]
                + [credentialsResult] + skipped(reason)
        }
        let reached: [HealthCheckResult] = [.reachable(host, probe), .clock(probe)]
        guard case .success(let credentials) = credentials else {
            let reason = "there are no credentials to send requests with"
            return reached + [.skip(.server, reason), credentialsResult] + skipped(reason)
        }
        let (client, authorizer) = credentials.client(over: exchange, settings)
        if credentials.method.isProgram, let error = await failure(of: authorizer) {
            let reason = "there is no token to send requests with"
            return reached + [.skip(.server, reason), .fail(.credentials, RegistryError(error))]
                + skipped(reason)
        }
        let checks = UnityCatalogAccessChecks(api: UnityCatalogAPI(host: host, client: client))
        let results = await checks.results(for: scope)
        return reached + results.prefix(1) + [result(credentials, await authorizer.method)]
            + results.dropFirst()
    }

    /// Why a program has no token; nil when it has one.
    private func failure(of authorizer: DatabricksAuthorizer) async -> HTTPError? {
        do throws(HTTPError) {
            _ = try await authorizer.headers()
            return nil
        } catch {
            return error
        }
    }

    private func skipped(_ reason: String) -> [HealthCheckResult] {
        HealthCheckResult.skip(.authentication, .schema, .reading, .writing, because: reason)
    }

    /// Which credentials there are, and where.
    private var credentialsResult: HealthCheckResult {
        switch credentials {
        case .failure(let error):
            var told = RegistryError(error)
            if !attempts.isEmpty { told.message += "; looked for: " + attempts.joined(separator: "; ") }
            return .fail(.credentials, told)
        case .success(let credentials): return result(credentials, nil)
        }
    }

    /// What is used, which is not the first choice where that turned out to have no token.
    private func result(
        _ credentials: ResolvedCredentials, _ used: AuthenticationMethod?
    ) -> HealthCheckResult {
        let method = used ?? credentials.method
        var origins: [String] = []
        for source in credentials.sources(of: method) where !origins.contains(source.origin) {
            origins.append(source.origin)
        }
        let other = method == credentials.method ? "" : "; \(credentials.method.rawValue) has no token"
        return .ok(
            .credentials, "\(method.rawValue): \(origins.joined(separator: ", "))\(other)")
    }
}
