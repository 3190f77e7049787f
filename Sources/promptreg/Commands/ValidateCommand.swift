import Support
import ArgumentParsing
import Jobs

/// `promptreg validate`: checks jobs and their templates without a registry.
struct ValidateCommand: ImmediateCommand {
    static let usage = Command.validate

    let paths: [String]
    let inputs: JobInputs
    let console: Console
    let environment: [String: String]

    init(_ input: CommandInput) throws(UsageError) {
        paths = input.parsed.positionals
        inputs = try input.parsed.jobInputs(environment: input.environment)
        console = input.console
        environment = input.environment
    }

    /// Does it.
    func run() -> ExitCode {
        let preparation = JobPreparation(console: console, environment: environment)
        var result = ExitCode.done
        for path in paths {
            let job = LoadedJob(path: path, inputs: inputs)
            preparation.report(job.diagnostics)
            if let state = job.state {
                let count = state.prompts.count
                let prompts = count == 1 ? "1 prompt" : "\(count) prompts"
                if !console.isQuiet { console.write("\(path.escapedForTerminal): ok, \(prompts)\n") }
            } else {
                result = .invalidInput
            }
        }
        return result
    }
}
