package import Prompts

/// Finds out whether runs can use Unity Catalog.
package struct UnityCatalogExamination: ExaminableRegistry {
    private let credentials: Result<ResolvedCredentials, RegistryError>
    /// The workspace, which may be known where there are no credentials for it.
    private let host: HTTPURL?
    private let exchange: Result<any HTTPExchange, RegistryError>
    private let deadline: RunDeadline
    private let clock: WaitingClock
    private let allowsInsecure: Bool

    /// An examination of the workspace that a registry of the same arguments would ask; nothing is asked yet.
    ///
    /// - Parameters:
    ///   - profile: The profile that the registry's address names.
    ///   - environment: The environment's variables.
    ///   - deadline: Until when to go on trying.
    ///   - allowsInsecure: Whether credentials may cross a network in plain text.
    ///   - onAttempt: Told of every request that was sent, from any task.
    /// - Throws: `RegistryError` when the address cannot be used.
    package init(
        profile: String?, environment: [String: String], deadline: RunDeadline, allowsInsecure: Bool = false,
        onAttempt: (@Sendable (HTTPAttempt) -> Void)? = nil
    ) throws(RegistryError) {
        let options = TransportOptions(environment: environment)
        var exchange: Result<any HTTPExchange, RegistryError>
        do throws(RegistryError) {
            exchange = .success(try CurlExchange(options).observed(by: onAttempt))
        } catch {
            exchange = .failure(error)
        }
        try self.init(
            profile: profile, environment: environment, readFile: CredentialFiles.read, exchange: exchange,
            options: options, deadline: deadline, allowsInsecure: allowsInsecure)
    }

    init(
        profile: String?, environment: [String: String],
        readFile: (String) throws(RegistryError) -> String?,
        exchange: Result<any HTTPExchange, RegistryError>, options: TransportOptions = TransportOptions(),
        deadline: RunDeadline = RunDeadline(), clock: WaitingClock = .system, allowsInsecure: Bool = false
    ) throws(RegistryError) {
        do throws(RegistryError) {
            let found = try ResolvedCredentials(
                profile: profile, environment: environment, readFile: readFile)
            credentials = .success(found)
            host = found.host
        } catch {
            if profile?.contains(":") == true { throw error }
            credentials = .failure(error)
            let settings = try? DatabricksSettings(
                profile: profile, environment: environment, readFile: readFile)
            host = settings?[.host].flatMap { try? ResolvedCredentials.url(ofHost: $0) }
        }
        var exchange = exchange
        do throws(RegistryError) {
            if let host { try options.check(for: host) }
        } catch {
            exchange = .failure(error)
        }
        self.exchange = exchange
        self.deadline = deadline
        self.clock = clock
        self.allowsInsecure = allowsInsecure
    }

    package func examine(_ scope: ExaminationScope) async -> [RegistryFinding] {
        guard let host else {
            let unasked = "no workspace is known"
            return [.skip(.reachability, unasked), .skip(.clock, unasked), .skip(.server, unasked), found]
                + skipped(unasked)
        }
        let answer: ServerProbe.Answer
        do throws(RegistryError) {
            answer = try await ask(host)
        } catch {
            let unasked = "nothing could be asked"
            return [.unreachable(error), .skip(.clock, unasked), .skip(.server, unasked), found]
                + skipped(unasked)
        }
        let reached = [answer.reachability(of: host), answer.clock]
        guard case .success(let exchange) = exchange, case .success(let credentials) = credentials else {
            let reason = "there are no credentials to ask with"
            return reached + [.skip(.server, reason), found] + skipped(reason)
        }
        let inquiry = UnityCatalogInquiry(
            credentials, exchange: exchange, deadline: deadline, clock: clock, allowsInsecure: allowsInsecure)
        let told = await inquiry.findings(scope)
        return reached + told.prefix(1) + [found] + told.dropFirst()
    }

    private func skipped(_ reason: String) -> [RegistryFinding] {
        let checks: [RegistryFinding.Check] = [.authentication, .schema, .reading, .writing]
        return checks.map { .skip($0, reason) }
    }

    /// Asks the workspace what it says of itself, which takes no credentials.
    private func ask(_ host: HTTPURL) async throws(RegistryError) -> ServerProbe.Answer {
        let service = ServiceDescription(name: "Databricks", credentialsHint: "")
        let probe = ServerProbe(
            exchange: try exchange.get(), service: service, policy: .probing, deadline: deadline, clock: clock
        )
        do {
            return try await probe.ask(HTTPRequest(.get, host.appending(".well-known/databricks-config")))
        } catch {
            throw error.error
        }
    }

    /// Which credentials there are, and where.
    private var found: RegistryFinding {
        switch credentials {
        case .failure(let error): return .fail(.credentials, error)
        case .success(let credentials):
            var origins: [String] = []
            for source in credentials.sources where !origins.contains(source.origin) {
                origins.append(source.origin)
            }
            return .ok(.credentials, "\(credentials.method.rawValue): \(origins.joined(separator: ", "))")
        }
    }
}
