import HTTP
import ServerFixtures
import Testing

@testable import Tracing

/// Figures that a server tells of traces, where the server is a double.
@Suite struct VersionReadingTests {
    private static let version = TraceRecord.Prompt(name: "main.a.greeting", version: 1)

    /// Reads from a server that gives these points, as JSON, for each metric and each way to group it.
    private func read(_ points: [String: String]) async throws -> TraceFigures {
        let exchange = ExchangeDouble { request, _ in
            guard request.url.path.hasSuffix("traces/metrics") else { return .answer(200) }
            let body = String(decoding: request.body ?? [], as: UTF8.self)
            let wanted = points.first { body.contains("\"\($0.key)\"") }
            return .answer(200, #"{"data_points": [\#(wanted?.value ?? "")]}"#)
        }
        let api = TraceAPI(base: try HTTPURL("https://host"), client: ClientDouble(exchange).client)
        let window = TraceWindow(until: 1_000)
        let reading = VersionReading(
            query: TraceQuery(experiments: ["1"], window: window, versions: [Self.version]),
            search: TraceSearch(api: api, experiments: ["1"], window: window),
            metrics: TraceMetrics(api: api, experiments: ["1"], window: window), counts: true,
            findsLinks: true, onProgress: { _ in })
        return try await reading.all().figures(of: Self.version)
    }

    private static let ten = #"{"dimensions": {"trace_status": "OK"}, "values": {"COUNT": 10.0}}"#

    @Test func countsAndMeansAreTheServersOwn() async throws {
        let figures = try await read([
            "trace_count": Self.ten
                + #", {"dimensions": {"trace_status": "ERROR"}, "values": {"COUNT": 2}}"#,
            "total_tokens": #"{"values": {"AVG": 5, "SUM": 30}}"#,
        ])
        #expect(figures.traces == 12 && figures.errors == 2)
        #expect(figures.totalTokens == .init(count: 6, mean: 5, sum: 30))
    }

    @Test(arguments: ["-1", "0.5", "1e13", "1e19", "1e300"])
    func aCountThatIsNoneIsNotUnderstood(_ count: String) async throws {
        let point = #"{"dimensions": {"trace_status": "OK"}, "values": {"COUNT": \#(count)}}"#
        let error = await #expect(throws: HTTPError.self) {
            _ = try await read(["trace_count": point])
        }
        #expect(error?.message.contains("cannot be understood") == true)
    }

    @Test(arguments: [(1e300, 1e-300, 10), (-5, 1, 0), (1e300, 1, 10)])
    func aSumThatNoMeanFitsCountsNoMoreThanThereAre(_ sum: Double, _ mean: Double, _ count: Int) async throws
    {
        let values = #"{"values": {"AVG": \#(mean), "SUM": \#(sum)}}"#
        let tokens = try await read(["trace_count": Self.ten, "total_tokens": values])
        #expect(tokens.totalTokens?.count == count)
        // What the steps cost is not told as what the traces cost; those are read, and there are none.
        #expect(try await read(["trace_count": Self.ten, "total_cost": values]).cost == nil)
    }
}

@Suite struct TraceSearchTests {
    /// What is between may answer with the same page for ever, or the server may heed no time.
    @Test func aListThatRepeatsItselfUnderNewTokensIsAnError() async throws {
        let exchange = ExchangeDouble { _, index in
            let traces = (0..<TraceSearch.pageSize).map {
                #"{"trace_id": "t\#($0)", "request_time": "1970-01-01T00:00:00.5Z", "state": "OK"}"#
            }
            return .answer(
                200, #"{"traces": [\#(traces.joined(separator: ","))], "next_page_token": "\#(index)"}"#)
        }
        let api = TraceAPI(base: try HTTPURL("https://host"), client: ClientDouble(exchange).client)
        let search = TraceSearch(api: api, experiments: ["1"], window: TraceWindow(until: 1_000))
        var taken: Set<String> = []
        let error = await #expect(throws: HTTPError.self) {
            _ = try await search.find([]) { taken.insert($0.id) }
        }
        #expect(error?.message.contains("does not end") == true)
        #expect(taken.count == TraceSearch.pageSize && exchange.sent.count == 3)
    }
}

@Suite struct TraceTallyTests {
    @Test func percentilesOfTimesOfAnySizeAreTaken() {
        #expect([Int.min, Int.max].percentile(50) == 0)
        #expect([1, 3, 4].percentile(25) == 2)
        #expect([Int]().percentile(50) == nil)
    }
}
