import ArgumentParsing
import Evidence
import Jobs
import PromptClient
import Prompts
import Reporting
import Support
import Tracing

/// `promptreg traces`: compares the versions of prompts by what their traces say.
struct TracesCommand: ViewCommand {
    var subjects = Subjects()
    var traces = TraceOptions()
    /// The version that the others are compared with: `@ALIAS`, or an address.
    var against: String?
    var reports: [ReportFile] = []
    var view = ViewOptions()

    func validate() throws(UsageError.Reason) {
        try subjects.validate()
        try traces.validate()
    }

    func run(_ context: CommandContext) async throws(CommandFailure) -> ExitCode {
        let delivery = FindingsDelivery(reports: reports, context: context)
        try delivery.check()
        let window = traces.window
        let chosen = try context.tracedPrompts(try subjects.named(context.console))
        let base = try against.map { text throws(CommandFailure) in
            try TraceBase(text, place: chosen.place)
        }
        let progress = CountLine("traces", context.console)
        let comparison = try await context.read(chosen.place, view.remote) {
            registry async throws(RegistryError) in
            let reader = try view.remote.traceReader(chosen.place.address, context)
            let subjects = try await chosen.subjects(in: registry, base, context.console)
            let evidence = TraceEvidence(
                reader, window: window, tellsHistory: reports.contains { $0.format == .html },
                limit: traces.limit)
            defer { progress.end() }
            var comparison = try await evidence.compare(
                subjects, in: chosen.experiments(traces.experiments), of: registry.location,
                onProgress: progress.update)
            comparison.toolVersion = toolVersion
            return comparison
        }
        tell(comparison, context.console)
        context.console.write(comparison, as: view.format)
        try delivery.deliver { format in
            switch format {
            case .json: comparison.jsonText
            case .html: TraceHTML.render(comparison)
            case .markdown, .junit: TraceMarkdown.render(comparison)
            }
        }
        return .done
    }

    private func tell(_ comparison: TraceComparison, _ console: Console) {
        console.note(comparison.whereLooked)
        for note in comparison.notes { console.warning(note) }
    }

    static let name = "traces"
    static let definition = CommandDefinition<Self>(
        name, summary: "Compare versions by what their traces say",
        discussion: [
            "Shows for each version of each prompt how many traces used it, how many failed, how long they took, "
                + "what they cost, and what feedback they got. Traces are looked for where MLFLOW_TRACKING_URI says, "
                + "else in the registry.",
            "With --against every version is compared with another one. A difference that may be chance is marked: "
                + "Welch's t-test for means, Fisher's exact test for error rates and for feedback of yes or no.",
        ],
        arguments: [Subjects.argument.at(\.subjects)],
        options: [
            OptionGroup(
                "Trace flags",
                TraceOptions.options.at(\.traces) + [
                    Option(
                        Flag(
                            "against", value: .text("URI"),
                            help: "Compare with this version: @ALIAS of each prompt, or NAME/3 of one"),
                        \.against)
                ]), JobOptions.group(\.subjects.job), RegistryOptions.group(\.view.remote),
            OptionGroup(
                "Output flags",
                [FindingsDelivery.report.at(\.reports), OutputFormat.option.at(\.view.format)]
                    + ConsoleOptions.views.at(\.view.console)),
        ],
        examples: [
            Command.Example(
                "promptreg traces jobs/health_monitor.yaml --since 7d --against @production",
                "Compare the last week's versions with what production serves"),
            Command.Example(
                "promptreg traces main.agent.prompt_cost --format json", "Read the figures by a program"),
        ])
}
