import FoundationEssentials
import Support

// Traces as MLflow's API takes them: what is known of a trace, then its steps in OpenTelemetry's JSON.
extension TraceRecord {
    /// The body of the call that stores what is known of the trace as a whole.
    func info(experiment: String) -> JSONValue {
        var info = summary(experiment: experiment)
        info["execution_duration"] = .string(decimalSeconds(milliseconds: milliseconds) + "s")
        info["trace_metadata"] = Self.object(metadata)
        info["tags"] = Self.object(tags)
        if !feedback.isEmpty { info["assessments"] = .array(assessments) }
        return ["trace": ["trace_info": info]]
    }

    /// How long it took, in milliseconds.
    var milliseconds: Int { max(0, (spans.first?.end ?? 0) - (spans.first?.start ?? 0)) / 1_000_000 }

    /// What is known of the trace as a whole, without its duration, metadata and tags.
    func summary(experiment: String) -> JSONValue {
        let root = spans.first
        // In the middle of its millisecond, since the fraction is cut and not rounded.
        let start = Date(timeIntervalSince1970: (Double((root?.start ?? 0) / 1_000_000) + 0.5) / 1_000)
        var info: JSONValue = [
            "trace_id": .string(traceID),
            "trace_location": [
                "type": .string("MLFLOW_EXPERIMENT"),
                "mlflow_experiment": ["experiment_id": .string(experiment)],
            ],
            "request_time": .string(start.timestamp),
            "state": .string(root?.failure == nil ? "OK" : "ERROR"),
        ]
        info["request_preview"] = Self.preview(root?.inputs).map(JSONValue.string)
        info["response_preview"] = Self.preview(root?.outputs).map(JSONValue.string)
        return info
    }

    private static func object(_ texts: [String: String]) -> JSONValue {
        .object(texts.sorted { $0.key < $1.key }.map { .init($0.key, .string($0.value)) })
    }

    /// The body of the call that stores the steps of several traces.
    static func spans(of traces: [TraceRecord]) -> JSONValue {
        let spans = traces.flatMap { trace in trace.spans.map { $0.otlp(in: trace) } }
        let scope: JSONValue = ["scope": ["name": .string("promptreg")], "spans": .array(spans)]
        let resource: JSONValue = ["resource": ["attributes": .array([])], "scopeSpans": .array([scope])]
        return ["resourceSpans": .array([resource])]
    }
}

extension SpanRecord {
    /// The step in OpenTelemetry's JSON.
    fileprivate func otlp(in trace: TraceRecord) -> JSONValue {
        var span: JSONValue = [
            "traceId": .string(trace.id), "spanId": .string(Self.hexadecimal(id)), "name": .string(name),
            "kind": JSONValue(1),
            "startTimeUnixNano": .string("\(start)"), "endTimeUnixNano": .string("\(end)"),
        ]
        span["parentSpanId"] = parent.map { .string(Self.hexadecimal($0)) }
        span["status"] =
            failure.map { ["code": JSONValue(2), "message": .string($0)] } ?? ["code": JSONValue(1)]
        // The server unwraps JSON once, so that text has to be wrapped in order to stay text.
        span["attributes"] = .array(
            mlflowAttributes.sorted { $0.key < $1.key }.map { key, value in
                ["key": .string(key), "value": ["stringValue": .string(value.serialized)]]
            })
        return span
    }

    /// All attributes by the names that MLflow reads.
    var mlflowAttributes: [String: JSONValue] {
        var all = attributes
        all["mlflow.spanType"] = .string(type)
        all["mlflow.spanInputs"] = inputs
        all["mlflow.spanOutputs"] = outputs
        all["mlflow.chat.tokenUsage"] = usage?.json
        all["mlflow.llm.cost"] = cost?.json
        if !prompts.isEmpty { all[TraceRecord.linkedPrompts] = .array(prompts.map(\.json)) }
        return all
    }

    /// An id as 16 hexadecimal digits.
    package static func hexadecimal(_ id: UInt64) -> String {
        let digits = String(id, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
