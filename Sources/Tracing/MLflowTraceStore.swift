package import HTTP
import MLflowServer
import Support
import Synchronization

/// Keeps traces on an MLflow server, from 3.12 on.
package final class MLflowTraceStore: TraceStore {
    private let address: MLflowAddress
    private let client: HTTPClient
    private let headers: [String: String]
    private let experiment: TraceExperiment
    /// The experiment's id once it was found.
    private let foundID = Mutex<String?>(nil)

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
        self.experiment = experiment
    }

    package func store(_ traces: [TraceRecord]) async -> TraceLoss {
        await HTTPClient.within(Self.patience) { await self.storeInTime(traces) }
    }

    private func storeInTime(_ traces: [TraceRecord]) async -> TraceLoss {
        var loss = TraceLoss()
        let traces = traces.map { $0.fitting(&loss) }
        let id: String
        do throws(HTTPError) {
            if let version = await address.version(), !version.takesTraces {
                throw HTTPError(
                    .failed,
                    "MLflow \(version.text) cannot take traces of this library; MLflow 3.12 and later can")
            }
            id = try await experimentID()
        } catch {
            loss.traces = traces.count
            loss.add(error.description)
            return loss
        }
        let stored = await storeInfos(of: traces, experiment: id, &loss)
        await storeSpans(of: stored, experiment: id, &loss)
        await link(stored, &loss)
        return loss
    }

    /// Stores what is known of each trace as a whole, and returns those for which that succeeded. Where one is refused
    /// for what others would be refused for too, these are not sent.
    private func storeInfos(
        of traces: [TraceRecord], experiment id: String, _ loss: inout TraceLoss
    ) async -> [TraceRecord] {
        var kept: [TraceRecord] = []
        var sent = 0
        await forEachConcurrently(traces, limit: Self.concurrency) { trace in
            await Result { () async throws(HTTPError) in
                try await self.post("api/3.0/mlflow/traces", trace.info(experiment: id))
            }
        } onResult: { trace, result in
            sent += 1
            switch result {
            case .success: kept.append(trace)
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

    /// Stores the steps. A batch is refused as a whole, so that the halves of one that is are tried.
    private func storeSpans(of traces: [TraceRecord], experiment id: String, _ loss: inout TraceLoss) async {
        guard !traces.isEmpty else { return }
        do throws(HTTPError) {
            try await post("v1/traces", TraceRecord.spans(of: traces), ["x-mlflow-experiment-id": id])
        } catch {
            forget(id, after: error)
            guard traces.count > 1, error.isAboutContent else {
                loss.traces += traces.count
                return loss.add(error.description)
            }
            let half = traces.count / 2
            await storeSpans(of: Array(traces[..<half]), experiment: id, &loss)
            await storeSpans(of: Array(traces[half...]), experiment: id, &loss)
        }
    }

    /// Links traces to the prompts that they loaded, each prompt alone: one that is refused takes no other with it.
    private func link(_ traces: [TraceRecord], _ loss: inout TraceLoss) async {
        let links = traces.flatMap { trace in trace.prompts.map { (trace.traceID, $0) } }
        var sent = 0
        await forEachConcurrently(links, limit: Self.concurrency) { link in
            await Result { () async throws(HTTPError) in
                try await self.post(
                    "api/2.0/mlflow/traces/link-prompts",
                    [
                        "trace_id": .string(link.0),
                        "prompt_versions": .array([link.1.json]),
                    ])
            }
        } onResult: { link, result in
            sent += 1
            if case .failure(let error) = result {
                loss.links += 1
                loss.add(
                    "a trace is not linked to \(link.1.name)/\(link.1.version), which its tags name: \(error.message)"
                )
                return error.isAboutContent
            }
            return true
        }
        loss.links += links.count - sent
    }

    // MARK: - Requests

    private struct ExperimentAnswer: Decodable, Sendable {
        struct Experiment: Decodable, Sendable {
            let experimentId: String
            let lifecycleStage: String?
        }
        let experiment: Experiment
    }

    private struct CreatedAnswer: Decodable, Sendable { let experimentId: String }

    /// The experiment's id, found once; a failure is tried again.
    private func experimentID() async throws(HTTPError) -> String {
        if let known = foundID.withLock({ $0 }) { return known }
        let id: String
        switch experiment {
        case .id(let given): id = given
        case .name(let name):
            id = if let known = try await existing(name) { known } else { try await make(name) }
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
        do throws(HTTPError) {
            let request = request(address.url("experiments/create"), ["name": .string(name)])
            return try await client.send(request, as: CreatedAnswer.self).experimentId
        } catch {
            guard let id = try await existing(name) else { throw error }
            return id
        }
    }

    private func existing(_ name: String) async throws(HTTPError) -> String? {
        do throws(HTTPError) {
            let found = try await address.read(
                "experiments/get-by-name", [("experiment_name", name)], as: ExperimentAnswer.self
            ).experiment
            guard found.lifecycleStage != "deleted" else {
                throw HTTPError(
                    .notFound, "the experiment '\(name)' was deleted",
                    hint: "restore it, or name another one")
            }
            return found.experimentId
        } catch  where error.apiCode == "RESOURCE_DOES_NOT_EXIST" {
            return nil
        }
    }

    private func request(_ url: HTTPURL, _ body: JSONValue, _ more: [String: String] = [:]) -> HTTPRequest {
        let headers = headers.merging(["Content-Type": "application/json"]) { $1 }.merging(more) { $1 }
        return HTTPRequest(.post, url, headers: headers, body: Array(body.serialized.utf8))
    }

    /// Sends a write that is safe to repeat, whatever is answered.
    private func post(
        _ path: String, _ body: JSONValue, _ more: [String: String] = [:]
    ) async throws(HTTPError) {
        var request = request(address.base.appending(path), body, more)
        // Only the call that takes the steps of many traces reads compressed bodies.
        if !more.isEmpty { request.compress() }
        _ = try await client.send(request, as: StatusOnly.self)
    }
}

extension HTTPError {
    /// Whether a trace was refused for what it holds, so that another one may be taken.
    fileprivate var isAboutContent: Bool {
        switch status {
        case 400, 413, 422, 500: true
        default: false
        }
    }

    /// The message, with the hint in brackets.
    fileprivate var description: String { hint.map { "\(message) (\($0))" } ?? message }
}
