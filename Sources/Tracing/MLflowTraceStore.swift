package import HTTP
import MLflowServer
import Support

/// Keeps traces on an MLflow server, from 3.12 on.
package final class MLflowTraceStore: TraceStore {
    private let address: MLflowAddress
    private let client: HTTPClient
    private let headers: [String: String]
    private let settings: HTTPSettings
    private let experiment: TraceExperiment
    private let found = FoundExperiment()

    /// How many requests are under way at a time.
    private static let concurrency = 16
    /// How long one batch may take, with all attempts.
    private static let patience = Duration.seconds(60)

    /// A store; nothing is sent yet.
    ///
    /// - Parameters:
    ///   - url: The server's address.
    ///   - experiment: The experiment.
    ///   - environment: The variables with credentials and settings of the connection.
    ///   - settings: How requests are sent.
    /// - Throws: `HTTPError` when the address or the settings cannot be used.
    package init(
        url: String, experiment: TraceExperiment, environment: [String: String], settings: HTTPSettings
    ) throws(HTTPError) {
        let found = try MLflowSettings(environment: environment)
        let base = try HTTPURL(url)
        client = try found.client(for: base, settings)
        headers = found.headers
        address = MLflowAddress(base, client: client, headers: headers)
        self.settings = settings
        self.experiment = experiment
    }

    package func store(_ traces: [TraceRecord]) async -> TraceLoss {
        settings.deadline.extend(to: Self.patience)
        var loss = TraceLoss()
        let id: String
        do throws(HTTPError) {
            if let version = await address.version(), !version.takesTraces {
                throw HTTPError(
                    .failed,
                    "MLflow \(version.text) cannot take traces of this library; MLflow 3.12 and later can")
            }
            id = try await found.value { () async throws(HTTPError) in try await self.experimentID() }
        } catch {
            loss.traces = traces.count
            loss.add(error.message)
            return loss
        }
        let stored = await keep(traces, &loss) { trace async throws(HTTPError) in
            try await self.post("api/3.0/mlflow/traces", trace.info(experiment: id))
        }
        await storeSpans(of: stored, experiment: id, &loss)
        await link(stored, &loss)
        return loss
    }

    /// Does something for each trace, and returns those for which it succeeded.
    private func keep(
        _ traces: [TraceRecord], _ loss: inout TraceLoss,
        _ work: @escaping @Sendable (TraceRecord) async throws(HTTPError) -> Void
    ) async -> [TraceRecord] {
        var kept: [TraceRecord] = []
        await forEachConcurrently(traces, limit: Self.concurrency) { trace in
            await Result { () async throws(HTTPError) in try await work(trace) }
        } onResult: { trace, result in
            switch result {
            case .success: kept.append(trace)
            case .failure(let error):
                loss.traces += 1
                loss.add(error.message)
            }
            return true
        }
        return kept
    }

    /// Stores the steps. A batch is refused as a whole, so that the halves of one that is are tried.
    private func storeSpans(of traces: [TraceRecord], experiment id: String, _ loss: inout TraceLoss) async {
        guard !traces.isEmpty else { return }
        do throws(HTTPError) {
            try await post("v1/traces", TraceRecord.spans(of: traces), ["x-mlflow-experiment-id": id])
        } catch {
            guard traces.count > 1, error.retry == .never else {
                loss.traces += traces.count
                return loss.add(error.message)
            }
            let half = traces.count / 2
            await storeSpans(of: Array(traces[..<half]), experiment: id, &loss)
            await storeSpans(of: Array(traces[half...]), experiment: id, &loss)
        }
    }

    /// Links traces to the prompts that they loaded, each prompt alone: one that is refused takes no other with it.
    private func link(_ traces: [TraceRecord], _ loss: inout TraceLoss) async {
        let links = traces.flatMap { trace in trace.prompts.map { (trace.traceID, $0) } }
        await forEachConcurrently(links, limit: Self.concurrency) { link in
            await Result { () async throws(HTTPError) in
                try await self.post(
                    "api/2.0/mlflow/traces/link-prompts",
                    [
                        "trace_id": .string(link.0),
                        "prompt_versions": .array([
                            ["name": .string(link.1.name), "version": .string("\(link.1.version)")]
                        ]),
                    ])
            }
        } onResult: { link, result in
            if case .failure(let error) = result {
                loss.links += 1
                loss.add(
                    "a trace is not linked to \(link.1.name)/\(link.1.version), which its tags name: \(error.message)"
                )
            }
            return true
        }
    }

    // MARK: - Requests

    private struct ExperimentAnswer: Decodable, Sendable {
        struct Experiment: Decodable, Sendable { let experimentId: String }
        let experiment: Experiment
    }

    private struct CreatedAnswer: Decodable, Sendable { let experimentId: String }

    /// The experiment's id; one that another client makes at the same moment is taken.
    private func experimentID() async throws(HTTPError) -> String {
        switch experiment {
        case .id(let id): return id
        case .name(let name):
            if let id = try await existing(name) { return id }
            do throws(HTTPError) {
                let url = address.url("experiments/create")
                let request = HTTPRequest(
                    .post, url, headers: jsonHeaders,
                    body: Array((["name": .string(name)] as JSONValue).serialized.utf8))
                return try await client.send(request, as: CreatedAnswer.self).experimentId
            } catch {
                guard let id = try await existing(name) else { throw error }
                return id
            }
        }
    }

    private func existing(_ name: String) async throws(HTTPError) -> String? {
        do throws(HTTPError) {
            return try await address.read(
                "experiments/get-by-name", [("experiment_name", name)], as: ExperimentAnswer.self
            ).experiment.experimentId
        } catch  where error.apiCode == "RESOURCE_DOES_NOT_EXIST" {
            return nil
        }
    }

    private var jsonHeaders: [String: String] { headers.merging(["Content-Type": "application/json"]) { $1 } }

    /// Sends a write that is safe to repeat, whatever is answered.
    private func post(
        _ path: String, _ body: JSONValue, _ more: [String: String] = [:]
    ) async throws(HTTPError) {
        let request = HTTPRequest(
            .post, address.base.appending(path), headers: jsonHeaders.merging(more) { $1 },
            body: Array(body.serialized.utf8))
        _ = try await client.send(request, as: StatusOnly.self)
    }
}

/// The experiment's id, found once; a failure is tried again.
private actor FoundExperiment {
    private var id: String?

    func value(_ find: () async throws(HTTPError) -> String) async throws(HTTPError) -> String {
        if let id { return id }
        let found = try await find()
        id = found
        return found
    }
}
