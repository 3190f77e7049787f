import ArgumentParsing
import Jobs
import Planning

/// `promptreg run`: registers the prompts of a job and moves its aliases.
struct RunCommand: RegistryCommand {
    /// The job, as far as the command line names it.
    var job = JobRunOptions()
    /// The saved plan to carry out.
    var planFile: String?

    var remote: RegistryOptions { job.remote }
    var consoleOptions: ConsoleOptions { job.console }

    func validate() throws(UsageError.Reason) {
        try job.validate()
        // These may be confirmed.
        var others = job
        others.request.registry = nil
        others.request.inputs.target = nil
        others.request.inputs.variables = [:]
        if planFile != nil, let flag = others.givenFlag { throw .conflictingFlags("--plan", flag) }
    }

    func run(_ context: CommandContext) async throws(CommandFailure) -> ExitCode {
        var run: JobRun
        if let planFile {
            var passed = job.request
            passed.specPath = job.specPath
            run = try JobRun(savedPlan: planFile, passed)
        } else {
            run = JobRun(try job.namedRequest(context.console))
        }
        run.isStrict = job.isStrict
        return try await BatchRunner(options: job.batchOptions, remote: job.remote, context: context).run(
            run.work(context, isPreview: job.batch.isDryRun))
    }

    static let name = "run"
    static let definition = CommandDefinition<Self>(
        name, summary: "Register the prompts of a job and move its aliases",
        discussion: [
            "Prompts that did not change get no new version. Aliases move only when every version is there; "
                + "if a move fails half way, those already moved go back."
        ],
        arguments: [Argument(JobOptions.positional, \.job.request.specPath)],
        options: [
            JobRunOptions.group(\.job),
            OptionGroup(
                "Run flags",
                [
                    BatchOptions.dryRun.at(\.job.batch), BatchOptions.overridePolicy.at(\.job.batch),
                    Option(
                        Flag("plan", value: .file("FILE"), help: "Do exactly what a saved plan says"),
                        \.planFile),
                    JobRunOptions.prune.at(\.job.request), BatchOptions.lock.at(\.job.batch),
                ] + [BatchOptions.concurrency, BatchOptions.failFast].at(\.job.batch)),
            RegistryOptions.group(\.job.remote), RevisionOptions.group(\.job.batch),
            BatchOptions.outputGroup(\.job.batch, \.job.console),
        ],
        examples: [
            Command.Example("promptreg run jobs/health_monitor.yaml", "Register on the job's default target"),
            Command.Example("promptreg run jobs/health_monitor.yaml --dry-run", "Show what that would do"),
            Command.Example(
                "promptreg run jobs/health_monitor.yaml --target prod --report run.json --report junit.xml",
                "Register on a target and keep two reports"),
        ])
}
