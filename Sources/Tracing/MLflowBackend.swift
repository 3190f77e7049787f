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

    /// A link that is refused takes no other of its request with it.
    var mostLinks: Int { 1 }

    /// Stores the steps. A batch is refused as a whole, so that the halves of one that is are tried.
    func storeSteps(
        of traces: [StoredTrace], experiment: String, _ outcome: inout TraceOutcome
    ) async -> [TraceRecord] {
        let records = traces.map(\.record)
        do throws(HTTPError) {
            try await api.writeSteps(TraceRecord.spans(of: records), experiment: experiment)
            return records
        } catch {
            guard traces.count > 1, error.isAboutContent else {
                outcome.add(error, of: records)
                return []
            }
            let half = traces.count / 2
            let first = await storeSteps(of: Array(traces[..<half]), experiment: experiment, &outcome)
            return await first + storeSteps(of: Array(traces[half...]), experiment: experiment, &outcome)
        }
    }

    func link(_ traceID: String, to prompts: [TraceRecord.Prompt]) async throws(HTTPError) {
        try await api.write(
            .post, "api/2.0/mlflow/traces/link-prompts",
            ["trace_id": .string(traceID), "prompt_versions": .array(prompts.map(\.json))])
    }
}
