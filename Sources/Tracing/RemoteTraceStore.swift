package import HTTP
import MLflowServer
import Support
import Synchronization

/// What differs between the servers that keep traces.
protocol TraceBackend: Sendable {
    /// Checks that the server can keep traces.
    func check() async throws(HTTPError)

    /// Stores the steps of traces whose info is stored.
    ///
    /// - Parameters:
    ///   - traces: The traces, with what the server answered about each.
    ///   - experiment: The id of their experiment.
    ///   - loss: Takes what was not stored.
    /// - Returns: The error of the last one that was not stored, if any.
    func storeSteps(
        of traces: [StoredTrace], experiment: String, _ loss: inout TraceLoss
    ) async -> HTTPError?

    /// Links traces to the prompts that they loaded.
    ///
    /// - Parameters:
    ///   - traces: The traces.
    ///   - loss: Takes the links that were refused.
    func link(_ traces: [TraceRecord], _ loss: inout TraceLoss) async

    /// The page of a trace.
    func page(of traceID: String, experiment: String) -> String
}

/// A trace whose info is stored, and where the server wants its files.
struct StoredTrace: Sendable {
    let record: TraceRecord
    let artifacts: String?
}

/// Keeps traces on a server.
package final class RemoteTraceStore: TraceStore {
    private let api: TraceAPI
    private let backend: any TraceBackend
    private let experiment: TraceExperiment
    private let owners: TraceOwners
    private let ownerLinks: OwnerLinks
    /// The experiment's id once it was found.
    private let foundID = Mutex<String?>(nil)

    /// How many requests are under way at a time.
    static let concurrency = 16
    /// How long one batch may take, with all attempts.
    private static let patience = Duration.seconds(60)

    /// A store on a server; nothing is sent yet.
    init(_ api: TraceAPI, _ backend: any TraceBackend, _ experiment: TraceExperiment, _ owners: TraceOwners) {
        self.api = api
        self.backend = backend
        self.experiment = experiment
        self.owners = owners
        ownerLinks = OwnerLinks(api, owners)
    }

    /// A store on an MLflow server, from 3.12 on; nothing is sent yet.
    ///
    /// - Parameters:
    ///   - url: The server's address.
    ///   - experiment: The experiment.
    ///   - owners: The run and the logged model that the traces belong to.
    ///   - environment: The variables with credentials and settings of the connection.
    ///   - settings: How requests are sent.
    /// - Throws: `HTTPError` when the address or the settings cannot be used.
    package convenience init(
        url: String, experiment: TraceExperiment, owners: TraceOwners = TraceOwners(),
        environment: [String: String], settings: HTTPSettings
    ) throws(HTTPError) {
        let found = try MLflowSettings(environment: environment)
        let base = try HTTPURL(url)
        let api = TraceAPI(base: base, client: try found.client(for: base, settings), headers: found.headers)
        self.init(api, MLflowBackend(api: api), experiment, owners)
    }

    /// A store in a workspace of Databricks; nothing is sent yet.
    ///
    /// - Parameters:
    ///   - workspace: The workspace's address.
    ///   - client: Sends requests to it.
    ///   - storage: Sends requests to the storage that it names, without credentials.
    ///   - experiment: The experiment.
    ///   - owners: The run and the logged model that the traces belong to.
    package convenience init(
        workspace: HTTPURL, client: HTTPClient, storage: HTTPClient, experiment: TraceExperiment,
        owners: TraceOwners
    ) {
        let api = TraceAPI(base: workspace, client: client)
        let files = TraceFiles(host: workspace, client: client, storage: storage)
        let backend = DatabricksBackend(api: api, files: files, experiment: experiment)
        self.init(api, backend, experiment, owners)
    }

    package func store(_ traces: [TraceRecord]) async -> TraceLoss {
        await HTTPClient.within(Self.patience) { await self.storeInTime(traces) }
    }

    package func page(of traceID: String) -> String? {
        guard let id = foundID.withLock({ $0 }) else { return nil }
        return backend.page(of: traceID, experiment: id)
    }

    private func storeInTime(_ traces: [TraceRecord]) async -> TraceLoss {
        var loss = TraceLoss()
        let traces = traces.map { $0.belonging(to: owners).fitting(&loss) }
        let id: String
        do throws(HTTPError) {
            try await backend.check()
            id = try await experimentID()
        } catch {
            loss.traces = traces.count
            loss.add(error.description)
            return loss
        }
        let stored = await storeInfos(of: traces, experiment: id, &loss)
        guard !stored.isEmpty else { return loss }
        if let error = await backend.storeSteps(of: stored, experiment: id, &loss) {
            forget(id, after: error)
        }
        let records = stored.map(\.record)
        await backend.link(records, &loss)
        await ownerLinks.add(records, &loss)
        return loss
    }

    private struct InfoAnswer: Decodable, Sendable {
        struct Trace: Decodable, Sendable { let traceInfo: Info? }
        struct Info: Decodable, Sendable { let tags: Tags? }
        struct Tags: Decodable, Sendable {
            let location: String?
            enum CodingKeys: String, CodingKey { case location = "mlflow.artifactLocation" }
        }
        let trace: Trace?
    }

    /// Stores what is known of each trace as a whole, and returns those for which that succeeded. Where one is refused
    /// for what others would be refused for too, these are not sent.
    private func storeInfos(
        of traces: [TraceRecord], experiment id: String, _ loss: inout TraceLoss
    ) async -> [StoredTrace] {
        var kept: [StoredTrace] = []
        var sent = 0
        await forEachConcurrently(traces, limit: Self.concurrency) { trace in
            await Result { () async throws(HTTPError) in
                try await self.api.post(
                    "api/3.0/mlflow/traces", trace.info(experiment: id), as: InfoAnswer.self)
            }
        } onResult: { trace, result in
            sent += 1
            switch result {
            case .success(let answer):
                let location = answer.trace?.traceInfo?.tags?.location
                kept.append(StoredTrace(record: trace, artifacts: location))
            case .failure(let error):
                loss.traces += 1
                loss.add(error.description)
                forget(id, after: error)
                return error.isAboutContent
            }
            return true
        }
        loss.traces += traces.count - sent
        return kept
    }

    // MARK: - The experiment

    private struct CreatedAnswer: Decodable, Sendable { let experimentId: String }

    /// The experiment's id, found once; a failure is tried again.
    private func experimentID() async throws(HTTPError) -> String {
        if let known = foundID.withLock({ $0 }) { return known }
        let id: String
        switch experiment {
        case .id(let given): id = given
        case .name(let name):
            id = if let known = try await api.id(of: .name(name)) { known } else { try await make(name) }
        }
        foundID.withLock { $0 = id }
        return id
    }

    /// Looks for the experiment anew after it was not found: another one of that name may have taken its place.
    private func forget(_ id: String, after error: HTTPError) {
        if error.code == .notFound { foundID.withLock { if $0 == id { $0 = nil } } }
    }

    /// Makes the experiment; one that another client makes at the same moment is taken.
    private func make(_ name: String) async throws(HTTPError) -> String {
        try await api.postOnce(
            "api/2.0/mlflow/experiments/create", ["name": .string(name)], as: CreatedAnswer.self
        ) { () async throws(HTTPError) in
            try await self.api.id(of: .name(name)).map(CreatedAnswer.init)
        }.experimentId
    }
}
