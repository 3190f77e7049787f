import FoundationEssentials
import Support
import Synchronization
import Testing

@testable import Tracing

/// Keeps traces in memory, a moment later, and refuses some.
private final class StoreDouble: TraceStore {
    private struct State {
        var batches: [[String]] = []
        var refused: Set<String> = []
        var isHeld = false
        /// How often it is away, after the first trace of what it is given.
        var absences = 0
        var isAway = false
    }

    private let state = Mutex(State())

    var batches: [[String]] { state.withLock(\.batches) }

    func leave(_ count: Int) { state.withLock { $0.absences = count } }

    func leave() { state.withLock { $0.isAway = true } }

    func comeBack() { state.withLock { $0.isAway = false } }

    func refuse(_ id: String) { state.withLock { _ = $0.refused.insert(id) } }

    func hold() { state.withLock { $0.isHeld = true } }

    func letGo() { state.withLock { $0.isHeld = false } }

    func store(_ traces: [TraceRecord]) async -> TraceOutcome {
        while state.withLock(\.isHeld) { await Task.yield() }
        try? await Task.sleep(for: .milliseconds(1))
        return state.withLock { state in
            var outcome = TraceOutcome()
            outcome.outage = "nobody is there"
            if state.isAway {
                outcome.again = traces
                return outcome
            }
            if state.absences > 0 {
                state.absences -= 1
                // What was done before it left is not asked for again.
                state.batches.append([traces[0].id])
                outcome.again = Array(traces.dropFirst())
                return outcome
            }
            state.batches.append(traces.map(\.id))
            for trace in traces where state.refused.contains(trace.id) {
                outcome.loss.traces += 1
                outcome.loss.add("refused")
            }
            return outcome
        }
    }
}

private func trace(_ id: String, _ spans: [SpanRecord] = [], prompts: [TraceRecord.Prompt] = [])
    -> TraceRecord
{
    TraceRecord(id: id, spans: spans.isEmpty ? [span(1, nil)] : spans, prompts: prompts)
}

private func span(
    _ id: UInt64, _ parent: UInt64?, usage: TokenCount? = nil, cost: CostSum? = nil, failure: String? = nil
) -> SpanRecord {
    SpanRecord(
        id: id, parent: parent, name: "step \(id)", type: "LLM", start: 1_700_000_000_123_456_789,
        end: 1_700_000_002_023_456_789, failure: failure, usage: usage, cost: cost)
}

@Suite struct TraceExporterTests {
    @Test func everyTraceOfManyTasksIsStoredOnce() async {
        let store = StoreDouble()
        let exporter = TraceExporter(store)
        await withTaskGroup { group in
            for task in 0..<64 {
                group.addTask { for number in 0..<157 { exporter.add(trace("\(task)-\(number)")) } }
            }
        }
        let count = await exporter.flush(within: .seconds(60))
        #expect(count.stored == 10_048 && count.loss == TraceLoss())
        let stored = store.batches.flatMap(\.self)
        #expect(stored.count == 10_048 && Set(stored).count == 10_048)
        // Those that came while others were under way went together.
        #expect(store.batches.count < 200)
    }

    @Test func whatIsRefusedOrFindsNoRoomIsCountedAndToldOnce() async {
        let store = StoreDouble()
        for id in ["1", "2"] { store.refuse(id) }
        let exporter = TraceExporter(store, limit: 3)
        for id in 0..<200 { exporter.add(trace("\(id)")) }
        let count = await exporter.flush(within: .seconds(60))
        #expect(count.stored + count.loss.traces == 200)
        #expect(store.batches.flatMap(\.self).count < 200)
        #expect(count.loss.reasons.count { $0.hasPrefix("more than 3 traces were waiting") } == 1)
        #expect(count.loss.reasons.count { $0 == "refused" } <= 1)
    }

    @Test func whatAStoreThatIsAwayDoesNotTakeIsStoredWhenItIsBack() async {
        let store = StoreDouble()
        store.leave(3)
        let exporter = TraceExporter(store)
        for id in 1...300 { exporter.add(trace("\(id)")) }
        let count = await exporter.flush(within: .seconds(60))
        #expect(count.stored == 300 && count.loss == TraceLoss() && count.waiting == 0)
        let stored = store.batches.flatMap(\.self)
        #expect(stored.count == 300 && Set(stored).count == 300)
    }

    @Test func aStoreThatStaysAwayIsToldOnceAndTheOldestMakeRoom() async {
        let store = StoreDouble()
        store.leave()
        let exporter = TraceExporter(store, limit: 50)
        for id in 1...300 { exporter.add(trace("\(id)")) }
        // What is under way when others come makes no room.
        var count = await exporter.flush(within: .milliseconds(700))
        #expect((50...250).contains(count.waiting) && count.stored == 0)
        #expect(count.loss.traces + count.waiting == 300)
        #expect(count.loss.reasons.contains("nobody is there") && count.loss.reasons.count == 2)
        store.comeBack()
        count = await exporter.flush(within: .seconds(60))
        #expect(count.waiting == 0 && count.loss.reasons.count == 1)
        let last = (251...300).map(String.init)
        #expect(Array(store.batches.flatMap(\.self).suffix(50)) == last)
    }

    @Test func whereSomebodyWaitsAStoreThatStaysAwayLosesTheTraces() async {
        let store = StoreDouble()
        store.leave()
        let exporter = TraceExporter(store, patience: .milliseconds(300))
        for id in 1...300 { exporter.add(trace("\(id)")) }
        let count = await exporter.flush(within: .seconds(60))
        #expect(count.waiting == 0 && count.stored == 0 && count.loss.traces == 300)
        #expect(count.loss.reasons == ["nobody is there"])
    }

    @Test func flushWaitsNoLongerThanIsSaid() async {
        let store = StoreDouble()
        let exporter = TraceExporter(store)
        store.hold()
        exporter.add(trace("1"))
        for limit in [Duration.zero, .milliseconds(10)] {
            #expect(await exporter.flush(within: limit).waiting == 1)
        }
        store.letGo()
        let count = await exporter.flush(within: .seconds(60))
        #expect(count.stored == 1 && count.waiting == 0)
    }

    @Test func nothingIsWaitedForWhereNothingIsThere() async {
        #expect(await TraceExporter(StoreDouble()).flush(within: .seconds(60)) == TraceExporter.Count())
    }
}

@Suite struct TraceRecordTests {
    @Test func usageOfAStepCountsOnceWithThatOfItsParts() {
        let usage = TokenCount(input: 7, output: 3)
        let spans = [
            span(1, nil), span(2, 1, usage: usage), span(3, 2, usage: TokenCount(input: 5, output: 1)),
            span(4, 1, usage: TokenCount(input: 1, output: 1, total: 5)),
        ]
        let metadata = trace("a", spans).metadata
        #expect(
            metadata["mlflow.trace.tokenUsage"]
                == #"{"input_tokens": 8, "output_tokens": 4, "total_tokens": 15}"#)
        #expect(metadata["mlflow.trace.cost"] == nil)
    }

    @Test func numbersOfAnySizeAreTaken() {
        let huge = TokenCount(input: .max, output: .max)
        #expect(huge.total == .max && (huge + huge).input == .max)
        let spans = [span(1, nil, cost: CostSum(input: .infinity, output: 1))]
        #expect(trace("a", spans).metadata["mlflow.trace.cost"] == nil)
    }

    @Test func aCostOfWhichOnlyTheSumIsKnownIsSummedUp() {
        let (whole, parts) = (CostSum(total: 0.5), CostSum(input: 0.25, output: 1))
        func cost(_ costs: CostSum...) -> String? {
            let steps = costs.enumerated().map { span(UInt64($0.offset + 2), 1, cost: $0.element) }
            return trace("a", [span(1, nil)] + steps).metadata["mlflow.trace.cost"]
        }
        #expect(cost(whole, parts) == #"{"total_cost": 1.75}"#)
        #expect(cost(parts, parts) == #"{"input_cost": 0.5, "output_cost": 2.0, "total_cost": 2.5}"#)
        #expect(cost(CostSum(total: .nan)) == nil)
    }

    @Test func stepsThatAreTheirOwnPartsEnd() {
        let usage = TokenCount(input: 1, output: 1)
        let record = trace("a", [span(1, 2, usage: usage), span(2, 1)])
        #expect(record.metadata["mlflow.trace.tokenUsage"] == nil)
    }

    @Test func promptsAreTags() {
        let prompts = ["c.s.b": 2, "c.s.a": 1].map { TraceRecord.Prompt(name: $0.key, version: $0.value) }
            .sorted { $0.name > $1.name }
        let tags = trace("a", prompts: prompts + prompts).tags
        #expect(
            tags["mlflow.linkedPrompts"]
                == #"[{"name": "c.s.b", "version": "2"}, {"name": "c.s.a", "version": "1"}]"#)
        #expect(tags["prompts_loaded"] == "c.s.b/2,c.s.a/1")
        #expect(tags["promptreg.prompt.c.s.a"] == "1" && tags["promptreg.prompt.c.s.b"] == "2")
        #expect(trace("a").tags == ["mlflow.traceName": "step 1"])
    }

    @Test func whatNoServerHoldsIsCutAndTold() throws {
        let long = String(repeating: "é", count: 9_000)
        var odd = span(1, nil)
        (odd.name, odd.type) = ("a\0b", long)
        odd.inputs = .string("x\0y")
        let prompts = (1...400).map { TraceRecord.Prompt(name: "main.agent.prompt_\($0)", version: 1) }
        let trace = TraceRecord(
            id: "a", spans: [odd], prompts: prompts, tags: ["k": long, long: "v", "null": "a\0b"],
            metadata: ["mlflow.trace.session": long])
        var loss = TraceLoss()
        let kept = trace.fitting(&loss)
        #expect(kept.tags["k"] == String(repeating: "é", count: 8_000) && kept.tags[long] == nil)
        #expect(kept.tags["null"] == "a\u{FFFD}b" && kept.tags["mlflow.traceName"] == "a\u{FFFD}b")
        #expect(kept.metadata["mlflow.trace.session"]?.count == 250)
        #expect(kept.spans.first?.type.count == 500 && kept.spans.first?.name == "a\u{FFFD}b")
        let linked = try #require(kept.tags["mlflow.linkedPrompts"])
        #expect(linked.count <= 4_096)
        let list = try JSONDecoder().decode([[String: String]].self, from: Data(linked.utf8))
        #expect(list.count > 50 && list.count < 400)
        #expect(loss.traces == 0 && loss.reasons.count == 5)
        // What fits stays as it is.
        var none = TraceLoss()
        let plain = TraceRecord(id: "b", spans: [span(1, nil)], prompts: [prompts[0]])
        #expect(plain.fitting(&none).tags == plain.tags && none == TraceLoss())
    }

    @Test func timesAndStateAreWhatTheServerTakes() throws {
        let info = try #require(
            trace("ab", [span(1, nil, failure: "no")]).info(experiment: "7")["trace"]?["trace_info"])
        #expect(info["trace_id"] == .string("tr-ab") && info["state"] == .string("ERROR"))
        #expect(info["request_time"] == .string("2023-11-14T22:13:20.123Z"))
        #expect(info["execution_duration"] == .string("1.900s"))
        #expect(info["request_preview"] == nil)
    }
}
