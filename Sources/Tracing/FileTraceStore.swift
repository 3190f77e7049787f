import FileRegistry
import FoundationEssentials
import Prompts
import Support

/// Keeps traces in MLflow's file store, beside the prompts of an embedded registry. It has no links: prompts are found by
/// the tags of the traces.
package actor FileTraceStore: TraceStore {
    private let folders: TraceFolders
    private let experiment: TraceExperiment
    private var id: String?

    /// A store in a folder, which need not exist.
    package init(path: String, experiment: TraceExperiment) {
        folders = TraceFolders(path: path)
        self.experiment = experiment
    }

    package func store(_ traces: [TraceRecord]) -> TraceLoss {
        var loss = TraceLoss()
        for trace in traces {
            do throws(RegistryError) {
                try store(trace)
            } catch {
                loss.traces += 1
                loss.add(error.message)
            }
        }
        return loss
    }

    private func store(_ trace: TraceRecord) throws(RegistryError) {
        let id: String
        switch (self.id, experiment) {
        case (let known?, _): id = known
        case (nil, .id(let given)): id = given
        case (nil, .name(let name)): id = try folders.experiment(named: name)
        }
        self.id = id
        var trace = trace
        trace.tags["mlflow.artifactLocation"] = folders.artifacts(of: trace.traceID, experiment: id)
        let spans: JSONValue = ["spans": .array(trace.spans.map { $0.stored(in: trace) })]
        try folders.write(
            .init(
                id: trace.traceID, info: trace.summary(experiment: id).serialized,
                metadata: trace.metadata, tags: trace.tags, spans: spans.serialized), to: id)
    }
}

extension SpanRecord {
    /// The step as MLflow's clients keep it in a file.
    fileprivate func stored(in trace: TraceRecord) -> JSONValue {
        var attributes = mlflowAttributes
        attributes["mlflow.traceRequestId"] = .string(trace.traceID)
        return [
            "trace_id": .string(Self.base64(trace.halves)), "span_id": .string(Self.base64([id])),
            "parent_span_id": JSONValue(parent.map { Self.base64([$0]) }), "name": .string(name),
            "start_time_unix_nano": JSONValue(start), "end_time_unix_nano": JSONValue(end),
            "events": .array([]),
            "status": [
                "code": .string(failure == nil ? "STATUS_CODE_OK" : "STATUS_CODE_ERROR"),
                "message": .string(failure ?? ""),
            ],
            "attributes": .object(
                attributes.sorted { $0.key < $1.key }.map { .init($0.key, .string($0.value.serialized)) }),
            "links": .array([]),
        ]
    }

    private static func base64(_ numbers: [UInt64]) -> String {
        let bytes = numbers.flatMap { number in
            (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) }
        }
        return Data(bytes).base64EncodedString()
    }
}

extension TraceRecord {
    /// The id as two numbers.
    fileprivate var halves: [UInt64] {
        [id.prefix(16), id.dropFirst(16)].map { UInt64($0, radix: 16) ?? 0 }
    }
}
