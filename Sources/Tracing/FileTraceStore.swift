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

    package func store(_ traces: [TraceRecord]) async -> TraceLoss {
        var loss = TraceLoss()
        do throws(RegistryError) {
            let id = try await experimentID()
            let kept = traces.map { folder(of: $0, experiment: id, &loss) }
            for failure in try await folders.write(kept, to: id).compactMap(\.self) {
                loss.traces += 1
                loss.add(failure.message)
            }
        } catch {
            // It may have been deleted meanwhile.
            id = nil
            loss.traces = traces.count
            loss.add(error.hint.map { "\(error.message) (\($0))" } ?? error.message)
        }
        return loss
    }

    private func experimentID() async throws(RegistryError) -> String {
        if let id { return id }
        let found =
            switch experiment {
            case .id(let given): given
            case .name(let name): try await folders.experiment(named: name)
            }
        id = found
        return found
    }

    private func folder(
        of trace: TraceRecord, experiment id: String, _ loss: inout TraceLoss
    ) -> TraceFolders.Trace {
        var tags = trace.tags
        tags["mlflow.artifactLocation"] = folders.artifacts(of: trace.traceID, experiment: id)
        let spans: JSONValue = ["spans": .array(trace.spans.map { $0.stored(in: trace) })]
        return TraceFolders.Trace(
            id: trace.traceID, info: trace.summary(experiment: id).serialized,
            metadata: trace.metadata, tags: Self.fitting(tags, &loss), spans: spans.serialized)
    }

    /// The tags that can be kept in files of their keys.
    private static func fitting(_ tags: [String: String], _ loss: inout TraceLoss) -> [String: String] {
        for key in tags.keys.sorted() where !TraceFolders.isKey(key) {
            loss.add("the tag '\(key.cut(to: 40))' is left out: its key cannot be the name of a file")
        }
        return tags.filter { TraceFolders.isKey($0.key) }
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
