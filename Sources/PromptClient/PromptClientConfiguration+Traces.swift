import FoundationEssentials
package import HTTP
import MLflowServer
package import Prompts
package import Tracing
import UnityCatalog

extension PromptClientConfiguration {
    /// Whether another experiment is named than MLflow's own.
    package var namesExperiment: Bool { experimentID != nil || experiment != Self().experiment }

    /// Where traces are kept, or why they are not.
    ///
    /// - Returns: The store, or the reason.
    package func traceStore() -> (store: (any TraceStore)?, problem: String?) {
        let address: RegistryAddress
        do throws(RegistryError) {
            address = try trackingAddress()
        } catch {
            return (nil, "no trace is stored, as the tracking address cannot be used: \(error.message)")
        }
        do throws(HTTPError) {
            return (try traceStore(at: address, HTTPSettings(allowsInsecure: allowsInsecureHTTP)), nil)
        } catch {
            return (nil, "no trace is stored: \(error.message)")
        }
    }

    /// Hides in traces what gives access to the registry, and to where traces are kept.
    func mask() -> SecretMask {
        let registry = try? RegistryAddress(
            registry, relativeTo: FileManager.default.currentDirectoryPath)
        let addresses = [registry, try? trackingAddress()].compactMap(\.self)
        var mask = SecretMask(environment: environment)
        mask.add(SecretMask(addresses.flatMap(secrets)))
        return mask
    }

    /// What the environment and files hold for an address.
    private func secrets(for address: RegistryAddress) -> [Secret] {
        switch address {
        case .file: []
        case .server: (try? MLflowSettings(environment: environment))?.secrets ?? []
        case .unityCatalog(let profile):
            ResolvedCredentials.secrets(
                profile: profile, environment: environment, readFile: CredentialFiles.read)
        }
    }

    /// The address of the traces, which MLflow calls `databricks` where that of prompts is `databricks-uc`.
    package func trackingAddress() throws(RegistryError) -> RegistryAddress {
        let place = tracking ?? registry
        let word = "databricks"
        if place == word { return .unityCatalog(profile: nil) }
        if place.hasPrefix(word + "://") {
            return .unityCatalog(profile: String(place.dropFirst(word.count + 3)))
        }
        return try RegistryAddress(place, relativeTo: FileManager.default.currentDirectoryPath)
    }

    private func traceStore(
        at address: RegistryAddress, _ settings: HTTPSettings
    ) throws(HTTPError) -> any TraceStore {
        let experiment = experimentID.map(TraceExperiment.id) ?? .name(experiment)
        let owners = TraceOwners(run: runID, model: modelID)
        switch address {
        case .file(let path): return FileTraceStore(path: path, experiment: experiment, owners: owners)
        case .server(let url):
            return try RemoteTraceStore(
                url: url, experiment: experiment, owners: owners, environment: environment,
                settings: settings)
        case .unityCatalog(let profile):
            let (credentials, exchange) = try workspace(profile, settings)
            let service = ServiceDescription(
                name: "the storage of traces",
                credentialsHint: "the workspace gave an address that is refused")
            return RemoteTraceStore(
                workspace: credentials.host, client: credentials.client(over: exchange, settings).client,
                storage: HTTPClient(
                    exchange: exchange, authorizer: FixedAuthorizer(), service: service, settings: settings),
                experiment: experiment, owners: owners)
        }
    }

    /// A workspace of Databricks, and what sends requests to it.
    private func workspace(
        _ profile: String?, _ settings: HTTPSettings
    ) throws(HTTPError) -> (credentials: ResolvedCredentials, exchange: any HTTPExchange) {
        let credentials = try ResolvedCredentials(
            profile: profile, environment: environment, readFile: CredentialFiles.read)
        let options = TransportOptions(environment: environment)
        try options.check(for: credentials.host)
        return (credentials, try settings.connect(options))
    }

    /// What reads the traces that are kept at an address.
    ///
    /// - Parameters:
    ///   - address: The address, such as `trackingAddress()`.
    ///   - settings: How requests are sent to a server.
    /// - Returns: The reader; nothing is sent yet.
    /// - Throws: `HTTPError` when the settings cannot be used.
    package func traceReader(
        at address: RegistryAddress, _ settings: HTTPSettings
    ) throws(HTTPError) -> any TraceReader {
        switch address {
        case .file(let path): return FileTraceReader(path: path)
        case .server(let url):
            return try ServerTraceReader(url: url, environment: environment, settings: settings)
        case .unityCatalog(let profile):
            let (credentials, exchange) = try workspace(profile, settings)
            return ServerTraceReader(
                workspace: credentials.host, client: credentials.client(over: exchange, settings).client)
        }
    }
}
