import ChatModels
import HTTP
import Prompts
import UnityCatalog

/// Which endpoint answers for models, and with which credentials.
struct ChatAccess {
    private enum Endpoint {
        case openAI(url: String, key: String?)
        case databricks(profile: String?)
    }

    private let endpoint: Endpoint
    private let environment: [String: String]

    private static let usual = "https://api.openai.com/v1"

    /// The endpoint that a flag names, else that of the registry's workspace, else that of the environment.
    ///
    /// - Parameters:
    ///   - url: The flag's.
    ///   - registry: The registry's address.
    ///   - environment: The environment variables.
    /// - Throws: `RegistryError` where none is named.
    init(
        endpoint url: String?, registry: RegistryAddress, _ environment: [String: String]
    ) throws(RegistryError) {
        self.environment = environment
        let value = { (name: String) in environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        let key = value("OPENAI_API_KEY")
        if let url {
            endpoint = .openAI(url: url, key: key)
        } else if case .unityCatalog(let profile) = registry {
            endpoint = .databricks(profile: profile)
        } else if let url = value("OPENAI_BASE_URL") ?? key.map({ _ in Self.usual }) {
            endpoint = .openAI(url: url, key: key)
        } else {
            throw RegistryError(
                .invalidAddress, "no endpoint of a model is named",
                hint: "pass --endpoint URL, or set OPENAI_BASE_URL and OPENAI_API_KEY")
        }
    }

    /// The endpoint; nothing is sent yet.
    ///
    /// - Parameter settings: How requests are sent.
    /// - Returns: The endpoint.
    /// - Throws: `HTTPError` where the settings of the environment cannot be used.
    func open(_ settings: HTTPSettings) throws(HTTPError) -> ChatEndpoint {
        let options = TransportOptions(environment: environment)
        switch endpoint {
        case .openAI(let url, let key):
            let base = try HTTPURL(url)
            try options.check(for: base)
            let credentials = key.map { [CredentialHeader("Authorization", Secret("Bearer " + $0))] }
            return ChatEndpoint(
                base: base,
                client: HTTPClient(
                    exchange: try settings.connect(options),
                    authorizer: FixedAuthorizer(credentials ?? []), service: ChatEndpoint.service,
                    settings: settings))
        case .databricks(let profile):
            let found = try ResolvedCredentials(
                profile: profile, environment: environment, readFile: CredentialFiles.read)
            try options.check(for: found.host)
            let client = found.client(over: try settings.connect(options), settings).client
            return ChatEndpoint(base: found.host.appending("serving-endpoints"), client: client)
        }
    }
}
