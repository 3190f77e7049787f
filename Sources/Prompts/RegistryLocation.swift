/// Where a registry is, for reports and plans.
package struct RegistryLocation: Hashable, Sendable, Codable, CustomStringConvertible {
    /// The address, as `--registry` takes it.
    package var address: String
    /// The workspace that credentials or the environment choose, of Databricks, such as
    /// `https://my-workspace.example.com`, or of an MLflow server; nil where the address says everything.
    package var workspace: String?

    /// A location.
    package init(_ address: String, workspace: String? = nil) {
        self.address = address
        self.workspace = workspace
    }

    /// For people, such as `databricks-uc://prod (https://my-workspace.example.com)`.
    package var description: String { workspace.map { "\(address) (\($0))" } ?? address }
}

extension PromptRegistry {
    /// Where the registry is.
    package var location: RegistryLocation { RegistryLocation(address, workspace: workspace) }
}
