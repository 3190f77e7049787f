import HTTP
import MLflowServer
import Prompts
import Support
import Synchronization

/// What only Databricks does: it keeps the steps of each trace in a file, and links by its prompt registry.
final class DatabricksBackend: TraceBackend {
    private let api: TraceAPI
    private let files: TraceFiles
    private let experiment: TraceExperiment
    /// Whether the experiment says where its prompts are.
    private let isLocated = Mutex(false)

    let mostLinks = 25

    /// A backend; nothing is sent yet.
    init(api: TraceAPI, files: TraceFiles, experiment: TraceExperiment) {
        self.api = api
        self.files = files
        self.experiment = experiment
    }

    func check() async throws(HTTPError) {
        guard case .name(let name) = experiment, !name.hasPrefix("/") else { return }
        throw HTTPError(
            .invalidValue, "'\(name)' is not the name of an experiment on Databricks",
            hint: "set MLFLOW_EXPERIMENT_NAME to a path such as /Shared/agent, or MLFLOW_EXPERIMENT_ID")
    }

    func page(of traceID: String, experiment: String) -> String {
        api.address.base.appending(
            ["ml", "experiments", experiment, "traces"], query: [("selectedEvaluationId", traceID)]
        ).text
    }

    func storeSteps(
        of traces: [StoredTrace], experiment: String, _ outcome: inout TraceOutcome
    ) async -> [TraceRecord] {
        var stored: [TraceRecord] = []
        let failures = await RemoteTraceStore.send(traces) { trace async throws(HTTPError) in
            try await self.files.store(trace.record, at: trace.artifacts)
        } onAnswer: { trace, _ in
            stored.append(trace.record)
        }
        for (trace, error) in failures { outcome.add(error, of: [trace.record]) }
        await locate(stored.flatMap(\.prompts), in: experiment, &outcome.loss)
        return stored
    }

    func link(_ traceID: String, to prompts: [TraceRecord.Prompt]) async throws(HTTPError) {
        try await api.write(
            .post, "api/2.0/mlflow/unity-catalog/prompt-versions/links-to-traces",
            [
                "prompt_versions": .array(prompts.map(\.json)),
                "trace_ids": .array([.string(traceID)]),
            ])
    }

    // MARK: - The experiment

    private struct ExperimentAnswer: Decodable, Sendable {
        struct Experiment: Decodable, Sendable { let tags: [Tag]? }
        struct Tag: Decodable, Sendable { let key: String }
        let experiment: Experiment
    }

    /// Says in the experiment where its prompts are, unless that is said there.
    private func locate(
        _ prompts: [TraceRecord.Prompt], in experiment: String, _ loss: inout TraceLoss
    ) async {
        guard !isLocated.withLock({ $0 }),
            let schema = prompts.lazy.compactMap({ QualifiedName($0.name).schema }).first
        else { return }
        do throws(HTTPError) {
            let found = try await api.address.read(
                "experiments/get", [("experiment_id", experiment)], as: ExperimentAnswer.self)
            if found.experiment.tags?.contains(where: { $0.key == ReservedTag.promptLocation }) != true {
                try await api.write(
                    .post, "api/2.0/mlflow/experiments/set-experiment-tag",
                    [
                        "experiment_id": .string(experiment), "key": .string(ReservedTag.promptLocation),
                        "value": .string(schema.description),
                    ])
            }
            isLocated.withLock { $0 = true }
        } catch {
            loss.add("the experiment does not say where its prompts are: \(error.description)")
        }
    }
}
