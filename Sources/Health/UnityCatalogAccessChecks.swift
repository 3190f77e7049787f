import HTTP
import Prompts
import Support
import UnityCatalog

/// The checks of a workspace that require credentials.
struct UnityCatalogAccessChecks: Sendable {
    fileprivate let api: UnityCatalogAPI
    private let refusals: UnityCatalogRefusals

    /// Checks of a workspace; nothing is sent yet.
    init(api: UnityCatalogAPI) {
        self.api = api
        refusals = UnityCatalogRefusals(api: api)
    }

    /// What the workspace is, whether it accepts the credentials, and what they allow in a schema.
    func results(for scope: HealthCheckScope) async -> [HealthCheckResult] {
        let identity = await Result(of: api.identity)
        let found = [server(identity), authentication(identity)]
        if let failed = found.first(where: { $0.status == .fail }) {
            let reason =
                failed.check == .server
                ? "this is not a Databricks workspace" : "the workspace does not accept the credentials"
            return found + skipped(reason)
        }
        switch scope {
        case .schema(let catalog, let name, let experiments):
            var results = found + (await access(to: catalog, name, try? identity.get()))
            for id in experiments { results.append(await experiment(id, shows: "\(catalog).\(name)")) }
            return results
        case .unknown: return found + skipped("no schema is named; name a job, or --catalog and --schema")
        case .withoutSchema:
            let error = RegistryError(
                .invalidValue, "the job names no catalog and schema, which Unity Catalog requires",
                hint: "name them in the job, or with --catalog and --schema")
            return found + [.fail(.schema, error)] + skipped("the job's prompts are in no schema").dropFirst()
        }
    }

    private func skipped(_ reason: String) -> [HealthCheckResult] {
        HealthCheckResult.skip(.schema, .reading, .writing, because: reason)
    }

    private func server(_ identity: Result<DatabricksIdentity, HTTPError>) -> HealthCheckResult {
        guard case .failure(let failure) = identity else {
            return .ok(.server, "a Databricks workspace, which does not say its version")
        }
        guard failure.code == .wrongService, !failure.isMissingFromWorkspace else {
            return .skip(.server, "a Databricks workspace does not say its version")
        }
        var error = RegistryError(failure)
        error.code = .notARegistry
        error.hint = error.hint ?? "check DATABRICKS_HOST"
        return .fail(.server, error)
    }

    private func authentication(
        _ identity: Result<DatabricksIdentity, HTTPError>
    ) -> HealthCheckResult {
        switch identity {
        case .success(let identity):
            guard let name = identity.name else {
                return .warn(.authentication, "the workspace does not say who is asking")
            }
            return .ok(.authentication, "the workspace accepts the credentials as \(name)")
        case .failure where server(identity).status == .fail:
            return .skip(.authentication, "this is not a Databricks workspace")
        case .failure(let failure):
            if let wrongToken = failure.wrongToken { return .unexpected(.authentication, wrongToken) }
            guard failure.status == 403 || failure.status == 404 else {
                return .unexpected(.authentication, RegistryError(failure))
            }
            return .warn(
                .authentication, "the workspace does not say who is asking: \(failure.message)")
        }
    }

    // MARK: - A schema

    private struct Schema: Decodable, Sendable {
        let owner: String?
    }

    private func access(
        to catalog: String, _ schemaName: String, _ identity: DatabricksIdentity?
    ) async -> [HealthCheckResult] {
        let name = "\(catalog).\(schemaName)"
        let schema = await Result(of: { () async throws(RegistryError) in
            try await refusals.explaining(.look, in: name) { () async throws(HTTPError) in
                let url = api.host.appending(["api", "2.1", "unity-catalog", "schemas", name])
                return try await api.client.send(HTTPRequest(.get, url), as: Schema.self)
            }
        })
        if case .failure(let error) = schema, error.code == .notFound {
            return [.unexpected(.schema, error)]
                + HealthCheckResult.skip(.reading, .writing, because: "there is no such schema")
        }
        let reading: HealthCheckResult
        do throws(RegistryError) {
            try await refusals.explaining(.read, in: name) { () async throws(HTTPError) in
                try await api.checkSearch(catalog: catalog, schema: schemaName)
            }
            reading = .ok(.reading, "the prompts of \(name) can be searched for")
        } catch {
            reading = .unexpected(.reading, error)
        }
        let canRead = reading.status == .ok
        let existence: HealthCheckResult =
            switch schema {
            case .success(let schema):
                .ok(.schema, "\(name) exists\(schema.owner.map { ", owned by \($0)" } ?? "")")
            // What can be searched exists, whatever else is refused.
            case .failure(let error) where canRead: .warn(.schema, error.message, hint: error.hint)
            case .failure(let error): .unexpected(.schema, error)
            }
        let writing: HealthCheckResult =
            reading.code == .notARegistry
            ? .skip(.writing, "there is nothing to write to")
            : await writing(to: name, identity, owner: try? schema.get().owner, canRead: canRead)
        return [existence, reading, writing]
    }

    /// Whether writing is allowed, as far as the privileges say that were granted.
    private func writing(
        to schema: String, _ identity: DatabricksIdentity?, owner: String?, canRead: Bool
    ) async -> HealthCheckResult {
        let need = "CREATE FUNCTION, EXECUTE and MANAGE on \(schema) are needed"
        guard let identity, let name = identity.userName else {
            return .warn(
                .writing,
                "whether prompts can be written is not known, as the workspace does not say who is asking",
                hint: need)
        }
        // Nothing in a schema can be searched for without these two.
        let proven: Set<String> = canRead ? ["USE CATALOG", "USE SCHEMA"] : []
        switch await UnityCatalogGrants(host: api.host, client: api.client).find(
            of: identity, on: schema, owner: owner, proven: proven)
        {
        case .all: return .ok(.writing, "\(name) has CREATE FUNCTION, EXECUTE and MANAGE on \(schema)")
        case .missing(let missing):
            let statements = GrantStatements.granting(missing, on: schema, to: name)
            return .fail(
                .writing,
                RegistryError(
                    .permissionDenied, "\(name) lacks \(missing.joined(separator: ", ")) on \(schema)",
                    hint: "have its owner run: \(statements)"))
        case .unknown(let missing, let error):
            return .warn(
                .writing,
                "it is not known whether \(name) has \(missing.joined(separator: ", ")) on "
                    + "\(schema): \(error.message)", hint: need)
        }
    }
}

extension UnityCatalogAccessChecks {
    /// Whether an experiment shows the prompts of a schema. It shows none until it is said in it where they are.
    private func experiment(_ id: String, shows schema: String) async -> HealthCheckResult {
        do throws(HTTPError) {
            guard let shown = try await api.schemaShown(in: id) else {
                return .warn(
                    .experiments, "the experiment \(id) shows no prompts yet",
                    hint: "the next run of the job sets its tag \(ReservedTag.promptLocation)")
            }
            if shown == schema {
                return .ok(.experiments, "the experiment \(id) shows the prompts of \(schema)")
            }
            return .warn(
                .experiments, "the experiment \(id) shows the prompts of '\(shown)', not those of \(schema)",
                hint:
                    "set its tag \(ReservedTag.promptLocation) to \(schema), or name another experiment in the job"
            )
        } catch {
            guard error.status == 404 else { return .unexpected(.experiments, RegistryError(error)) }
            return .fail(
                .experiments, RegistryError(.notFound, "the workspace has no experiment \(id)"),
                hint: "name another one in the job, or create it")
        }
    }
}
