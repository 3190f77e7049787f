import ArgumentParsing
import Execution
import Jobs
import Planning
import Prompts
import Support

/// `promptreg plan`: shows what a run would do, and may save it.
struct PlanCommand: RegistryCommand {
    /// The job.
    var job = JobRunOptions()
    /// Where to save the plan.
    var outFile: String?
    /// Whether pending changes have an exit code of their own.
    var hasDetailedExitCode = false

    var remote: RegistryOptions { job.remote }
    var consoleOptions: ConsoleOptions { job.console }

    func validate() throws(UsageError.Reason) { try job.validate() }

    func run(_ context: CommandContext) async throws(CommandFailure) -> ExitCode {
        let runner = BatchRunner(
            options: job.batchOptions, remote: job.remote, context: context, outFile: outFile)
        let request = try job.namedRequest(context.console)
        var run = JobRun(request)
        run.isStrict = job.isStrict
        let work = run.work(context, isPreview: true)
        let (batch, plan) = try await runner.preview(work, mode: .plan)
        if let outFile { try save(plan, batch, of: request, to: outFile, context.console) }
        return hasDetailedExitCode && (plan.hasChanges || plan.hasDrift) ? .changesPending : .done
    }

    /// Saves the plan, with every value that the environment gave.
    private func save(
        _ plan: Plan, _ batch: PreparedBatch, of named: RunRequest, to path: String, _ console: Console
    ) throws(CommandFailure) {
        var request = named
        request.inputs.target = batch.job?.desired.target
        request.inputs.variables = batch.job?.desired.variables ?? [:]
        request.registry = batch.address.description
        do {
            try WholeFile.write(
                try SavedPlan(toolVersion: toolVersion, request: request, plan: plan).data(), to: path,
                replacing: job.request.force ? .anything : .plan)
        } catch {
            throw CommandFailure(.failed, "the plan cannot be saved: \(error.reason)")
        }
        console.note("Saved the plan to \(path). To carry it out: promptreg run --plan \(path.shellWord)")
    }

    static let name = "plan"
    static let definition = CommandDefinition<Self>(
        name, summary: "Show what a run would do, and write nothing to the registry",
        arguments: [Argument(JobOptions.positional, \.job.request.specPath)],
        options: [
            JobRunOptions.group(\.job),
            OptionGroup(
                "Plan flags",
                [
                    Option(
                        Flag("out", short: "o", value: .file("FILE"), help: "Save the plan for run --plan"),
                        \.outFile),
                    Option(
                        Flag(
                            "detailed-exitcode",
                            help:
                                "End with 2 when changes are pending, or something else moved an alias; prompts that left the job count with --prune only"
                        ),
                        \.hasDetailedExitCode), JobRunOptions.prune.at(\.job.request),
                    BatchOptions.lock.at(\.job.batch),
                ] + [BatchOptions.concurrency, BatchOptions.failFast].at(\.job.batch)),
            RegistryOptions.group(\.job.remote), RevisionOptions.group(\.job.batch),
            BatchOptions.outputGroup(\.job.batch, \.job.console),
        ],
        examples: [
            Command.Example(
                "promptreg plan jobs/health_monitor.yaml --out release.plan", "Plan, to run just that later"),
            Command.Example(
                "promptreg plan jobs/health_monitor.yaml --detailed-exitcode",
                "Find out whether anything differs"),
        ])
}
