import Prompts
import Support

/// What is asked of a workspace with credentials, to find out what they are good for.
struct UnityCatalogInquiry: Sendable {
    private let api: UnityCatalogAPI
    private let refusals: UnityCatalogRefusals

    /// An inquiry; nothing is asked yet.
    ///
    /// - Parameters:
    ///   - credentials: The workspace and the way of authenticating.
    ///   - exchange: Makes the single attempts of requests.
    ///   - deadline: Until when to go on trying.
    ///   - clock: The time.
    ///   - allowsInsecure: Whether credentials may cross a network in plain text.
    init(
        _ credentials: ResolvedCredentials, exchange: any HTTPExchange, deadline: RunDeadline,
        clock: WaitingClock, allowsInsecure: Bool
    ) {
        let authorizer = DatabricksAuthorizer(
            credentials, exchange: exchange, policy: .probing, deadline: deadline, clock: clock)
        let service = ServiceDescription(name: "Databricks", credentialsHint: credentials.hint)
        api = UnityCatalogAPI(
            host: credentials.host,
            client: HTTPClient(
                exchange: exchange, authorizer: authorizer, service: service, policy: .probing,
                deadline: deadline, clock: clock, allowsInsecure: allowsInsecure))
        refusals = UnityCatalogRefusals(api: api)
    }

    /// What the workspace is, whether it takes the credentials, and what they allow in a schema.
    func findings(_ scope: ExaminationScope) async -> [RegistryFinding] {
        let identity = await Result(of: api.identity)
        let found = [server(identity), authentication(identity)]
        if let failed = found.first(where: { $0.status == .fail }) {
            let reason =
                failed.check == .server
                ? "this is no Databricks workspace" : "the workspace does not know who is asking"
            return found + skipped(reason)
        }
        switch scope {
        case .schema(let catalog, let name):
            return found + (await access(to: UnityCatalogMessage.Schema(catalog, name), try? identity.get()))
        case .unknown: return found + skipped("no schema is named; name a job, or --catalog and --schema")
        case .withoutSchema:
            let error = RegistryError(
                .invalidValue, "the job gives no catalog and schema, which Unity Catalog wants",
                hint: "give them in the job, or with --catalog and --schema")
            return found + [.fail(.schema, error)] + skipped("the job's prompts are in no schema").dropFirst()
        }
    }

    private func skipped(_ reason: String) -> [RegistryFinding] {
        [.skip(.schema, reason), .skip(.reading, reason), .skip(.writing, reason)]
    }

    private func get<Answer: Decodable & Sendable>(
        _ path: [String]
    ) async -> Result<Answer, RequestFailure> {
        await Result(of: { () async throws(RequestFailure) in
            try await api.client.send(HTTPRequest(.get, api.host.appending(path)), as: Answer.self)
        })
    }

    private func server(_ identity: Result<UnityCatalogGrants.Identity, RequestFailure>) -> RegistryFinding {
        guard case .failure(let failure) = identity else {
            return .ok(.server, "a Databricks workspace, which tells no version")
        }
        guard failure.error.code == .notARegistry, !failure.isOfDatabricks else {
            return .skip(.server, "a Databricks workspace tells no version")
        }
        var error = failure.error
        error.code = .notARegistry
        error.hint = error.hint ?? "check DATABRICKS_HOST"
        return .fail(.server, error)
    }

    private func authentication(
        _ identity: Result<UnityCatalogGrants.Identity, RequestFailure>
    ) -> RegistryFinding {
        switch identity {
        case .success(let identity):
            guard let name = identity.name else {
                return .warn(.authentication, "the workspace does not tell who is asking")
            }
            return .ok(.authentication, "the workspace takes the credentials as \(name)")
        case .failure where server(identity).status == .fail:
            return .skip(.authentication, "this is no Databricks workspace")
        case .failure(let failure):
            if let wrongToken = failure.wrongToken { return .unexpected(.authentication, wrongToken) }
            guard failure.status == 403 || failure.status == 404 else {
                return .unexpected(.authentication, failure.error)
            }
            return .warn(
                .authentication, "the workspace does not tell who is asking: \(failure.error.message)")
        }
    }

    // MARK: - A schema

    private struct Schema: Decodable, Sendable {
        let owner: String?
    }

    private func access(
        to place: UnityCatalogMessage.Schema, _ identity: UnityCatalogGrants.Identity?
    ) async -> [RegistryFinding] {
        let name = "\(place.catalogName).\(place.schemaName)"
        let schema: Result<Schema, RequestFailure> = await get([
            "api", "2.1", "unity-catalog", "schemas", name,
        ])
        var refusal: RegistryError?
        if case .failure(let failure) = schema {
            let error = await refusals.explain(failure, of: .look, in: name)
            if failure.status == 404, error.code == .notFound {
                let reason = "there is no such schema"
                return [.unexpected(.schema, error), .skip(.reading, reason), .skip(.writing, reason)]
            }
            refusal = error
        }
        let reading: RegistryFinding
        do throws(RequestFailure) {
            _ = try await api.prompts(in: place)
            reading = .ok(.reading, "the prompts of \(name) can be searched for")
        } catch {
            reading = .unexpected(.reading, await refusals.explain(error, of: .read, in: name))
        }
        let owner = try? schema.get().owner
        let canRead = reading.status == .ok
        let existence: RegistryFinding =
            switch refusal {
            case nil: .ok(.schema, "\(name) exists\(owner.map { ", owned by \($0)" } ?? "")")
            // What can be searched is there, whatever else is refused.
            case let error? where canRead: .warn(.schema, error.message, hint: error.hint)
            case let error?: .unexpected(.schema, error)
            }
        let writing: RegistryFinding =
            reading.code == .notARegistry
            ? .skip(.writing, "there is nothing to write to")
            : await writing(to: name, identity, owner: owner, canRead: canRead)
        return [existence, reading, writing]
    }

    /// What is known of the right to write without writing: the privileges that were granted.
    private func writing(
        to schema: String, _ identity: UnityCatalogGrants.Identity?, owner: String?, canRead: Bool
    ) async -> RegistryFinding {
        let need = "CREATE FUNCTION, EXECUTE and MANAGE on \(schema) are needed"
        guard let identity, let name = identity.userName else {
            return .warn(
                .writing, "it could not be determined what may be done, as it is not known who is asking",
                hint: need)
        }
        // Nothing in a schema can be searched for without these two.
        let proven: Set<String> = canRead ? ["USE CATALOG", "USE SCHEMA"] : []
        switch await UnityCatalogGrants(api: api).find(of: identity, on: schema, owner: owner, proven: proven)
        {
        case .all: return .ok(.writing, "\(name) has CREATE FUNCTION, EXECUTE and MANAGE on \(schema)")
        case .missing(let missing):
            let statements = UnityCatalogGrants.statements(granting: missing, on: schema, to: name)
            return .fail(
                .writing,
                RegistryError(
                    .permissionDenied, "\(name) lacks \(missing.joined(separator: ", ")) on \(schema)",
                    hint: "have its owner run: \(statements)"))
        case .unknown(let missing, let error):
            return .warn(
                .writing,
                "it could not be determined whether \(name) has \(missing.joined(separator: ", ")) on "
                    + "\(schema): \(error.message)", hint: need)
        }
    }
}
