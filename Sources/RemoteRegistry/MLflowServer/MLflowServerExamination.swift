package import Prompts

/// Finds out whether runs can use an MLflow server.
package struct MLflowServerExamination: ExaminableRegistry {
    private let base: HTTPURL
    private let settings: Result<MLflowSettings, RegistryError>
    private let exchange: Result<any HTTPExchange, RegistryError>
    private let deadline: RunDeadline
    private let allowsInsecure: Bool
    private let clock: WaitingClock

    /// An examination of the server that a registry of the same arguments would ask; nothing is asked yet.
    ///
    /// - Parameters:
    ///   - url: `http(s)://HOST[:PORT][/PATH]`.
    ///   - environment: The environment's variables.
    ///   - deadline: Until when to go on trying.
    ///   - allowsInsecure: Whether credentials may cross a network in plain text.
    ///   - onAttempt: Told of every request that was sent, from any task.
    /// - Throws: `RegistryError` when the address cannot be used.
    package init(
        url: String, environment: [String: String], deadline: RunDeadline, allowsInsecure: Bool = false,
        onAttempt: (@Sendable (HTTPAttempt) -> Void)? = nil
    ) throws(RegistryError) {
        let base = try MLflowSettings.base(url)
        var exchange: Result<any HTTPExchange, RegistryError>
        var settings: Result<MLflowSettings, RegistryError>
        do throws(RegistryError) {
            let found = try MLflowSettings(environment: environment)
            settings = .success(found)
            do throws(RegistryError) {
                try found.transport.check(for: base)
                exchange = .success(try CurlExchange(found.transport).observed(by: onAttempt))
            } catch {
                exchange = .failure(error)
            }
        } catch {
            settings = .failure(error)
            exchange = .failure(error)
        }
        self.init(
            base: base, settings: settings, exchange: exchange, deadline: deadline,
            allowsInsecure: allowsInsecure)
    }

    init(
        base: HTTPURL, settings: Result<MLflowSettings, RegistryError>,
        exchange: Result<any HTTPExchange, RegistryError>, deadline: RunDeadline = RunDeadline(),
        clock: WaitingClock = .system, allowsInsecure: Bool = false
    ) {
        self.base = base
        self.settings = settings
        self.exchange = exchange
        self.deadline = deadline
        self.clock = clock
        self.allowsInsecure = allowsInsecure
    }

    package func examine(_ scope: ExaminationScope) async -> [RegistryFinding] {
        let credentials = credentials
        do throws(RegistryError) {
            let inquiry = Inquiry(
                base: base, settings: try settings.get(), exchange: try exchange.get(), deadline: deadline,
                allowsInsecure: allowsInsecure, clock: clock)
            let answer = try await inquiry.ask()
            let reading = await inquiry.read()
            return [answer.reachability(of: base), answer.clock, await inquiry.server(answer, reading)]
                + [credentials] + (await inquiry.access(answer, reading))
        } catch {
            let unasked = "nothing could be asked"
            let reachability: RegistryFinding =
                credentials.status == .fail ? .skip(.reachability, unasked) : .unreachable(error)
            return [reachability, .skip(.clock, unasked), .skip(.server, unasked), credentials]
                + [.skip(.authentication, unasked), .skip(.reading, unasked), .skip(.writing, unasked)]
        }
    }

    /// Which credentials there are, and where.
    private var credentials: RegistryFinding {
        let settings: MLflowSettings
        do throws(RegistryError) {
            settings = try self.settings.get()
        } catch {
            if error.code == .unauthenticated { return .fail(.credentials, error) }
            return .skip(.credentials, "the environment's settings cannot be used")
        }
        let unused = settings.unusedOrigins.joined(separator: " and ")
        guard !settings.origins.isEmpty else {
            if unused.isEmpty { return .ok(.credentials, "none were found; requests are sent without") }
            return .warn(
                .credentials, "\(unused) counts for nothing alone; requests are sent without credentials",
                hint: MLflowSettings.service.credentialsHint)
        }
        let origins = settings.origins.joined(separator: " and ")
        if let problem = settings.problemWithCredentials { return .fail(.credentials, problem) }
        return .ok(.credentials, origins + (unused.isEmpty ? "" : "; \(unused) is not used beside"))
    }
}

/// What is asked of a server that can be asked.
private struct Inquiry: Sendable {
    let base: HTTPURL
    let settings: MLflowSettings
    let probe: ServerProbe
    let client: HTTPClient

    /// What came of reading: nil when it went well.
    typealias Reading = RequestFailure?

    init(
        base: HTTPURL, settings: MLflowSettings, exchange: any HTTPExchange, deadline: RunDeadline,
        allowsInsecure: Bool, clock: WaitingClock
    ) {
        self.base = base
        self.settings = settings
        probe = ServerProbe(
            exchange: exchange, service: MLflowSettings.service, policy: .probing, deadline: deadline,
            clock: clock)
        client = HTTPClient(
            exchange: exchange, authorizer: FixedAuthorizer(settings.credentials),
            service: MLflowSettings.service, policy: .probing, deadline: deadline, clock: clock,
            allowsInsecure: allowsInsecure)
    }

    private var versionRequest: HTTPRequest {
        HTTPRequest(.get, base.appending("version"), headers: settings.headers)
    }

    /// Asks for the version, without credentials, so that an answer does not depend on them.
    func ask() async throws(RegistryError) -> ServerProbe.Answer {
        do {
            return try await probe.ask(versionRequest)
        } catch {
            throw error.error
        }
    }

    /// Searches for a prompt.
    func read() async -> Reading {
        let api = MLflowAPI(base: base, client: client, headers: settings.headers)
        do {
            _ = try await api.models("tag.`\(ReservedTag.isPrompt)` = 'true'", limit: 1)
            return nil
        } catch {
            return error
        }
    }

    // MARK: - What it is

    /// What the server is, and its version.
    func server(_ answer: ServerProbe.Answer, _ reading: Reading) async -> RegistryFinding {
        if let version = await version(answer, reading) { return version.finding }
        guard let reading else {
            return .ok(.server, "it has MLflow's API, and does not tell its version")
        }
        if reading.isOfNoRegistry {
            var error = reading.error
            error.code = .notARegistry
            error.hint = error.hint ?? "check the registry's address"
            return .fail(.server, error)
        }
        return .skip(.server, "it did not tell its version")
    }

    /// The version, asked for with the credentials where the server wants them for that, too, and takes them.
    private func version(_ answer: ServerProbe.Answer, _ reading: Reading) async -> MLflowVersion? {
        if let version = MLflowVersion(answer.response) { return version }
        guard answer.isRefused, !settings.credentials.isEmpty, reading?.status != 401,
            let request = try? await client.authorized(versionRequest),
            let second = try? await probe.ask(request)
        else { return nil }
        return MLflowVersion(second.response)
    }

    // MARK: - What may be done

    /// Whether the server takes the credentials, and what it allows.
    func access(_ answer: ServerProbe.Answer, _ reading: Reading) async -> [RegistryFinding] {
        let untold = "an MLflow server does not tell before something is written"
        guard let reading else {
            let user = answer.isRefused ? await user() : nil
            let name = user.map { " as \($0.username)" } ?? ""
            return [
                .ok(
                    .authentication,
                    answer.isRefused ? "the server takes the credentials\(name)" : "the server asks for none"),
                .ok(.reading, "prompts can be searched for"),
                user?.is_admin == true
                    ? .ok(.writing, "\(user?.username ?? "the user") is an administrator of the server")
                    : .skip(.writing, untold),
            ]
        }
        if reading.isOfNoRegistry {
            let reason = "this is no MLflow server"
            return [.skip(.authentication, reason), .skip(.reading, reason), .skip(.writing, reason)]
        }
        if reading.status == 401 || reading.error.code == .invalidAddress {
            var error = reading.error
            if error.code == .unauthenticated, !settings.origins.isEmpty {
                error.hint = "check \(settings.origins.joined(separator: " and "))"
            }
            let reason = "the server does not know who is asking"
            return [.fail(.authentication, error), .skip(.reading, reason), .skip(.writing, reason)]
        }
        return [
            .skip(.authentication, "the server does not say whether it takes the credentials"),
            reading.error.code == .permissionDenied
                ? .fail(
                    .reading, reading.error, hint: "have its administrator allow reading registered models")
                : .unexpected(.reading, reading.error),
            .skip(.writing, untold),
        ]
    }

    /// Who the server takes the client for; nil where it does not tell.
    private func user() async -> CurrentUser.User? {
        let request = HTTPRequest(
            .get, base.appending("api/2.0/mlflow/users/current"), headers: settings.headers)
        return try? await client.send(request, as: CurrentUser.self).user
    }

    /// What MLflow's basic authentication says of whoever asks.
    private struct CurrentUser: Decodable {
        struct User: Decodable {
            let username: String
            let is_admin: Bool?
        }

        let user: User
    }
}

extension ServerProbe.Answer {
    /// Whether the server wants to know first who is asking.
    fileprivate var isRefused: Bool { response.status == 401 || response.status == 403 }
}

extension RequestFailure {
    /// Whether it is of something that is no MLflow server: one would have refused a search in other words.
    fileprivate var isOfNoRegistry: Bool {
        error.code == .notARegistry || (status == 404 && !isMissing)
    }
}
