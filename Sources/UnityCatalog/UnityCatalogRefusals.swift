package import HTTP
package import Prompts

/// Explains why Unity Catalog refuses something: who lacks which privilege on what.
package struct UnityCatalogRefusals: Sendable {
    /// The kinds of calls, by the privilege that each requires.
    package enum Call: Sendable {
        /// Getting a schema.
        case look
        /// Reading prompts and versions.
        case read
        /// Creating a prompt.
        case create
        /// Adding versions, moving aliases and changing tags.
        case change

        var privilege: String {
            switch self {
            case .look: "USE SCHEMA"
            case .read: "EXECUTE"
            case .create: "CREATE FUNCTION"
            case .change: "MANAGE"
            }
        }
    }

    private static let privileges = [
        "CREATE FUNCTION", "EXECUTE", "MANAGE", "USE CATALOG", "USE SCHEMA", "APPLY TAG", "ALL PRIVILEGES",
    ]

    private let principal: Principal

    /// Explains refusals of a service, which is asked who was refused.
    package init(api: UnityCatalogAPI) {
        principal = Principal(api: api)
    }

    /// Does something about a prompt, and explains why it was refused.
    func explaining<Value>(
        _ call: Call, on name: String, _ work: () async throws(HTTPError) -> Value
    ) async throws(RegistryError) -> Value {
        try await explaining(call, in: UnityCatalogName.schema(of: name), work)
    }

    /// Does something about a schema, and explains why it was refused.
    ///
    /// - Parameters:
    ///   - call: What kind of call the work makes.
    ///   - schema: The catalog and schema.
    ///   - work: The work.
    /// - Returns: What the work returns.
    /// - Throws: `RegistryError`.
    package func explaining<Value>(
        _ call: Call, in schema: String, _ work: () async throws(HTTPError) -> Value
    ) async throws(RegistryError) -> Value {
        do throws(HTTPError) {
            return try await work()
        } catch {
            var explained = await explanation(of: error, call, schema) ?? RegistryError(error)
            explained.outcomeIsUnknown = error.outcomeIsUnknown
            throw explained
        }
    }

    /// The reason of a refusal or of a missing schema; nil for everything else.
    private func explanation(
        of failure: HTTPError, _ call: Call, _ schema: String
    ) async -> RegistryError? {
        let said = failure.apiMessage.lowercased()
        if failure.isMissingFromWorkspace {
            return RegistryError(
                .notARegistry, "the workspace has no prompt registry: \(failure.apiMessage)",
                hint: "a workspace admin can turn it on in the list of previews")
        }
        if failure.isAbsent, said.hasPrefix("schema ") || said.hasPrefix("catalog ") {
            let quoted = GrantStatements.quoted(schema)
            return RegistryError(
                .notFound, failure.message,
                hint: "create it, CREATE SCHEMA \(quoted), or check the job's catalog and schema")
        }
        guard failure.status == 403 else { return nil }
        if let wrongToken = failure.wrongToken { return wrongToken }
        return await denied(failure, call, schema)
    }

    private func denied(
        _ failure: HTTPError, _ call: Call, _ schema: String
    ) async -> RegistryError {
        let said = failure.apiMessage.uppercased().replacing("_", with: " ")
        if said.contains("IP ACL") || said.contains("IP ACCESS LIST") {
            return RegistryError(
                .permissionDenied, "the workspace refuses the address of this machine: \(failure.apiMessage)",
                hint: "run from where the workspace may be reached, or have its admin allow the address")
        }
        let privilege = Self.privileges.first(where: said.contains) ?? call.privilege
        let name = await principal.name()
        // Who writes and lacks one of these three is likely to lack the others, too; who reads needs no more.
        let together = call == .create || call == .change ? Array(Self.privileges.prefix(3)) : []
        let statement = GrantStatements.granting(
            together.contains(privilege) ? together : [privilege], on: schema,
            to: name ?? "PRINCIPAL")
        let saying = failure.apiMessage.isEmpty ? "" : ": \(failure.apiMessage)"
        return RegistryError(
            .permissionDenied, "\(name ?? "the principal") lacks \(privilege) on \(schema)\(saying)",
            hint: "have its owner run: \(statement)")
    }

    /// Who is asking; looked up once, when it is first needed.
    private actor Principal {
        private let api: UnityCatalogAPI
        private var lookUp: Task<String?, Never>?

        init(api: UnityCatalogAPI) { self.api = api }

        func name() async -> String? {
            let task = lookUp ?? Task { [api] in try? await api.identity().name }
            lookUp = task
            return await task.value
        }
    }
}

extension HTTPError {
    /// Whether a Databricks workspace does not have the API.
    package var isMissingFromWorkspace: Bool {
        apiCode == ServiceDescription.unknownEndpoint || apiCode == ServiceDescription.disabled
    }

    /// The error for a token that is not the workspace's own, which Databricks refuses with 403, too; else nil.
    package var wrongToken: RegistryError? {
        guard apiMessage.lowercased().contains("invalid access token") else { return nil }
        return RegistryError(
            .unauthenticated, message, hint: "create a new token, or check DATABRICKS_HOST")
    }
}
