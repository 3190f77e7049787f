import HTTP
import Support

/// Asks a server for figures of traces, which it counts itself.
struct TraceMetrics: Sendable {
    let api: TraceAPI
    var experiments: [String]
    var window: TraceWindow

    /// What the traces are of which it is asked.
    enum View: String, Sendable { case traces = "TRACES", spans = "SPANS", assessments = "ASSESSMENTS" }

    /// One group of traces, and its figures by their names.
    struct Point: Decodable, Sendable {
        let dimensions: [String: String]?
        let values: [String: Double]?
        /// How many there are, where that was asked for.
        let count: Int?

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            dimensions = try container.decodeIfPresent([String: String].self, forKey: .dimensions)
            values = try container.decodeIfPresent([String: Double].self, forKey: .values)
            count = try values?["COUNT"].map { number in
                guard number <= 1e12, let count = Int(exactly: number), count >= 0 else {
                    throw DecodingError.dataCorruptedError(
                        forKey: .values, in: container, debugDescription: "\(number) is no count")
                }
                return count
            }
        }

        /// When its period begins, in milliseconds since 1970, where it was asked for by periods.
        var start: Int? { dimensions?["time_bucket"].flatMap { milliseconds(ofTimestamp: $0) } }

        private enum CodingKeys: CodingKey { case dimensions, values }
    }

    private struct Answer: Decodable, Sendable { let dataPoints: [Point]? }

    /// The most points of an answer; what goes beyond is left out in silence.
    static let mostPoints = 1_000

    /// Asks for figures.
    ///
    /// - Parameters:
    ///   - view: What is counted.
    ///   - metric: The metric's name.
    ///   - aggregations: The kinds of figures; a number is that percentile.
    ///   - dimensions: By what the traces are grouped.
    ///   - interval: By periods of how many seconds they are grouped as well; nil: by none. The time must have a beginning.
    ///   - filters: What they have to meet, in MLflow's words.
    /// - Returns: The figures of each group.
    /// - Throws: `HTTPError`.
    func points(
        _ view: View, _ metric: String, _ aggregations: [String], by dimensions: [String] = [],
        every interval: Int? = nil, where filters: [String]
    ) async throws(HTTPError) -> [Point] {
        let kinds = aggregations.map { kind -> JSONValue in
            guard Double(kind) != nil else { return ["aggregation_type": .string(kind)] }
            return ["aggregation_type": .string("PERCENTILE"), "percentile_value": .number(kind)]
        }
        var body: JSONValue = [
            "experiment_ids": JSONValue(experiments), "view_type": .string(view.rawValue),
            "metric_name": .string(metric), "aggregations": .array(kinds), "filters": JSONValue(filters),
            "end_time_ms": JSONValue(window.until - 1), "max_results": JSONValue(Self.mostPoints),
        ]
        if !dimensions.isEmpty { body["dimensions"] = JSONValue(dimensions) }
        if let interval { body["time_interval_seconds"] = JSONValue(interval) }
        if let since = window.since { body["start_time_ms"] = JSONValue(since) }
        return try await api.ask("api/3.0/mlflow/traces/metrics", body, as: Answer.self).dataPoints ?? []
    }
}
