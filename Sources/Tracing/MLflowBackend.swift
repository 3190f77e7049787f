import HTTP
import MLflowServer
import Support

/// What only an MLflow server does: it takes the steps of many traces at once, and links that it may refuse.
struct MLflowBackend: TraceBackend {
    let api: TraceAPI

    func check() async throws(HTTPError) {
        if let version = await api.address.version(), !version.takesTraces {
            throw HTTPError(
                .failed,
                "MLflow \(version.text) cannot take traces of this library; MLflow 3.12 and later can")
        }
    }

    func page(of traceID: String, experiment: String) -> String {
        "\(api.address.base.text)/#/experiments/\(experiment)/traces?selectedEvaluationId=\(traceID)"
    }

    func storeSteps(
        of traces: [StoredTrace], experiment: String, _ loss: inout TraceLoss
    ) async -> HTTPError? {
        await storeSteps(of: traces.map(\.record), experiment, &loss)
    }

    /// Stores the steps. A batch is refused as a whole, so that the halves of one that is are tried.
    private func storeSteps(
        of traces: [TraceRecord], _ experiment: String, _ loss: inout TraceLoss
    ) async -> HTTPError? {
        do throws(HTTPError) {
            try await api.writeSteps(TraceRecord.spans(of: traces), experiment: experiment)
            return nil
        } catch {
            guard traces.count > 1, error.isAboutContent else {
                loss.traces += traces.count
                loss.add(error.description)
                return error
            }
            let half = traces.count / 2
            let first = await storeSteps(of: Array(traces[..<half]), experiment, &loss)
            return await storeSteps(of: Array(traces[half...]), experiment, &loss) ?? first
        }
    }

    /// Links traces to the prompts that they loaded, each prompt alone: one that is refused takes no other with it.
    func link(_ traces: [TraceRecord], _ loss: inout TraceLoss) async {
        let links = traces.flatMap { trace in trace.prompts.map { (trace.traceID, $0) } }
        var sent = 0
        await forEachConcurrently(links, limit: RemoteTraceStore.concurrency) { link in
            await Result { () async throws(HTTPError) in
                try await self.api.write(
                    .post, "api/2.0/mlflow/traces/link-prompts",
                    ["trace_id": .string(link.0), "prompt_versions": .array([link.1.json])])
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
}
