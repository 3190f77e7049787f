package import HTTP
import MLflowServer
package import Prompts

/// Checks whether runs can use an MLflow server.
package struct MLflowServerCheck: HealthCheck {
    private let base: HTTPURL
    private let found: Result<MLflowSettings, HTTPError>
    private let settings: HTTPSettings

    /// A check of the server that a registry of the same arguments would use; nothing is sent yet.
    ///
    /// - Parameters:
    ///   - url: `http(s)://HOST[:PORT][/PATH]`.
    ///   - environment: The environment's variables.
    ///   - settings: How requests are sent.
    /// - Throws: `RegistryError` when the address cannot be used.
    package init(
        url: String, environment: [String: String], settings: HTTPSettings = HTTPSettings()
    ) throws(RegistryError) {
        do { base = try MLflowSettings.base(url) } catch { throw RegistryError(error) }
        found = Result { () throws(HTTPError) in try MLflowSettings(environment: environment) }
        self.settings = settings.probing
    }

    package func run(for scope: HealthCheckScope) async -> [HealthCheckResult] {
        let credentials = credentials
        do throws(HTTPError) {
            let found = try found.get()
            let client = try found.client(for: base, settings)
            return try await ServerChecks(base: base, settings: found, client: client)
                .results(credentials: credentials)
        } catch {
            let reason = HealthCheckResult.reason(error)
            let reachability: HealthCheckResult =
                credentials.status == .fail
                ? .skip(.reachability, reason) : .unreachable(RegistryError(error))
            return [reachability, .skip(.clock, reason), .skip(.server, reason), credentials]
                + HealthCheckResult.skip(.authentication, .reading, .writing, because: reason)
        }
    }

    /// Which credentials there are, and where.
    private var credentials: HealthCheckResult {
        let settings: MLflowSettings
        do throws(HTTPError) {
            settings = try found.get()
        } catch {
            if error.code == .unauthenticated { return .fail(.credentials, RegistryError(error)) }
            return .skip(.credentials, "the environment's settings cannot be used")
        }
        let unused = settings.unusedOrigins.joined(separator: " and ")
        guard !settings.origins.isEmpty else {
            if unused.isEmpty { return .ok(.credentials, "none were found; requests are sent without any") }
            return .warn(
                .credentials, "\(unused) is not enough by itself; requests are sent without credentials",
                hint: MLflowSettings.service.credentialsHint)
        }
        let origins = settings.origins.joined(separator: " and ")
        if let problem = settings.problemWithCredentials {
            return .fail(.credentials, RegistryError(problem))
        }
        return .ok(.credentials, origins + (unused.isEmpty ? "" : "; \(unused) is ignored"))
    }
}

/// The checks that send requests.
private struct ServerChecks: Sendable {
    let base: HTTPURL
    let settings: MLflowSettings
    let client: HTTPClient
    let address: MLflowAddress

    init(base: HTTPURL, settings: MLflowSettings, client: HTTPClient) {
        self.base = base
        self.settings = settings
        self.client = client
        address = MLflowAddress(base, client: client, headers: settings.headers)
    }

    /// The results, with that of the credentials among them.
    func results(credentials: HealthCheckResult) async throws(HTTPError) -> [HealthCheckResult] {
        // The version is asked for without credentials, so that the answer does not depend on them.
        let probe = try await client.probe(versionRequest)
        var failure = await searchFailure()
        let version = await version(probe, failure)
        if failure == nil, version == nil, await answersAnything() {
            failure = HTTPError(
                .wrongService, "\(base.origin) is no MLflow server: it has an answer to whatever it is asked")
        }
        return [.reachable(base, probe), .clock(probe), server(version, failure), credentials]
            + (await access(probe, failure, isMLflow: version != nil))
    }

    private var versionRequest: HTTPRequest {
        HTTPRequest(.get, base.appending("version"), headers: settings.headers)
    }

    /// Searches for a prompt; nil when that worked.
    private func searchFailure() async -> HTTPError? {
        let query = [("filter", "tag.`\(ReservedTag.isPrompt)` = 'true'"), ("max_results", "1")]
        do {
            _ = try await address.read("registered-models/search", query, as: Acknowledgement.self)
            return nil
        } catch {
            return error
        }
    }

    /// Whether a model that nobody made is known, as to a service that answers everything with some JSON.
    private func answersAnything() async -> Bool {
        let query = [("name", "promptreg_asks_for_what_nobody_made")]
        return (try? await address.read("registered-models/get", query, as: Acknowledgement.self)) != nil
    }

    // MARK: - What it is

    private func server(_ version: MLflowVersion?, _ failure: HTTPError?) -> HealthCheckResult {
        if let version { return .version(version) }
        guard let failure else { return .ok(.server, "it has MLflow's API, and does not say its version") }
        guard failure.isFromOtherService else { return .skip(.server, "it does not say its version") }
        var error = RegistryError(failure)
        error.code = .notARegistry
        return .fail(.server, error, hint: "check the registry's address")
    }

    /// The version, asked for with credentials where the server requires and accepts them.
    private func version(_ probe: HTTPClient.Probe, _ failure: HTTPError?) async -> MLflowVersion? {
        if let version = MLflowVersion(probe.response) { return version }
        if probe.isRefused, settings.origins.isEmpty || failure?.status == 401 { return nil }
        return failure == nil || probe.isRefused ? await address.version() : nil
    }

    // MARK: - What may be done

    /// Whether the server accepts the credentials, and what it allows.
    private func access(
        _ probe: HTTPClient.Probe, _ failure: HTTPError?, isMLflow: Bool
    ) async -> [HealthCheckResult] {
        let unknown = "an MLflow server does not say before something is written"
        guard let failure else {
            let user = probe.isRefused ? await user() : nil
            let name = user.map { " as \($0.username)" } ?? ""
            return [
                .ok(
                    .authentication,
                    probe.isRefused
                        ? "the server accepts the credentials\(name)" : "the server requires none"),
                .ok(.reading, "prompts can be searched for"),
                user?.isAdmin == true
                    ? .ok(.writing, "\(user?.username ?? "the user") is an administrator of the server")
                    : .skip(.writing, unknown),
            ]
        }
        var error = RegistryError(failure)
        if failure.isFromOtherService {
            let reason = "MLflow's API does not answer"
            // Where it is known to be MLflow, what it is has not failed.
            return [
                .skip(.authentication, reason),
                isMLflow ? .fail(.reading, error) : .skip(.reading, reason), .skip(.writing, reason),
            ]
        }
        if failure.status == 401 || failure.code == .invalidAddress {
            if error.code == .unauthenticated, !settings.origins.isEmpty {
                error.hint = "check \(settings.origins.joined(separator: " and "))"
            }
            return [.fail(.authentication, error)]
                + HealthCheckResult.skip(
                    .reading, .writing, because: "the server does not accept the credentials")
        }
        return [
            .skip(.authentication, "the server does not say whether it accepts the credentials"),
            failure.code == .permissionDenied
                ? .fail(.reading, error, hint: "have its administrator allow reading registered models")
                : .unexpected(.reading, error),
            .skip(.writing, unknown),
        ]
    }

    /// The user that the credentials are of; nil where the server does not say.
    private func user() async -> CurrentUser.User? {
        try? await address.read("users/current", as: CurrentUser.self).user
    }

    /// The user, as MLflow's basic authentication describes it.
    private struct CurrentUser: Decodable {
        struct User: Decodable {
            let username: String
            let isAdmin: Bool?
        }

        let user: User
    }
}

extension HTTPClient.Probe {
    /// Whether the server requires credentials.
    fileprivate var isRefused: Bool { response.status == 401 || response.status == 403 }
}

extension HTTPError {
    /// Whether something else than an MLflow server answered: that would have refused a search in other words.
    fileprivate var isFromOtherService: Bool {
        code == .wrongService || (status == 404 && apiCode != "RESOURCE_DOES_NOT_EXIST")
    }
}
