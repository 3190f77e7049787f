import ArgumentParsing
import Evidence
import Jobs
import Planning
import Prompts
import Support
import Tracing

/// What has to be so before a promotion.
struct GateOptions: Hashable, Sendable {
    /// The gates of the command line, besides those of the job.
    var gates: [Gate] = []
    /// The present, in milliseconds since 1970.
    var now = ProcessEnvironment.now
    /// How old traces may be for gates that do not say it, in milliseconds; nil: as old as they are.
    var age: Int?
    /// The names or ids of the experiments to look in.
    var experiments: [String] = []
    /// Why gates that fail do not count; nil where they do.
    var override: String?

    static let options: [Option<GateOptions>] = [
        Option(
            Flag(
                "require", value: .text("EXPR"), isRepeatable: true,
                help: "Promote nothing unless this is so, such as 'errors <= 1%' or 'cost <= +10%'"),
            appendingTo: \GateOptions.gates
        ) { text throws(ArgumentProblem) in
            do throws(Gate.Problem) {
                return try Gate(text)
            } catch {
                throw ArgumentProblem(error.hint.map { "\(error.message) (\($0))" } ?? error.message)
            }
        },
        Option(
            Flag(
                "since", value: .text("TIME"),
                help: "For gates that do not say it, only traces from this time on: as for traces")
        ) { options, text throws(ArgumentProblem) in
            let age = try ArgumentReader.age(text, at: options.now)
            guard age > 0 else { throw ArgumentProblem("that is not in the past") }
            options.age = age
        },
        Option(
            Flag(
                "experiment", value: .text("NAME"), isRepeatable: true,
                help: "Look for traces in this experiment, by its name or id",
                defaultText: "the job's, else all")
        ) { options, text throws(ArgumentProblem) in
            options.experiments.append(try ArgumentReader.experiment(text))
        },
        Option(
            Flag(
                "allow-failed-gates", value: .text("REASON"),
                help: "Promote although gates fail; the report and the journal tell why"), \.override
        ) { text throws(ArgumentProblem) in
            guard text.contains(where: { !$0.isWhitespace }) else {
                throw ArgumentProblem("it gives no reason")
            }
            return text
        },
    ]

    /// A flag that says something about gates which there are not, and what there is not.
    private func idleFlag(_ gates: [Gate]) -> (name: String, lack: String)? {
        if gates.isEmpty, override != nil { return ("--allow-failed-gates", "there are no gates") }
        let lack = gates.isEmpty ? "there are no gates; --require names one" : "no gate asks for traces"
        if gates.contains(where: \.subject.isOfTraces) { return nil }
        if age != nil { return ("--since", lack) }
        return experiments.isEmpty ? nil : ("--experiment", lack)
    }

    /// Adds to a plan what its gates find.
    ///
    /// - Parameters:
    ///   - plan: The plan of a promotion.
    ///   - batch: The prompts, whose job may have gates, too.
    ///   - registry: The registry.
    ///   - remote: How servers are reached.
    ///   - context: Its environment says where the traces are.
    /// - Throws: `RegistryError` when something cannot be read.
    func check(
        _ plan: inout Plan, of batch: PreparedBatch, in registry: any PromptRegistry,
        _ remote: RegistryOptions,
        _ context: CommandContext
    ) async throws(RegistryError) {
        let jobs = batch.anyJob?.prompts ?? []
        let jobGates = Dictionary(jobs.map { ($0.fullName, $0.gates) }) { first, _ in first }
        var all: [String: [Gate]] = [:]
        for prompt in plan.prompts {
            var found: [Gate] = []
            for var gate in jobGates[prompt.prompt.name, default: []] + gates {
                if gate.subject.isOfTraces { gate.age = gate.age ?? age }
                if !found.contains(where: gate.asksTheSame(as:)) { found.append(gate) }
            }
            if !found.isEmpty { all[prompt.prompt.name] = found }
        }
        if let flag = idleFlag(all.values.flatMap(\.self)) {
            context.console.warning("\(flag.name) has no effect: \(flag.lack)")
        }
        guard !all.isEmpty else { return }
        let ids = TraceExperiment.named(experiments, in: batch.anyJob)
        let check = GateCheck(
            { () throws(RegistryError) in try remote.traceReader(batch.address, context) }, registry, in: ids,
            now: now, tell: { [console = context.console] in console.note($0) })
        plan.add(try await check.findings(for: plan, all), allowedToFail: override)
    }
}
