import FoundationEssentials
import Support

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
    /// The steps as MLflow's clients keep them in a file.
    var stored: JSONValue { ["spans": .array(spans.map { $0.stored(in: self) })] }

    /// The id as two numbers.
    fileprivate var halves: [UInt64] {
        [id.prefix(16), id.dropFirst(16)].map { UInt64($0, radix: 16) ?? 0 }
    }
}
