import FoundationEssentials
package import HTTP
import Support

/// How MLflow's environment variables say to reach a server, as in `mlflow.utils.credentials` of MLflow 3.17.2.
package struct MLflowSettings: Sendable {
    /// The header with the credentials, if any; a signature is none of these.
    private(set) var credentials: [CredentialHeader] = []
    /// Where the credentials are from, such as `MLFLOW_TRACKING_TOKEN`.
    package private(set) var origins: [String] = []
    /// Where parts of credentials were found that are not used.
    package private(set) var unusedOrigins: [String] = []
    /// What must not be shown of the credentials, wherever they come from.
    package var secrets: [Secret] {
        credentials.map(\.value) + (aws.map { [$0.key] + [$0.sessionToken].compactMap(\.self) } ?? [])
    }
    /// The headers that every request has besides its credentials.
    package private(set) var headers: [String: String] = [:]
    private(set) var transport: TransportOptions
    /// What requests are signed with, where they are.
    private var aws: AWSCredentials?
    /// Whether a part of the credentials has a control character.
    private var isBroken = false

    /// The header that selects a workspace of the server.
    static let workspaceHeader = "X-MLFLOW-WORKSPACE"

    /// The file that may have a user name and password.
    private static let file = "~/.mlflow/credentials"

    /// How errors describe the server.
    package static let service = ServiceDescription(
        name: "the MLflow server",
        credentialsHint:
            "check, or set, MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN",
        permissionHint: "ask for EDIT on the registered models of these names; READ is enough to read them",
        disabledHint: "unset MLFLOW_WORKSPACE, or have workspaces enabled on the server",
        // A violated unique key on SQLite, PostgreSQL, MySQL and SQL Server, which MLflow tells as a bad request.
        conflictMarks: [
            "UNIQUE constraint failed", "duplicate key value violates unique constraint", "Duplicate entry",
            "Cannot insert duplicate key",
            // Another client deleted it between the server's read and its write.
            "expected to update 1 row(s); 0 were matched", "expected to delete 1 row(s); 0 were matched",
        ],
        // SQLAlchemy has waited for a connection to the database.
        busyMarks: ["QueuePool limit"])

    /// The settings.
    ///
    /// - Parameter environment: The environment's variables; `HOME` says where `.mlflow/credentials` is.
    /// - Throws: `HTTPError` with `.invalidAddress` when they contradict each other or are not supported, and with
    ///   `.unauthenticated` when the credentials file cannot be read.
    package init(environment: [String: String]) throws(HTTPError) {
        let variable = environment.variable
        transport = TransportOptions(environment: environment)
        if let path = variable("MLFLOW_TRACKING_SERVER_CERT_PATH") {
            transport.authorities = path
            transport.namedFiles = ["MLFLOW_TRACKING_SERVER_CERT_PATH": path]
        }
        transport.clientCertificate = variable("MLFLOW_TRACKING_CLIENT_CERT_PATH")
        transport.namedFiles["MLFLOW_TRACKING_CLIENT_CERT_PATH"] = transport.clientCertificate
        transport.verifiesServer = !(try Self.flag("MLFLOW_TRACKING_INSECURE_TLS", environment))
        if !transport.verifiesServer, variable("MLFLOW_TRACKING_SERVER_CERT_PATH") != nil {
            throw HTTPError(
                .invalidAddress,
                "MLFLOW_TRACKING_INSECURE_TLS and MLFLOW_TRACKING_SERVER_CERT_PATH contradict each other",
                hint: "unset one of them")
        }
        // As in MLflow, a signature takes the place of a password or a token, and of what a plugin would do.
        let isSigned = try Self.flag("MLFLOW_TRACKING_AWS_SIGV4", environment)
        try findCredentials(variable, needsFile: !isSigned)
        if isSigned {
            let keys = try AWSCredentials(environment: environment)
            unusedOrigins = origins + unusedOrigins
            (aws, credentials, origins, isBroken) = (keys, [], keys.origins, keys.isBroken)
        } else if let plugin = variable("MLFLOW_TRACKING_AUTH") {
            throw Self.unsupported(plugin)
        }
        if let workspace = variable("MLFLOW_WORKSPACE")?.trimmed(), !workspace.isEmpty {
            guard !workspace.hasControlCharacter else {
                throw HTTPError(
                    .invalidAddress, "MLFLOW_WORKSPACE has a line break or another control character",
                    hint: "set it to the workspace's name")
            }
            headers[Self.workspaceHeader] = workspace
        }
    }

    /// Finds the credentials. As in MLflow, each part may come from the environment or the file, and a token is used
    /// only without a complete pair.
    private mutating func findCredentials(
        _ variable: (String) -> String?, needsFile: Bool
    ) throws(HTTPError) {
        let names = ["MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD"]
        let token = variable("MLFLOW_TRACKING_TOKEN").map { ($0, "MLFLOW_TRACKING_TOKEN") }
        var file: [String: Secret] = [:]
        if names.contains(where: { variable($0) == nil }) {
            file = try Self.credentialsFile(home: variable("HOME"), isNeeded: needsFile && token == nil)
        }
        let basic = names.compactMap { name in
            variable(name).map { ($0, name) }
                ?? file[name.lowercased()].map { ($0.reveal(), "\(name.lowercased()) in \(Self.file)") }
        }
        if basic.count == 2 {
            let pair = Data("\(basic[0].0):\(basic[1].0)".utf8).base64EncodedString()
            credentials = [CredentialHeader("Authorization", Secret("Basic " + pair))]
            (origins, unusedOrigins) = (basic.map(\.1), token.map { [$0.1] } ?? [])
        } else {
            if let token {
                credentials = [CredentialHeader("Authorization", Secret("Bearer " + token.0))]
                origins = [token.1]
            }
            unusedOrigins = basic.map(\.1)
        }
        isBroken = (basic + [token].compactMap(\.self)).contains { $0.0.hasControlCharacter }
    }

    /// The server's address.
    ///
    /// - Parameter url: `http(s)://HOST[:PORT][/PATH]`.
    /// - Returns: The address.
    /// - Throws: `HTTPError` with `.invalidAddress`; a query may be a credential, and is not quoted.
    package static func base(_ url: String) throws(HTTPError) -> HTTPURL {
        let base = try HTTPURL(url)
        guard base.query.isEmpty else {
            throw HTTPError(
                .invalidAddress, "the server's address cannot be used: it has a query",
                hint: "write http(s)://HOST[:PORT][/PATH]")
        }
        return base
    }

    /// A client for the server.
    ///
    /// - Parameters:
    ///   - base: The server's address.
    ///   - settings: How requests are sent.
    /// - Returns: The client; nothing is sent yet.
    /// - Throws: `HTTPError` when the files that the environment names cannot be read.
    package func client(for base: HTTPURL, _ settings: HTTPSettings) throws(HTTPError) -> HTTPClient {
        try transport.check(for: base)
        return HTTPClient(
            exchange: try settings.connect(transport), authorizer: authorizer(settings.clock),
            service: Self.service, settings: settings)
    }

    private func authorizer(_ clock: WaitingClock) -> any Authorizer {
        guard let aws else { return FixedAuthorizer(credentials) }
        return AWSSignature(credentials: aws, clock: clock)
    }

    /// Why the credentials cannot be sent; nil when they can, or there are none.
    package var problemWithCredentials: HTTPError? {
        guard isBroken, !origins.isEmpty else { return nil }
        return HTTPError(
            .unauthenticated,
            "\(origins.joined(separator: " and ")) has a line break or another control character",
            hint: "set it again, without the line break at its end")
    }

    /// A variable that is true or false, and false when it is not set.
    private static func flag(
        _ name: String, _ environment: [String: String]
    ) throws(HTTPError) -> Bool {
        switch environment[name]?.lowercased() {
        case "true", "1": return true
        case nil, "", "false", "0": return false
        default:
            throw HTTPError(
                .invalidAddress, "\(name) is neither true nor false",
                hint: "set it to either, or unset it")
        }
    }

    /// The values of the file's section `mlflow`, without empty ones; like MLflow, without the file where it is not
    /// needed and cannot be read.
    private static func credentialsFile(
        home: String?, isNeeded: Bool
    ) throws(HTTPError) -> [String: Secret] {
        guard let home else { return [:] }
        let text: String?
        do throws(HTTPError) {
            text = try CredentialFiles.read(home + file.dropFirst())
        } catch {
            if isNeeded { throw error }
            return [:]
        }
        guard let text else { return [:] }
        let sections = try INIFile(text, path: file).sections
        guard let section = sections["mlflow"] else { return [:] }
        // As in Python, a section inherits from the section DEFAULT.
        return section.merging(sections["DEFAULT"] ?? [:]) { own, _ in own }
            .filter { !$0.value.reveal().isEmpty }
            .mapValues { value in
                // In Python, a literal percent sign is written twice.
                let parts = value.reveal().split(separator: "%%", omittingEmptySubsequences: false)
                return Secret(parts.joined(separator: "%"))
            }
    }

    /// The error for a plugin: MLflow imports it into its own process of Python, where it may do anything.
    private static func unsupported(_ plugin: String) -> HTTPError {
        let isKubernetes = plugin == "kubernetes" || plugin == "kubernetes-namespaced"
        let token = "/var/run/secrets/kubernetes.io/serviceaccount/token"
        let namespace = plugin == "kubernetes" ? "" : ", and MLFLOW_WORKSPACE to the namespace"
        return HTTPError(
            .invalidAddress,
            "MLFLOW_TRACKING_AUTH asks for MLflow's plugin '\(plugin)', which only Python can run: promptreg does not support it",
            hint: isKubernetes
                ? "unset it, and set MLFLOW_TRACKING_TOKEN to the service account's token, \(token)\(namespace)"
                : "unset it, and set MLFLOW_TRACKING_TOKEN to a token that the plugin would send, if there is one"
        )
    }
}
