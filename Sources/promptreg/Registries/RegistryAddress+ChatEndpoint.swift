import ChatModels
import HTTP
import Prompts
import UnityCatalog

extension RegistryAddress {
    /// The endpoint that answers for models: one that a flag names, else that of the registry's workspace, else that of
    /// the environment.
    ///
    /// - Parameters:
    ///   - url: The flag's.
    ///   - environment: The environment variables.
    ///   - settings: How requests are sent.
    /// - Returns: The endpoint; nothing is sent yet.
    /// - Throws: `HTTPError` where none is named, or it cannot be used.
    func chatEndpoint(
        _ url: String?, _ environment: [String: String], _ settings: HTTPSettings
    ) throws(HTTPError) -> ChatEndpoint {
        guard url == nil, case .unityCatalog(let profile) = self else {
            return try ChatEndpoint.ofEnvironment(environment, settings, url: url)
        }
        let found = try ResolvedCredentials(
            profile: profile, environment: environment, readFile: CredentialFiles.read)
        let options = TransportOptions(environment: environment)
        try options.check(for: found.host)
        let client = found.client(over: try settings.connect(options), settings).client
        return ChatEndpoint(base: found.host.appending("serving-endpoints"), client: client)
    }
}
