import ArgumentParsing
import Jobs
import Support

/// `promptreg validate`: checks jobs and their templates without a registry.
struct ValidateCommand: ImmediateCommand {
    var paths: [String] = []
    var inputs = JobInputs()
    var consoleOptions = ConsoleOptions()

    func run(_ context: CommandContext) throws(CommandFailure) -> ExitCode {
        var inputs = inputs
        inputs.environment = context.environment
        var result = ExitCode.done
        for path in paths.isEmpty ? [try DefaultJob.path(context.console)] : paths {
            let job = LoadedJob(path: path, inputs: inputs, checksRegistryRules: true)
            context.console.report(job.diagnostics)
            if let state = job.state {
                let prompts = state.prompts.count == 1 ? "1 prompt" : "\(state.prompts.count) prompts"
                if !context.console.isQuiet {
                    context.console.write("\(path.escapedForTerminal): ok, \(prompts)\n")
                }
            } else {
                result = .invalidInput
            }
        }
        return result
    }

    static let name = "validate"
    static let definition = CommandDefinition<Self>(
        name, summary: "Check jobs and their templates, without a registry",
        arguments: [
            Argument(
                Positional(
                    .file("JOB"), arity: .zeroOrMore, help: "A job spec; the only one in jobs/ if left out"),
                \.paths)
        ],
        options: [
            OptionGroup(
                "Job flags",
                [Option(JobOptions.job.flag, appendingTo: \.paths) { $0 }]
                    + [JobOptions.target, JobOptions.variable].at(\.inputs)),
            OptionGroup("Output flags", [ConsoleOptions.color, ConsoleOptions.quiet].at(\.consoleOptions)),
        ],
        examples: [Command.Example("promptreg validate jobs/health_monitor.yaml", "Check one job")])
}
