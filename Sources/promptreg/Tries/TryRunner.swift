import ChatModels
import Diagnostics
import Dispatch
import Evidence
import Jobs
import Prompts
import Support
import Synchronization
import Templates
import Tracing

/// Runs cases: asks a model for each of them with both versions, and checks what it answers.
struct TryRunner: Sendable {
    /// A call that is to be made.
    private struct Planned: Sendable {
        /// The case by its place.
        let place: Int
        let isCandidate: Bool
        let version: ResolvedVersion
        let request: ChatRequest
        let checks: [AnswerCheck]
    }

    private let prepared: TryPreparation
    private let options: TryRunOptions
    private let caller: ModelCaller
    private let console: Console
    private let calls: [Planned]

    /// A runner; every template is filled in, and nothing is asked yet.
    ///
    /// - Parameters:
    ///   - prepared: The cases with their versions.
    ///   - options: How they are run.
    ///   - model: The model; nil takes that of each version.
    ///   - caller: Asks it.
    ///   - file: What was found in the file of cases.
    ///   - console: Told what is done.
    /// - Throws: `CommandFailure` with what is wrong with the values of the cases, or where no model is named.
    init(
        _ prepared: TryPreparation, _ options: TryRunOptions, model: String?, _ caller: ModelCaller,
        _ file: DiagnosticList, _ console: Console
    ) throws(CommandFailure) {
        (self.prepared, self.options, self.caller, self.console) = (prepared, options, caller, console)
        var (calls, findings) = ([Planned](), file)
        for (place, one) in prepared.cases.enumerated() {
            let versions = [one.candidate, one.base].compactMap(\.self)
            // A version need not use what the other one does.
            let used = versions.map { Set($0.version.content.variables) }
            for (version, own) in zip(versions, used) {
                let values = one.one.values.filter { value in
                    own.contains(value.name) || !used.contains { $0.contains(value.name) }
                }
                let content = version.version.content
                let isChat = content.kind == .chat
                let rendering = PromptRendering(of: content.template, isChat: isChat, values: values)
                for var finding in rendering.diagnostics where finding.severity == .error {
                    finding.location = finding.location ?? one.one.location
                    finding.message =
                        "case '\(one.one.name)', version \(version.version.number): \(finding.message)"
                    if finding.help?.hasPrefix("pass --set") == true {
                        finding.help = "add it to the case's values"
                    }
                    findings.add(finding)
                }
                guard let text = rendering.text else { continue }
                calls.append(
                    Planned(
                        place: place, isCandidate: version == one.candidate, version: version,
                        request: try ChatRequest(
                            text, isChat: isChat, of: content, model: model,
                            owner: "version \(version.version.number) of \(version.name)"),
                        checks: one.one.checks))
            }
        }
        if findings.hasErrors { throw CommandFailure(findings) }
        // Where a cap stops them, both versions have answered as often, and every case in turn.
        self.calls = Array(repeating: calls, count: options.repetitions).flatMap(\.self)
    }

    /// Makes the calls. When this task is cancelled, those under way are given up, and no further one is made.
    ///
    /// - Returns: What came of them.
    func run() async -> TryReport {
        var report = TryReport(
            registry: prepared.registry, toolVersion: toolVersion,
            cases: prepared.cases.map { one in
                TryReport.Case(
                    one.one, prompt: one.prompt, candidate: .init(version: one.candidate.version.number),
                    base: one.base.map { .init(version: $0.version.number) },
                    repetitions: options.repetitions)
            })
        report.planned = calls.count
        report.models = models
        tell()
        let progress = CountLine("answers", console)
        // What is under way when the cap is reached would exceed it.
        let limit = options.maxCost == nil ? options.concurrency : 1
        await forEachConcurrently(calls, limit: limit) { call in
            await make(call)
        } onResult: { call, attempt in
            // What was cut off says nothing of the version.
            if Task.isCancelled, attempt.failure != nil { return false }
            if call.isCandidate {
                report.cases[call.place].candidate.attempts.append(attempt)
            } else {
                report.cases[call.place].base?.attempts.append(attempt)
            }
            report.made += 1
            if let cost = attempt.run.cost { report.cost = (report.cost ?? 0) + cost }
            progress.update(report.made)
            report.stop = report.stop ?? stop(report, attempt)
            return report.stop == nil && !Task.isCancelled
        }
        progress.end()
        if Task.isCancelled, report.made < report.planned {
            (report.isInterrupted, report.stop) = (true, "it was interrupted")
        }
        return report
    }

    /// Why no further call is made; nil where there may be one.
    private func stop(_ report: TryReport, _ attempt: TryReport.Attempt) -> String? {
        guard report.made < report.planned else { return nil }
        if let refusal = report.refusal { return "no call can be answered: \(refusal.message)" }
        guard let most = options.maxCost else { return nil }
        if attempt.failure == nil, attempt.run.cost == nil {
            return caller.hasPrice
                ? "the endpoint does not tell how many tokens an answer takes, so that its cost is not known"
                : "the endpoint does not tell what an answer costs; --price says what tokens cost"
        }
        return report.cost ?? 0 >= most ? "the cap of --max-cost is reached" : nil
    }

    private var models: [String] {
        var models: [String] = []
        for call in calls where !models.contains(call.request.model) { models.append(call.request.model) }
        return models
    }

    private func tell() {
        guard options.maxCost == nil else { return }
        console.note(
            "\(calls.count) \(calls.count == 1 ? "call" : "calls") of \(models.listed(5)): \(prepared.cases.count) "
                + "\(prepared.cases.count == 1 ? "case" : "cases"), --repeat \(options.repetitions); "
                + "--max-cost would cap what they cost")
    }

    /// Makes a call.
    private func make(_ call: Planned) async -> TryReport.Attempt {
        let results = Mutex<[CheckResult]>([])
        let startedAt = ProcessEnvironment.now
        let made = await caller.ask(call.request, call.version.name, call.version) { answer, elapsed, cost in
            let found = Self.check(call.checks, answer, elapsed, cost)
            results.withLock { $0 = found }
            let feedback = found.map { result in
                TraceFeedback(
                    name: result.check.kind.rawValue, value: result.isPassed,
                    rationale: "expected \(result.check.expected)")
            }
            // Of an answer that never came, nothing can be said of what it was like.
            let isAnswered = (try? answer.get()) != nil
            if !isAnswered, Task.isCancelled { return [] }
            let isPassed = isAnswered && found.allSatisfy(\.isPassed)
            return (isAnswered ? Self.merged(feedback) : []) + [
                TraceFeedback(name: "passed", value: isPassed)
            ]
        }
        let checks = results.withLock { $0 }
        let answer = try? made.answer.get()
        var error: RegistryError?
        if case .failure(let reason) = made.answer { error = reason }
        let failure = error?.message
        let usage = made.usage.map { TokenCount(input: $0.input, output: $0.output, total: $0.total) }
        var attempt = TryReport.Attempt(
            output: answer?.text, failure: failure, checks: checks,
            run: TraceRun(
                startedAt: startedAt, isError: failure != nil, milliseconds: made.elapsed.milliseconds,
                usage: usage,
                cost: made.cost.map(\.total),
                isPassed: failure == nil && checks.allSatisfy(\.isPassed)), traceID: made.traceID)
        attempt.shortfall = answer?.shortfall
        attempt.model = call.request.model
        attempt.refusal = made.isOfSetup ? error : nil
        return attempt
    }

    private static func check(
        _ checks: [AnswerCheck], _ answer: Result<ChatAnswer, RegistryError>, _ elapsed: Duration,
        _ cost: CostSum?
    ) -> [CheckResult] {
        switch answer {
        case .failure(let error): return checks.map { CheckResult($0, failure: error.message) }
        case .success(let answer):
            let checked = CheckResult.Answer(
                text: answer.text, milliseconds: elapsed.milliseconds, tokens: answer.usage?.total,
                cost: cost.map(\.total))
            return checks.map { result(of: $0, checked) }
        }
    }

    /// How long a check may take: there are regular expressions that never come to an end with some texts.
    private static let longestCheck = 5

    private static func result(of check: AnswerCheck, _ answer: CheckResult.Answer) -> CheckResult {
        let found = Mutex<CheckResult?>(nil)
        let isDone = DispatchSemaphore(value: 0)
        // Nothing can stop a regular expression; its thread ends with the program.
        DispatchQueue(label: "promptreg.check", qos: .userInitiated).async {
            let result = CheckResult(check, answer)
            found.withLock { $0 = result }
            isDone.signal()
        }
        _ = isDone.wait(timeout: .now() + .seconds(longestCheck))
        return found.withLock(\.self)
            ?? CheckResult(check, failure: "the check took longer than \(longestCheck) s with this answer")
    }

    /// One feedback a name: good where all of that name are.
    private static func merged(_ feedback: [TraceFeedback]) -> [TraceFeedback] {
        var merged: [TraceFeedback] = []
        for one in feedback {
            if let index = merged.firstIndex(where: { $0.name == one.name }) {
                if merged[index].value { merged[index] = one }
            } else {
                merged.append(one)
            }
        }
        return merged
    }
}
