import ArgumentParsing
import Jobs
import Planning

/// The options that `run` and `plan` share.
struct JobRunOptions: Hashable, Sendable {
    /// What is asked for; without a spec's path when a saved plan names it.
    var request = RunRequest()
    /// The spec's path where `--job` names it.
    var jobPath: String?
    /// Whether a warning is as bad as an error.
    var isStrict = false
    /// How prompts are worked on.
    var batch = BatchOptions()
    /// How the registry is reached.
    var remote = RegistryOptions()
    /// How to write to the terminal.
    var console = ConsoleOptions()

    static let prune = Option(
        Flag("prune", help: "Remove the job's aliases from prompts that it no longer lists"),
        \RunRequest.prune)

    private static let requestOptions: [Option<RunRequest>] =
        [JobOptions.target.at(\.inputs), RegistryOptions.registry.at(\.registry)]
        + [JobOptions.catalog, JobOptions.schema, JobOptions.variable].at(\.inputs)
        + [
            JobOptions.select.at(\.select), JobOptions.alias.at(\.inputs),
            Option(
                Flag(
                    "force",
                    help:
                        "Make a new version of every prompt, changed or not; also replace output files of another kind"
                ),
                \.force),
            Option(
                Flag(
                    "message", short: "m", value: .text("TEXT"), help: "The commit message of new versions"),
                \.message),
            Option(
                Flag(
                    "overwrite-foreign",
                    help: "Replace versions that were made elsewhere, whatever the job's 'on_foreign' says"),
                \.overwritesForeign),
            Option(
                Flag("adopt", help: "Take over prompts that another job registered, or none"), \.adopts),
        ]

    /// The flags that say what is asked for.
    static func group<Settings>(_ job: Option<Settings>.Setting<JobRunOptions>) -> OptionGroup<Settings> {
        let options = requestOptions.at(\JobRunOptions.request)
        let path = Option(JobOptions.job.flag, \JobRunOptions.jobPath)
        let strict = Option(JobOptions.strict, \JobRunOptions.isStrict)
        return OptionGroup("Job flags", ([path] + options + [strict]).at(job))
    }

    /// The spec's path, as an argument or a flag; empty where neither names it.
    var specPath: String { jobPath ?? request.specPath }

    /// How prompts are worked on, where `--force` of the command line counts for files too.
    var batchOptions: BatchOptions {
        var options = batch
        options.replacesFiles = request.force
        return options
    }

    /// The first flag that was given of those that say what is asked for; nil when there is none.
    var givenFlag: String? {
        let given: [(Bool, String)] = [
            (request.inputs.target != nil, "--target"), (request.registry != nil, "--registry"),
            (request.inputs.catalog != nil, "--catalog"), (request.inputs.schema != nil, "--schema"),
            (!request.inputs.variables.isEmpty, "--var"), (!request.select.isEmpty, "--select"),
            (!request.inputs.aliases.isEmpty, "--alias"), (request.force, "--force"),
            (request.message != nil, "--message"), (request.prune, "--prune"),
            (request.overwritesForeign, "--overwrite-foreign"), (request.adopts, "--adopt"),
        ]
        return given.first(where: \.0)?.1
    }

    /// Checks that flags fit each other.
    func validate() throws(UsageError.Reason) {
        if jobPath != nil, !request.specPath.isEmpty { throw .conflictingFlags("--job", request.specPath) }
        if batch.lockFile != nil, !request.select.isEmpty { throw .conflictingFlags("--lock", "--select") }
        if request.prune, !request.select.isEmpty { throw .conflictingFlags("--prune", "--select") }
    }
}

extension JobRunOptions {
    /// The request, for the only job here where none is named.
    func namedRequest(_ console: Console) throws(CommandFailure) -> RunRequest {
        var request = request
        request.specPath = try specPath.isEmpty ? DefaultJob.path(console) : specPath
        return request
    }
}
