import HTTP
import ServerFixtures
import Testing

@testable import Tracing

@Suite struct RemoteTraceStoreTests {
    private let prompts = [1, 2].map { TraceRecord.Prompt(name: "c.s.p", version: $0) }

    private var trace: TraceRecord {
        TraceRecord(
            id: "ab",
            spans: [SpanRecord(id: 1, parent: nil, name: "step", type: "LLM", start: 1, end: 2)],
            prompts: prompts)
    }

    private func store(_ exchange: ExchangeDouble) throws -> RemoteTraceStore {
        var settings = HTTPSettings(clock: ClockDouble().clock)
        settings.connect = exchange.connect
        // A test waits for its turn among all the others.
        return try RemoteTraceStore(
            url: "http://127.0.0.1:5000", experiment: .id("1"), environment: [:], settings: settings,
            patience: .seconds(3_600))
    }

    private func outcome(
        _ answer: @escaping @Sendable (HTTPRequest) -> ExchangeDouble.Answer
    ) async throws -> (TraceOutcome, [HTTPRequest]) {
        let exchange = ExchangeDouble { request, _ in
            request.url.path.hasSuffix("/version") ? .answer(200, "3.18.0") : answer(request)
        }
        return (try await store(exchange).store([trace]), exchange.sent)
    }

    @Test(arguments: ["3.0/mlflow/traces", "v1/traces", "link-prompts"])
    func aTraceWaitsForAServerThatIsAwayWithAllItsLinks(path: String) async throws {
        let (outcome, _) = try await outcome { request in
            request.url.path.hasSuffix(path) ? .broken(.couldNotConnect) : .answer(200)
        }
        #expect(outcome.again.map(\.id) == ["ab"] && outcome.loss == TraceLoss())
        #expect(outcome.outage?.hasPrefix("nothing answers at http://127.0.0.1:5000 (check") == true)
    }

    @Test func theReasonIsTheSameHoweverOftenAServerIsAsked() async throws {
        let (outcome, sent) = try await outcome { _ in .answer(503, "busy") }
        #expect(outcome.outage == "the MLflow server answered 503: busy" && outcome.again.count == 1)
        #expect(sent.count { $0.url.path.hasSuffix("mlflow/traces") } == 3)
    }

    @Test func theLinksOfALostTraceAreLostWithIt() async throws {
        let (outcome, sent) = try await outcome { request in
            request.url.path.hasSuffix("v1/traces") ? .refusal(400, "BAD_REQUEST") : .answer(200)
        }
        #expect(outcome.loss.traces == 1 && outcome.loss.links == 0 && outcome.again.isEmpty)
        #expect(!sent.contains { $0.url.path.hasSuffix("link-prompts") })
    }

    @Test func aLinkThatIsRefusedIsCountedOnceAndTakesNoOtherWithIt() async throws {
        let (outcome, sent) = try await outcome { request in
            let isFirst = String(decoding: request.body ?? [], as: UTF8.self).contains(#""version": "1""#)
            return request.url.path.hasSuffix("link-prompts") && isFirst
                ? .refusal(400, "BAD_REQUEST") : .answer(200)
        }
        #expect(outcome.loss.traces == 0 && outcome.loss.links == 1 && outcome.again.isEmpty)
        #expect(sent.count { $0.url.path.hasSuffix("link-prompts") } == 2)
    }
}
