import FoundationEssentials
import Support

/// What a program says of a trace.
package struct TraceFeedback: Hashable, Sendable {
    /// What it is about.
    package var name: String
    /// Whether the trace is good in that.
    package var value: Bool
    /// Why.
    package var rationale: String?
    /// Its id, which stays when it is sent again.
    private let id = "a-" + TraceRecord.randomID()

    /// The most characters of a reason.
    private static let longestRationale = 1_000

    /// Feedback.
    package init(name: String, value: Bool, rationale: String? = nil) {
        (self.name, self.value, self.rationale) = (name, value, rationale)
    }

    /// As MLflow keeps it.
    ///
    /// - Parameters:
    ///   - traceID: MLflow's id of the trace.
    ///   - time: When it was said, in RFC 3339.
    /// - Returns: JSON.
    func json(of traceID: String, at time: String) -> JSONValue {
        var json: JSONValue = [
            "assessment_id": .string(id), "trace_id": .string(traceID),
            "assessment_name": .string(name),
            "source": ["source_type": .string("CODE"), "source_id": .string("promptreg")],
            "create_time": .string(time), "last_update_time": .string(time),
            "feedback": ["value": .bool(value)], "valid": .bool(true),
        ]
        json["rationale"] = rationale.map { .string($0.cut(to: Self.longestRationale).withoutNull) }
        return json
    }
}

extension TraceRecord {
    /// An id of 32 hexadecimal digits.
    static func randomID() -> String {
        [UInt64.random(in: 1...UInt64.max), UInt64.random(in: 0...UInt64.max)].map(SpanRecord.hexadecimal)
            .joined()
    }

    /// What is said of the trace, as MLflow keeps it.
    var assessments: [JSONValue] {
        let time = Date().timestamp
        return feedback.map { $0.json(of: traceID, at: time) }
    }
}
