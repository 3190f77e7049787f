import FoundationEssentials
package import PromptRegistry

extension MLflowServerRegistry {
    /// A registry, reached as the environment says; it is not asked anything yet.
    ///
    /// - Parameters:
    ///   - url: `http(s)://HOST[:PORT][/PATH]`.
    ///   - environment: The environment's variables.
    ///   - deadline: Until when a run goes on trying.
    ///   - allowsInsecure: Whether credentials may cross a network in plain text.
    ///   - onAttempt: Told of every request that was sent, from any task.
    /// - Throws: `RegistryError` when the address or the environment's settings cannot be used.
    package convenience init(
        url: String, environment: [String: String], deadline: RunDeadline = RunDeadline(),
        allowsInsecure: Bool = false, onAttempt: (@Sendable (HTTPAttempt) -> Void)? = nil
    ) throws(RegistryError) {
        let settings = try MLflowSettings(environment: environment)
        let exchange = try CurlExchange(settings.transport).observed(by: onAttempt)
        let client = HTTPClient(
            exchange: exchange, authorizer: FixedAuthorizer(settings.credentials),
            service: MLflowSettings.service, deadline: deadline, allowsInsecure: allowsInsecure)
        self.init(base: try HTTPURL(url), client: client, headers: settings.headers)
    }
}

/// How MLflow's environment variables say to reach a server (`mlflow.utils.credentials` of MLflow 3.17.2).
struct MLflowSettings: Sendable {
    var credentials: [CredentialHeader] = []
    var headers: [String: String] = [:]
    var transport: TransportOptions

    static let service = ServiceDescription(
        name: "the MLflow server",
        credentialsHint:
            "set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN")

    /// The settings.
    ///
    /// - Parameter environment: The environment's variables; `HOME` says where `.mlflow/credentials` is.
    /// - Throws: `RegistryError` when they contradict each other.
    init(environment: [String: String]) throws(RegistryError) {
        func variable(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        transport = TransportOptions(environment: environment)
        if let path = variable("MLFLOW_TRACKING_SERVER_CERT_PATH") { transport.authorities = path }
        transport.clientCertificate = variable("MLFLOW_TRACKING_CLIENT_CERT_PATH")
        if let value = variable("MLFLOW_TRACKING_INSECURE_TLS") {
            switch value.lowercased() {
            case "true", "1": transport.verifiesServer = false
            case "false", "0": break
            default:
                throw RegistryError(.invalidValue, "MLFLOW_TRACKING_INSECURE_TLS is neither true nor false")
            }
        }
        if !transport.verifiesServer, variable("MLFLOW_TRACKING_SERVER_CERT_PATH") != nil {
            throw RegistryError(
                .invalidValue,
                "MLFLOW_TRACKING_INSECURE_TLS and MLFLOW_TRACKING_SERVER_CERT_PATH contradict each other",
                hint: "unset one of them")
        }
        let file = CredentialsFile(home: variable("HOME"))
        // Each part may come from either place, as in MLflow; a token counts only without both.
        let username = variable("MLFLOW_TRACKING_USERNAME") ?? file["mlflow_tracking_username"]
        let password = variable("MLFLOW_TRACKING_PASSWORD") ?? file["mlflow_tracking_password"]
        if let username, let password {
            let pair = Data("\(username):\(password)".utf8).base64EncodedString()
            credentials = [CredentialHeader("Authorization", Secret("Basic " + pair))]
        } else if let token = variable("MLFLOW_TRACKING_TOKEN") {
            credentials = [CredentialHeader("Authorization", Secret("Bearer " + token))]
        }
        if let workspace = variable("MLFLOW_WORKSPACE")?.trimmed, !workspace.isEmpty {
            headers["X-MLFLOW-WORKSPACE"] = workspace
        }
    }

    /// `~/.mlflow/credentials`: the section `mlflow` of an INI file.
    private struct CredentialsFile {
        private var values: [String: String] = [:]

        init(home: String?) {
            guard let home, let data = try? Data(contentsOf: .init(filePath: home + "/.mlflow/credentials"))
            else { return }
            var isInSection = false
            for line in String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline) {
                let line = line.trimmed
                if line.hasPrefix("[") {
                    isInSection = line == "[mlflow]"
                } else if isInSection, !line.hasPrefix("#"), !line.hasPrefix(";"),
                    let separator = line.firstIndex(where: { $0 == "=" || $0 == ":" })
                {
                    let value = line[line.index(after: separator)...].trimmed
                    values[line[..<separator].trimmed.lowercased()] = value
                }
            }
        }

        subscript(_ key: String) -> String? { values[key].flatMap { $0.isEmpty ? nil : $0 } }
    }
}

extension StringProtocol {
    /// The text without white space around it.
    fileprivate var trimmed: String {
        String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}
