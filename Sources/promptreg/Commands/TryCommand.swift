import ArgumentParsing
import Diagnostics
import Evidence
import Execution
import Jobs
import PromptClient
import Prompts
import Reporting
import Support
import Tracing

/// `promptreg try`: runs cases through two versions of each prompt, checks the answers, and compares.
struct TryCommand: RegistryCommand {
    var specPath: String?
    var job = JobOptions()
    /// The file with the cases.
    var casesPath = ""
    var candidate = "staging"
    /// Nil for the usual one, which a first version has nothing at.
    var base: String?
    var model = ModelOptions()
    var run = TryRunOptions()
    var batch = BatchOptions()
    var remote = RegistryOptions()
    var consoleOptions = ConsoleOptions()

    func validate() throws(UsageError.Reason) {
        try job.checkNamedOnce(specPath)
        try model.validate()
    }

    func run(_ context: CommandContext) async throws(CommandFailure) -> ExitCode {
        let delivery = FindingsDelivery(reports: batch.reports, context: context)
        try delivery.check()
        let file = CasesFile(path: casesPath)
        let state: DesiredState
        do throws(CommandFailure) {
            state = try context.load(
                try job.specPath(specPath, context.console), job.inputs, readsTemplates: false)
        } catch {
            guard file.diagnostics.hasErrors else { throw error }
            throw CommandFailure(file.diagnostics)
        }
        if !file.diagnostics.hasErrors { context.console.report(file.diagnostics) }
        let place = try Place(of: state, passed: job.registry, context)
        let selection = TrySelection(file, state, job.select)
        let cases = try selection.cases()
        let (candidate, base, options) = (candidate, base, run)
        let prepared = try await context.read(place, remote) { registry async throws(RegistryError) in
            if let base { try await registry.checkAlias(base, of: state.prompts.map(\.fullName)) }
            return try await TryPreparation(
                cases, candidate: candidate, base: base ?? "production", in: registry, context.console)
        }
        let caller = try ModelCaller(model, remote, place, context)
        let runner = try TryRunner(
            prepared, options, model: model.model, caller, file.diagnostics, context.console)
        let interruption = Interruption()
        let signals = SignalWatch { signal in
            let isFirst = interruption.request(signal)
            if isFirst { context.console.note("stopping; a second signal quits without a report") }
            return isFirst
        }
        defer { signals.cancel() }
        var report = await interruption.cancelling { await runner.run() }
        await caller.finish(context.console)
        for note in report.notes { context.console.warning(note) }
        report.isStrict = options.isStrict
        report.job = state.job
        if report.cases.contains(where: \.hasTraces) {
            report.experiments = await experiments(place, context)
        }
        let tried = TriedVersions(
            report, report.comparison(aliases: prepared.aliases, until: ProcessEnvironment.now))
        if !context.console.isQuiet || batch.format == .json || report.hasFailed || report.isInterrupted {
            context.console.write(tried, as: batch.format)
        }
        try delivery.deliver { format in
            switch format {
            case .json: tried.jsonText
            case .html: tried.page
            case .junit: tried.junit
            case .markdown: tried.markdown
            }
        }
        if report.isInterrupted, let signal = interruption.signal { return ExitCode(signal: signal) }
        if let refusal = report.refusal { throw CommandFailure(refusal) }
        return report.hasFailed ? .failed : .done
    }

    /// The ids of the experiments that have the traces, as `ModelCaller` chooses them.
    private func experiments(_ place: Place, _ context: CommandContext) async -> [String] {
        let configuration = PromptClientConfiguration(environment: context.environment)
        let stated = configuration.experimentID.map(TraceExperiment.id) ?? .name(configuration.experiment)
        let ofJob = configuration.namesExperiment ? nil : place.job?.experiments.first.map(TraceExperiment.id)
        let experiment = model.experiment.map { TraceExperiment($0) } ?? ofJob ?? stated
        let id = try? await remote.traceReader(place.address, context).id(of: experiment)
        return [id].compactMap(\.self)
    }

    static let name = "try"
    static let definition = CommandDefinition<Self>(
        name, summary: "Run cases through two versions of each prompt, check the answers, and compare",
        discussion: [
            "Fills in each case's values, asks a model as call does, once with the version of --alias and once with "
                + "that of --against, and checks the answers. Each call is recorded as a trace that is linked to its "
                + "version, with the checks as feedback.",
            "Exits with 1 when a check fails that the version compared with passes every time, or in so many more calls that "
                + "it is no chance, when a call is not answered, or with --strict when any check fails. Without --max-cost it says how many calls it makes before the first one. The JSON Schema "
                + "of cases is that of 'promptreg schema cases'.",
        ],
        arguments: [
            Argument(
                Positional(
                    .file("JOB"), arity: .optional,
                    help: "The job whose prompts are tried; the only one in jobs/"),
                \.specPath)
        ],
        options: [
            OptionGroup(
                "Try flags",
                [
                    Option(
                        Flag("cases", value: .file("FILE"), help: "The YAML or JSON file with the cases"),
                        \.casesPath, isRequired: true
                    ) { text in text },
                    Option(
                        Flag(
                            "alias", value: NameCompletion.aliases.value("ALIAS"),
                            help: "The alias whose version is tried", defaultText: "staging"),
                        \.candidate, read: ArgumentReader.alias),
                    Option(
                        Flag(
                            "against", value: NameCompletion.aliases.value("ALIAS"),
                            help: "The alias whose version it is compared with", defaultText: "production"),
                        \.base, read: ArgumentReader.alias),
                ] + TryRunOptions.options.at(\.run)),
            OptionGroup("Model flags", ModelOptions.options.at(\.model)), JobOptions.group(\.job),
            RegistryOptions.group(\.remote),
            OptionGroup(
                "Output flags",
                [BatchOptions.report.at(\.batch), OutputFormat.option.at(\.batch.format)]
                    + ConsoleOptions.all.at(\.consoleOptions)),
        ],
        examples: [
            Command.Example(
                "promptreg try jobs/health_monitor.yaml --cases cases.yaml --repeat 3",
                "Try what staging has against what production serves"),
            Command.Example(
                "promptreg try --cases cases.yaml --price 0.15,0.6 --max-cost 1.00 --strict --report try.html",
                "Spend at most a dollar, and let every check count"),
        ])
}
