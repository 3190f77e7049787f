package import HTTP
import MLflowServer
import Support
import Synchronization

/// What differs between the servers that keep traces.
protocol TraceBackend: Sendable {
    /// Checks that the server can keep traces.
    func check() async throws(HTTPError)

    /// How many prompts one request can link a trace to.
    var mostLinks: Int { get }

    /// Stores the steps of traces whose info is stored.
    ///
    /// - Parameters:
    ///   - traces: The traces, with what the server answered about each.
    ///   - experiment: The id of their experiment.
    ///   - outcome: Takes what was not stored.
    /// - Returns: The traces that were.
    func storeSteps(
        of traces: [StoredTrace], experiment: String, _ outcome: inout TraceOutcome
    ) async -> [TraceRecord]

    /// Links a trace that is stored to prompts that it loaded.
    ///
    /// - Parameters:
    ///   - traceID: MLflow's id of the trace.
    ///   - prompts: The prompts, no more than `mostLinks`.
    /// - Throws: `HTTPError`.
    func link(_ traceID: String, to prompts: [TraceRecord.Prompt]) async throws(HTTPError)

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
    private let patience: Duration

    /// A store on a server; nothing is sent yet.
    init(
        _ api: TraceAPI, _ backend: any TraceBackend, _ experiment: TraceExperiment, _ owners: TraceOwners,
        patience: Duration = .seconds(60)
    ) {
        self.patience = patience
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
    ///   - patience: How long one batch of traces may take, with all attempts.
    /// - Throws: `HTTPError` when the address or the settings cannot be used.
    package convenience init(
        url: String, experiment: TraceExperiment, owners: TraceOwners = TraceOwners(),
        environment: [String: String], settings: HTTPSettings, patience: Duration = .seconds(60)
    ) throws(HTTPError) {
        let found = try MLflowSettings(environment: environment)
        let base = try HTTPURL(url)
        let api = TraceAPI(base: base, client: try found.client(for: base, settings), headers: found.headers)
        self.init(api, MLflowBackend(api: api), experiment, owners, patience: patience)
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

    package func store(_ traces: [TraceRecord]) async -> TraceOutcome {
        var outcome = await HTTPClient.within(patience, isRepeated: true) {
            await self.storeInTime(traces)
        }
        // As they came, each once, whatever of it failed.
        let ids = Set(outcome.again.map(\.id))
        outcome.again = traces.filter { ids.contains($0.id) }
        return outcome
    }

    package func page(of traceID: String) -> String? {
        guard let id = foundID.withLock({ $0 }) else { return nil }
        return backend.page(of: traceID, experiment: id)
    }

    private func storeInTime(_ traces: [TraceRecord]) async -> TraceOutcome {
        var outcome = TraceOutcome()
        var traces = traces.map { $0.belonging(to: owners).fitting(&outcome.loss) }
        let id: String
        do throws(HTTPError) {
            try await backend.check()
            id = try await experimentID()
        } catch {
            outcome.add(error, of: traces)
            return outcome
        }
        // Such as a token that was asked for.
        let mask = await api.mask()
        if !mask.isEmpty { traces = traces.map { $0.hiding(mask) } }
        let infos = await storeInfos(of: traces, experiment: id, &outcome)
        var stored: [TraceRecord] = []
        if !infos.isEmpty { stored = await backend.storeSteps(of: infos, experiment: id, &outcome) }
        // Another experiment of that name may have taken the place of this one.
        if stored.isEmpty { foundID.withLock { if $0 == id { $0 = nil } } }
        await ownerLinks.add(stored, &outcome)
        await link(stored, &outcome)
        return outcome
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

    /// Stores what is known of each trace as a whole, and returns those for which that succeeded.
    private func storeInfos(
        of traces: [TraceRecord], experiment id: String, _ outcome: inout TraceOutcome
    ) async -> [StoredTrace] {
        var stored: [StoredTrace] = []
        let failures = await Self.send(traces) { trace async throws(HTTPError) in
            try await self.api.post(
                "api/3.0/mlflow/traces", trace.info(experiment: id), as: InfoAnswer.self)
        } onAnswer: { trace, answer in
            stored.append(StoredTrace(record: trace, artifacts: answer.trace?.traceInfo?.tags?.location))
        }
        for (trace, error) in failures { outcome.add(error, of: [trace]) }
        return stored
    }

    private struct Link: Sendable {
        let trace: TraceRecord
        let prompts: [TraceRecord.Prompt]
    }

    /// Links traces to the prompts that they loaded. A link that fails in passing is made again with its trace.
    private func link(_ traces: [TraceRecord], _ outcome: inout TraceOutcome) async {
        let links = traces.flatMap { trace in
            stride(from: 0, to: trace.prompts.count, by: backend.mostLinks).map {
                Link(trace: trace, prompts: Array(trace.prompts.dropFirst($0).prefix(backend.mostLinks)))
            }
        }
        let failures = await Self.send(links) { link async throws(HTTPError) in
            try await self.backend.link(link.trace.traceID, to: link.prompts)
        } onAnswer: { _, _ in
        }
        for (link, error) in failures where error.isPassing { outcome.add(error, of: [link.trace]) }
        let again = Set(outcome.again.map(\.id))
        for (link, error) in failures where !again.contains(link.trace.id) {
            outcome.loss.links += link.prompts.count
            let names = link.prompts.map { "\($0.name)/\($0.version)" }.joined(separator: ", ")
            outcome.loss.add("a trace is not linked to \(names), which its tags name: \(error.description)")
        }
    }

    /// Sends something for each item, several at a time. Where one fails for what others would fail for too, these are
    /// not sent.
    ///
    /// - Parameters:
    ///   - items: The items.
    ///   - send: Sends what one item needs.
    ///   - onAnswer: Takes what was answered.
    /// - Returns: The items that failed or were not sent, and why.
    static func send<Item: Sendable, Answer: Sendable>(
        _ items: [Item], _ send: @escaping @Sendable (Item) async throws(HTTPError) -> Answer,
        onAnswer: (Item, Answer) -> Void
    ) async -> [(Item, HTTPError)] {
        var failures: [(Item, HTTPError)] = []
        var last: HTTPError?
        var unsent = Set(items.indices)
        await forEachConcurrently(Array(items.indices), limit: concurrency) { index in
            await Result { () async throws(HTTPError) in try await send(items[index]) }
        } onResult: { index, result in
            unsent.remove(index)
            switch result {
            case .success(let answer): onAnswer(items[index], answer)
            case .failure(let error):
                failures.append((items[index], error))
                last = error
                return error.isAboutContent
            }
            return true
        }
        if let last { failures += unsent.sorted().map { (items[$0], last) } }
        return failures
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

    /// Makes the experiment; one that another client makes at the same moment is taken.
    private func make(_ name: String) async throws(HTTPError) -> String {
        try await api.postOnce(
            "api/2.0/mlflow/experiments/create", ["name": .string(name)], as: CreatedAnswer.self
        ) { () async throws(HTTPError) in
            try await self.api.id(of: .name(name)).map(CreatedAnswer.init)
        }.experimentId
    }
}
