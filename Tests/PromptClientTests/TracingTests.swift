import FoundationEssentials
import Prompts
import RegistryFixtures
import Support
import Synchronization
import Testing

@testable import PromptClient
@testable import Tracing

/// Keeps traces in memory.
private final class StoreDouble: TraceStore {
    private let kept = Mutex<[TraceRecord]>([])

    var traces: [TraceRecord] { kept.withLock(\.self) }

    func store(_ traces: [TraceRecord]) async -> TraceOutcome {
        kept.withLock { $0 += traces }
        return TraceOutcome()
    }
}

/// Is away for ever.
private struct AwayDouble: TraceStore {
    func store(_ traces: [TraceRecord]) async -> TraceOutcome {
        var outcome = TraceOutcome()
        (outcome.again, outcome.outage) = (traces, "the server is away")
        return outcome
    }
}

@Suite struct TracingTests {
    private let store = StoreDouble()

    private func client(_ environment: [String: String] = [:]) -> PromptClient {
        PromptClient(
            InMemoryRegistry(), PromptClientConfiguration(environment: environment), traces: store)
    }

    /// A root that has ended before a step `late` within it, which ends once it may, and then does more.
    private func rootBeforeLate(
        _ client: PromptClient, then more: @escaping @Sendable () async -> Void = {}
    ) async -> (late: Task<Void, Never>, go: AsyncStream<Void>.Continuation) {
        let (signal, go) = AsyncStream.makeStream(of: Void.self)
        let (started, begin) = AsyncStream.makeStream(of: Void.self)
        let late = await client.withSpan("root") { _ in
            let late = Task {
                await client.withSpan("late") { _ in
                    begin.finish()
                    for await _ in signal {}
                }
                await more()
            }
            for await _ in started {}
            return late
        }
        return (late, go)
    }

    @Test func aStepThatEndsAfterItsRootIsAPartOfTheTrace() async throws {
        let client = client()
        let (late, go) = await rootBeforeLate(client)
        #expect(store.traces.isEmpty)
        go.finish()
        await late.value
        let report = await client.flush()
        #expect(report.stored == 1 && report.lostSteps == 0 && report.reasons.isEmpty)
        #expect(store.traces.first?.spans.map(\.name) == ["root", "late"])
    }

    @Test func aStepThatEndsAfterTheFlushIsCountedAndTold() async throws {
        let client = client()
        let (late, go) = await rootBeforeLate(client) { await client.withSpan("later") { _ in } }
        #expect(await client.flush().stored == 1)
        go.finish()
        await late.value
        let report = await client.flush()
        #expect(report.stored == 1 && report.lost == 0 && report.lostSteps == 2)
        #expect(report.reasons == ["steps that ended after their trace was stored are missing in it"])
        #expect(store.traces.map { $0.spans.map(\.name) } == [["root"]])
    }

    @Test func keysAndTokensAreHiddenInATrace() async throws {
        struct Failure: Error { let key: String }
        let key = "key-of-the-model"
        let client = client(["OPENAI_API_KEY": key])
        _ = try? await client.withSpan("root") { span in
            span.setInputs(["question": "What is \(key)?"])
            span.setAttribute("odd", [key])
            span.setTraceTag("tag", key)
            span.setOutputs("It is \(key).")
            throw Failure(key: key)
        }
        await client.flush()
        let trace = try #require(store.traces.first)
        let span = try #require(trace.spans.first)
        #expect(span.inputs == ["question": .string("What is •••?")])
        #expect(span.outputs == .string("It is •••."))
        #expect(span.attributes["odd"] == .array([.string("•••")]) && trace.tags["tag"] == "•••")
        #expect(span.failure?.contains("•••") == true && span.failure?.contains(key) == false)
    }

    /// What stands in files alone is used as credentials like what the environment has.
    @Test(arguments: [
        (
            ".mlflow/credentials", "[mlflow]\nmlflow_tracking_username=ann\nmlflow_tracking_password=%@\n",
            "http://localhost:1"
        ),
        (".databrickscfg", "[DEFAULT]\nhost=https://adb.example.com\ntoken=%@\n", "databricks-uc"),
        (
            ".databrickscfg", "[own]\nhost=https://adb.example.com\nclient_id=i\nclient_secret=%@\n",
            "databricks-uc://own"
        ),
    ])
    func credentialsInFilesAreHiddenInATrace(file: String, text: String, registry: String) async throws {
        let home = FileManager.default.temporaryDirectory.appending(path: "home-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: home) }
        let secret = "a-secret-of-a-file"
        let path = home.appending(path: file)
        try FileManager.default.createDirectory(
            at: path.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.replacing("%@", with: secret).utf8).write(to: path)
        var configuration = PromptClientConfiguration(environment: ["HOME": home.path])
        for isTracking in [false, true] {
            configuration.registry = isTracking ? "file:mlruns" : registry
            configuration.tracking = isTracking ? registry : nil
            let client = PromptClient(InMemoryRegistry(), configuration, traces: store)
            await client.withSpan("root") { $0.setOutputs("It is \(secret).") }
            await client.flush()
            #expect(store.traces.last?.spans.first?.outputs == .string("It is •••."))
        }
    }

    @Test func whatIsSaidAfterAStepStoppedTakesNoTimeOfIt() async throws {
        let client = client()
        let elapsed = try await client.withSpan("root") { span in
            let elapsed = span.stop()
            try await Task.sleep(for: .milliseconds(20))
            return elapsed
        }
        await client.flush()
        let span = try #require(store.traces.first?.spans.first)
        #expect(.nanoseconds(span.end - span.start) == elapsed && elapsed < .milliseconds(20))
    }

    @Test func whatWaitsIsToldWithItsAge() async throws {
        let client = PromptClient(
            InMemoryRegistry(), PromptClientConfiguration(environment: [:]), traces: AwayDouble())
        await client.withSpan("root") { _ in }
        try await Task.sleep(for: .milliseconds(1_100))
        let report = await client.flush(timeout: .zero)
        #expect(report.waiting == 1 && report.longestWait.map { $0 >= .seconds(1) } == true)
        #expect(report.reasons.first == "the server is away")
        #expect(
            report.reasons.last?.hasPrefix("traces that wait in this program's memory: 1, the oldest for ")
                == true)
    }

    @Test(arguments: [
        ("0.5", 0.5, nil), (" 0 ", 0, nil), ("1", 1, nil), ("", 1, nil),
        ("2", 1, "every trace is stored"), ("nan", 1, "every trace is stored"),
        ("half", 0, "no trace is stored"),
    ])
    func aRatioIsTakenAsMLflowDoes(text: String, ratio: Double, told: String?) async {
        let client = client(["MLFLOW_TRACE_SAMPLING_RATIO": text])
        #expect(client.configuration.samplingRatio == ratio)
        let reasons = await client.flush().reasons
        #expect(reasons.count == (told == nil ? 0 : 1))
        if let told { #expect(reasons.first?.hasSuffix(told) == true) }
        var other = client.configuration
        other.samplingRatio = 1
        #expect(await PromptClient(InMemoryRegistry(), other, traces: store).flush().reasons.isEmpty)
    }
}
