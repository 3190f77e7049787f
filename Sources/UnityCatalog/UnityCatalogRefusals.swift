package import HTTP
package import Prompts

/// Explains what Unity Catalog refuses: who lacks which privilege on what.
package struct UnityCatalogRefusals: Sendable {
    /// The kinds of call, by the privilege that each needs.
    package enum Call: Sendable {
        /// Looks at a schema.
        case look
        /// Reads prompts and versions.
        case read
        /// Makes a prompt.
        case create
        /// Adds versions to a prompt, and moves aliases and changes tags.
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

    /// Explains refusals.
    ///
    /// - Parameter api: Where to ask who was refused.
    package init(api: UnityCatalogAPI) {
        principal = Principal(api: api)
    }

    /// Does something, and explains why it was refused.
    ///
    /// - Parameters:
    ///   - call: What kind of call the work makes.
    ///   - name: The full name of the prompt that it is about.
    ///   - work: The work.
    /// - Returns: What the work returns.
    /// - Throws: `RegistryError`.
    func explaining<Value>(
        _ call: Call, on name: String, _ work: () async throws(HTTPError) -> Value
    ) async throws(RegistryError) -> Value {
        try await explaining(call, in: UnityCatalogName.schema(of: name), work)
    }

    /// Does something that is about a whole schema, and explains why it was refused.
    func explaining<Value>(
        _ call: Call, in schema: String, _ work: () async throws(HTTPError) -> Value
    ) async throws(RegistryError) -> Value {
        do throws(HTTPError) {
            return try await work()
        } catch {
            throw await explain(error, of: call, in: schema)
        }
    }

    /// The error that the user gets to see.
    ///
    /// - Parameters:
    ///   - failure: What the service said.
    ///   - call: What was asked of it.
    ///   - schema: The catalog and schema that it was about.
    /// - Returns: The error; for everything but a refusal and a missing schema, the failure's own.
    package func explain(
        _ failure: HTTPError, of call: Call, in schema: String
    ) async -> RegistryError {
        var error = await explanation(of: failure, call, schema) ?? RegistryError(failure)
        error.outcomeIsUnknown = failure.outcomeIsUnknown
        return error
    }

    private func explanation(
        of failure: HTTPError, _ call: Call, _ schema: String
    ) async -> RegistryError? {
        let said = failure.apiMessage.lowercased()
        if failure.isMissingFromWorkspace {
            return RegistryError(
                .notARegistry, "the workspace has no prompt registry: \(failure.apiMessage)",
                hint: "a workspace admin can turn it on where Databricks lists its previews")
        }
        if failure.isAbsent, said.hasPrefix("schema ") || said.hasPrefix("catalog ") {
            let quoted = GrantStatements.quoted(schema)
            return RegistryError(
                .notFound, failure.message,
                hint: "make it, CREATE SCHEMA \(quoted), or check the job's catalog and schema")
        }
        guard failure.status == 403 else { return nil }
        if let wrongToken = failure.wrongToken { return wrongToken }
        return await denied(failure, call, schema)
    }

    private func denied(
        _ failure: HTTPError, _ call: Call, _ schema: String
    ) async -> RegistryError {
        let said = failure.apiMessage.uppercased().replacing("_", with: " ")
        let privilege = Self.privileges.first(where: said.contains) ?? call.privilege
        let name = await principal.name()
        // Whoever lacks one of these three is likely to lack the others next.
        let together = Self.privileges.prefix(3)
        let statement = GrantStatements.granting(
            together.contains(privilege) ? Array(together) : [privilege], on: schema,
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
    /// Whether it is a Databricks workspace that does not have what it was asked for.
    package var isMissingFromWorkspace: Bool {
        apiCode == ServiceDescription.unknownEndpoint || apiCode == ServiceDescription.disabled
    }

    /// The error where a token is not one of the workspace's own, to which Databricks answers 403, too; else nil.
    package var wrongToken: RegistryError? {
        guard apiMessage.lowercased().contains("invalid access token") else { return nil }
        return RegistryError(
            .unauthenticated, message, hint: "make a new token, or check DATABRICKS_HOST")
    }
}
