import FoundationEssentials
import HTTP
import Prompts
package import Tracing
import UnityCatalog

extension PromptClientConfiguration {
    /// Where traces are kept, or why they are not.
    package func traceStore() -> (store: (any TraceStore)?, problem: String?) {
        let address: RegistryAddress
        do throws(RegistryError) {
            address = try trackingAddress()
        } catch {
            return (nil, "no trace is stored, as the tracking address cannot be used: \(error.message)")
        }
        do throws(HTTPError) {
            return (try traceStore(at: address), nil)
        } catch {
            return (nil, "no trace is stored: \(error.message)")
        }
    }

    /// The address of the traces, which MLflow calls `databricks` where that of prompts is `databricks-uc`.
    private func trackingAddress() throws(RegistryError) -> RegistryAddress {
        let place = tracking ?? registry
        let word = "databricks"
        if place == word { return .unityCatalog(profile: nil) }
        if place.hasPrefix(word + "://") {
            return .unityCatalog(profile: String(place.dropFirst(word.count + 3)))
        }
        return try RegistryAddress(place, relativeTo: FileManager.default.currentDirectoryPath)
    }

    private func traceStore(at address: RegistryAddress) throws(HTTPError) -> any TraceStore {
        let experiment = experimentID.map(TraceExperiment.id) ?? .name(experiment)
        let owners = TraceOwners(run: runID, model: modelID)
        let settings = HTTPSettings(allowsInsecure: allowsInsecureHTTP)
        switch address {
        case .file(let path): return FileTraceStore(path: path, experiment: experiment, owners: owners)
        case .server(let url):
            return try RemoteTraceStore(
                url: url, experiment: experiment, owners: owners, environment: environment,
                settings: settings)
        case .unityCatalog(let profile):
            let credentials = try ResolvedCredentials(
                profile: profile, environment: environment, readFile: CredentialFiles.read)
            let options = TransportOptions(environment: environment)
            try options.check(for: credentials.host)
            let exchange = try settings.connect(options)
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
}
