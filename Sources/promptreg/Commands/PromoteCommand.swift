import ArgumentParsing
import Jobs
import Planning
import Prompts

/// `promptreg promote`: points an alias of every prompt to where another one is, or of none.
struct PromoteCommand: RegistryCommand {
    var subjects = Subjects()
    /// The alias whose version is promoted.
    var source = ""
    /// The alias that goes there.
    var destination = ""
    var allowsVariableChange = false
    var gates = GateOptions()
    var batch = BatchOptions()
    var remote = RegistryOptions()
    var consoleOptions = ConsoleOptions()

    func validate() throws(UsageError.Reason) {
        try subjects.validate()
        if source == destination {
            throw .invalidValue(subject: "--to", value: destination, problem: "it is the alias to promote")
        }
    }

    func run(_ context: CommandContext) async throws(CommandFailure) -> ExitCode {
        let promotion = Promotion(
            from: source, to: destination, allowsVariableChange: allowsVariableChange,
            warn: { [console = context.console] in console.warning($0) })
        let (concurrency, subjects) = (batch.concurrency, try subjects.named(context.console))
        let (gates, remote) = (gates, remote)
        return try await BatchRunner(options: batch, remote: remote, context: context).run(
            subjects.work(.promote, context) { prepared, registry throws(RegistryError) in
                let job = prepared.anyJob
                var plan = try await promotion.plan(
                    prepared.batch, in: registry,
                    knowing: job.map { OtherTargets(of: $0, environment: context.environment).aliases } ?? [],
                    targets: job?.targets ?? [], concurrency: concurrency)
                try await gates.check(&plan, of: prepared, in: registry, remote, context)
                return plan
            })
    }

    static let name = "promote"
    static let definition = CommandDefinition<Self>(
        name, summary: "Point one alias at the version of another, for all prompts or none",
        discussion: [
            "Nothing moves unless every prompt has the alias that is promoted, and unless the variables stay the "
                + "same: an agent that fills in others would fail. If a move fails, those already made go back.",
            "The job's gates, and those of --require, are asked of the versions that are promoted: errors, "
                + "latency_mean, latency_p50, latency_p95, cost, tokens, input_tokens, output_tokens, traces and "
                + "feedback.NAME of their traces, tag.KEY of the version, and run.RUN_ID metrics.NAME of a run. A limit "
                + "such as +10% is relative to the version that is replaced. One that fails, or finds nothing to go by, "
                + "keeps the whole promotion back.",
        ],
        arguments: [Subjects.argument.at(\.subjects)],
        options: [
            OptionGroup(
                "Promote flags",
                [
                    Option(
                        Flag(
                            "from", value: NameCompletion.aliases.value("ALIAS"),
                            help: "The alias whose version is promoted"),
                        \.source, isRequired: true, read: ArgumentReader.alias),
                    Option(
                        Flag(
                            "to", value: NameCompletion.aliases.value("ALIAS"),
                            help: "The alias that goes there"),
                        \.destination, isRequired: true, read: ArgumentReader.alias),
                    Option(
                        Flag(
                            "allow-variable-change",
                            help: "Promote versions with other variables than those they replace"),
                        \.allowsVariableChange), BatchOptions.dryRun.at(\.batch),
                    BatchOptions.overridePolicy.at(\.batch),
                ]), OptionGroup("Gate flags", GateOptions.options.at(\.gates)),
            JobOptions.group(\.subjects.job),
            BatchOptions.group(\.batch), RegistryOptions.group(\.remote), RevisionOptions.group(\.batch),
            BatchOptions.outputGroup(\.batch, \.consoleOptions),
        ],
        examples: [
            Command.Example(
                "promptreg promote jobs/health_monitor.yaml --from staging --to production",
                "Promote a whole job"),
            Command.Example(
                "promptreg promote --from staging --to production --require 'errors <= 1%' --require 'cost <= +10%' --since 7d",
                "Promote only what did well in the last week"),
            Command.Example(
                "promptreg promote main.agent.prompt_cost --from staging --to production --dry-run",
                "Show what promoting one prompt would change"),
        ])
}
