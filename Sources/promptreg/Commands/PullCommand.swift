import ArgumentParsing
import Execution
import Jobs
import Prompts
import Support
import Reporting
import Views

/// `promptreg pull`: writes what a registry holds back into the files of a job.
struct PullCommand: ViewCommand {
    /// The spec's path; nil for the job of `--job`, or the only one here.
    var specPath: String?
    var alias: String?
    var isDryRun = false
    /// Whether changes that were not committed may be lost.
    var isForced = false
    var view = ViewOptions()

    func validate() throws(UsageError.Reason) {
        try view.job.checkNamedOnce(specPath)
    }

    func run(_ context: CommandContext) async throws(CommandFailure) -> ExitCode {
        let job = try context.job(try view.job.specPath(specPath, context.console), view.job)
        var inputs = view.job.inputs
        inputs.environment = context.environment
        let (alias, read) = (alias, inputs)
        let pull = try await context.read(job.address, view.remote) { registry async throws(RegistryError) in
            try await JobPull(of: job.desired, in: job.whole, inputs: read, alias: alias, from: registry)
        }
        if view.format == .json || !context.console.isQuiet || pull.isRefused {
            context.console.write(pull, as: view.format)
        }
        if pull.isRefused { throw CommandFailure(.failed) }
        guard !isDryRun, !pull.files.isEmpty else { return .done }
        // What the note of pulled versions has besides stays in it.
        let paths = pull.files.filter { $0.old != nil && $0.path != job.whole.pulled.path }.map(\.path)
        try await checkCommitted(paths, of: job.whole, context)
        do throws(StagingError) {
            try FileReplacement.replace(pull.files)
        } catch {
            throw CommandFailure(.failed, "nothing was written: \(error.message)")
        }
        context.console.note("wrote \(pull.files.map(\.path).listed(10))")
        return .done
    }

    /// Refuses to write over what was not committed.
    private func checkCommitted(
        _ paths: [String], of job: DesiredState, _ context: CommandContext
    ) async throws(CommandFailure) {
        if isForced { return }
        let git = GitRepository(
            environment: context.environment, console: context.console, timeLimit: view.remote.timeout)
        let provenance = await git.provenance(of: job)
        let lost = paths.filter { provenance.repositoryPaths[$0] == nil }
        guard lost.isEmpty else {
            throw CommandFailure(
                .failed,
                "nothing was written: \(lost.listed(5)) is in no git repository that would bring it back",
                hint: "commit it to one; --force writes over it")
        }
        let changed = provenance.commit == nil ? paths : paths.filter(provenance.changedPaths.contains)
        guard changed.isEmpty else {
            throw CommandFailure(
                .failed, "nothing was written: \(changed.listed(5)) has changes that are not committed",
                hint: "commit or stash them, or --select prompts of other files; --force writes over them")
        }
    }

    static let name = "pull"
    static let definition = CommandDefinition<Self>(
        name, summary: "Write what a registry holds back into a job's own files",
        discussion: [
            "Takes the newest versions, or those of an alias: their texts, settings, tags and descriptions. Only what "
                + "differs is changed, so that comments, order, line ends and the template's syntax stay. Either "
                + "all files are written or none. The next run makes no version then; a plan is empty after it. Files "
                + "with changes that are not committed, and those outside of git, are left alone.",
            "Versions that something else made are noted in JOB.pulled.json beside the spec. Commit it with the files: "
                + "a run may replace just these.",
        ],
        arguments: [Argument(JobOptions.positional, \.specPath)],
        options: [
            JobOptions.group(\.view.job),
            OptionGroup(
                "Pull flags",
                [
                    Option(
                        Flag(
                            "alias", value: NameCompletion.aliases.value("NAME"),
                            help: "Take the versions that this alias points to, not the newest"),
                        \.alias, read: ArgumentReader.optionalAlias),
                    Option(
                        Flag("dry-run", short: "n", help: "Show what would change and write nothing"),
                        \.isDryRun),
                    Option(
                        Flag("force", help: "Write over changes that are not committed, too"), \.isForced),
                ]),
        ] + ViewOptions.groups(\.view),
        examples: [
            Command.Example(
                "promptreg pull jobs/health_monitor.yaml --dry-run",
                "Show what was changed in the registry, as changes to the files")
        ])
}
