import FileRegistry
package import HTTP
import MLflowServer
package import Prompts
import UnityCatalog

extension RegistryAddress {
    /// The address that environment variables give, as MLflow reads them.
    ///
    /// - Parameter environment: The variables by name.
    /// - Returns: The address, and the variable that has it; nil where none has, and the embedded registry is meant.
    package static func configured(
        in environment: [String: String]
    ) -> (address: String, variable: String?) {
        let variables = ["MLFLOW_REGISTRY_URI", "MLFLOW_TRACKING_URI"]
        let variable = variables.first { environment[$0]?.isEmpty == false }
        return (variable.flatMap { environment[$0] } ?? "file:mlruns", variable)
    }

    /// The registry at this address.
    ///
    /// - Parameters:
    ///   - environment: The variables with credentials and settings of the connection.
    ///   - settings: How requests are sent to a remote one.
    /// - Returns: The registry; nothing is sent yet.
    /// - Throws: `RegistryError` when the environment's settings cannot be used.
    package func open(
        environment: [String: String], settings: HTTPSettings
    ) throws(RegistryError) -> any PromptRegistry {
        switch self {
        case .file(let path): FileRegistry(path: path)
        case .server(let url):
            try MLflowServerRegistry(url: url, environment: environment, settings: settings)
        case .unityCatalog(let profile):
            try UnityCatalogRegistry(profile: profile, environment: environment, settings: settings)
        }
    }
}
