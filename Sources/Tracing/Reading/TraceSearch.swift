import HTTP
import Support

/// Searches a server for traces, page by page, the newest first.
///
/// A page goes on from the time of the last trace and not by the number of those before it, so that traces that arrive or
/// are deleted meanwhile shift nothing, and late pages take no longer than early ones.
struct TraceSearch: Sendable {
    let api: TraceAPI
    var experiments: [String]
    var window: TraceWindow

    /// The most traces that a page can have.
    static let pageSize = 500
    private static let path = "api/3.0/mlflow/traces/search"

    /// Finds traces.
    ///
    /// - Parameters:
    ///   - clauses: What all of them have to meet, in MLflow's words.
    ///   - limit: After how many to stop.
    ///   - take: Takes each trace; some may come twice.
    /// - Returns: Whether that was all.
    /// - Throws: `HTTPError`.
    func find(
        _ clauses: [String], limit: Int = .max, _ take: (ReadTrace) -> Void
    ) async throws(HTTPError) -> Bool {
        var (last, token, count) = (window.until - 1, String?.none, 0)
        var contents: Set<Int> = []
        while true {
            let size = min(Self.pageSize, max(limit - count, 1))
            let page = try await page(clauses, until: last, size: size, token)
            let traces = page.traces ?? []
            for trace in traces { take(trace.read) }
            count += traces.count
            // From one moment to the next, pages overlap; those of a token do not.
            let isNew = contents.insert(traces.map(\.traceId).hashValue).inserted
            if token != nil, !isNew { throw .endlessList }
            guard traces.count >= size, let next = page.nextPageToken, !next.isEmpty,
                let oldest = traces.last.flatMap({ milliseconds(ofTimestamp: $0.requestTime) })
            else { return true }
            if count >= limit { return false }
            // Where more began at one moment than a page holds, the server counts them.
            token = oldest < last ? nil : next
            last = min(last, oldest)
        }
    }

    /// Whether there is a trace.
    func finds(_ clauses: [String]) async throws(HTTPError) -> Bool {
        try await page(clauses, until: window.until - 1, size: 1, nil).traces?.isEmpty == false
    }

    /// When the first and the last trace began, in milliseconds since 1970; nil where there is none.
    func span(_ clauses: [String]) async throws(HTTPError) -> ClosedRange<Int>? {
        let last = try await page(clauses, until: window.until - 1, size: 1, nil).traces?.first?.read.time
        let first = try await page(clauses, until: window.until - 1, size: 1, nil, isOldestFirst: true)
            .traces?.first?.read.time
        guard let first, let last, first <= last else { return nil }
        return first...last
    }

    private func page(
        _ clauses: [String], until last: Int, size: Int, _ token: String?, isOldestFirst: Bool = false
    ) async throws(HTTPError) -> Page {
        let times = (window.since.map { ["timestamp_ms >= \($0)"] } ?? []) + ["timestamp_ms <= \(last)"]
        var body: JSONValue = [
            "locations": .array(
                experiments.map {
                    [
                        "type": .string("MLFLOW_EXPERIMENT"),
                        "mlflow_experiment": ["experiment_id": .string($0)],
                    ]
                }),
            "filter": .string((clauses + times).joined(separator: " AND ")), "max_results": JSONValue(size),
            "order_by": JSONValue(["timestamp_ms \(isOldestFirst ? "ASC" : "DESC")"]),
        ]
        body["page_token"] = token.map(JSONValue.string)
        return try await api.ask(Self.path, body, as: Page.self)
    }
}

/// A page of traces, as the server answers.
private struct Page: Decodable, Sendable {
    let traces: [FoundTrace]?
    let nextPageToken: String?
}

private struct FoundTrace: Decodable, Sendable {
    struct Metadata: Decodable, Sendable {
        let usage: String?
        let cost: String?

        enum CodingKeys: String, CodingKey {
            case usage = "mlflow.trace.tokenUsage"
            case cost = "mlflow.trace.cost"
        }
    }

    struct Location: Decodable, Sendable {
        struct Experiment: Decodable, Sendable { let experimentId: String? }
        let mlflowExperiment: Experiment?
    }

    let traceId: String
    let traceLocation: Location?
    let requestTime: String
    let executionDuration: String?
    let state: String?
    let traceMetadata: Metadata?
    let tags: [String: String]?
    let assessments: [FoundAssessment]?

    var read: ReadTrace {
        var trace = ReadTrace(
            id: traceId, time: milliseconds(ofTimestamp: requestTime) ?? 0, state: state,
            usage: traceMetadata?.usage, price: traceMetadata?.cost, tags: tags ?? [:])
        trace.experiment = traceLocation?.mlflowExperiment?.experimentId
        trace.latency = executionDuration.flatMap(ReadTrace.milliseconds)
        trace.feedback = (assessments ?? []).compactMap(\.read)
        return trace
    }
}

private struct FoundAssessment: Decodable, Sendable {
    struct Given: Decodable, Sendable {
        let value: JSONText?
        let error: Present?
    }

    let assessmentName: String?
    let valid: Bool?
    let feedback: Given?

    var read: ReadTrace.Feedback? {
        guard valid != false, let feedback, feedback.error == nil, let value = feedback.value,
            let assessmentName
        else { return nil }
        return .init(name: assessmentName, number: ReadTrace.number(value.json))
    }
}

/// Anything that is not null.
private struct Present: Decodable, Sendable {
    init(from decoder: any Decoder) throws {}
}

/// A value of which only numbers, texts, yes and no matter.
private struct JSONText: Decodable, Sendable {
    let json: JSONValue

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let flag = try? container.decode(Bool.self) {
            json = .bool(flag)
        } else if let number = try? container.decode(Double.self) {
            json = .number("\(number)")
        } else {
            json = (try? container.decode(String.self)).map(JSONValue.string) ?? .array([])
        }
    }
}

extension ReadTrace {
    /// The milliseconds of a time such as `1.500s`.
    static func milliseconds(_ duration: String) -> Int? {
        guard duration.hasSuffix("s"), let seconds = Double(duration.dropLast()), abs(seconds) < 1e12 else {
            return nil
        }
        return Int((seconds * 1_000).rounded())
    }
}
