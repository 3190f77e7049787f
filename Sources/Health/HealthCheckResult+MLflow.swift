import MLflowServer
import Prompts

extension HealthCheckResult {
    /// What a server's version of MLflow means for prompts.
    static func version(_ version: MLflowVersion) -> HealthCheckResult {
        if let problem = version.problem { return .fail(.server, RegistryError(problem)) }
        let missing = version.missing
        guard let last = missing.last else { return .ok(.server, "MLflow \(version.text)") }
        return .warn(
            .server, "MLflow \(version.text) \(missing.map(\.limitation).joined(separator: ", "))",
            hint: "upgrade the server and its clients to MLflow \(last.firstVersion) or later")
    }
}
