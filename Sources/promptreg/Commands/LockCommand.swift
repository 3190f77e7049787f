import ArgumentParsing
import Jobs
import Prompts
import Views

/// `promptreg lock`: writes the registered versions of a job to a lock file.
struct LockCommand: ViewCommand {
    var specPath: String?
    /// The alias whose versions are locked; nil: the newest ones.
    var alias: String?
    /// The lock file; nil for the standard output.
    var lockFile: String?
    var replacesFiles = false
    var view = ViewOptions()

    private var replaceable: ReplaceableFile { replacesFiles ? .anything : .lock }

    func validate() throws(UsageError.Reason) {
        try view.job.checkNamedOnce(specPath)
    }

    func run(_ context: CommandContext) async throws(CommandFailure) -> ExitCode {
        if let lockFile {
            try WholeFile.checkWritable(lockFile, for: "--lock", replacing: replaceable)
        }
        let job = try context.job(try view.job.specPath(specPath, context.console), view.job)
        let alias = alias
        let lock = try await context.read(job.address, view.remote) { registry async throws(RegistryError) in
            let prompts = job.whole.prompts.map { PromptToLock(name: $0.name, fullName: $0.fullName) }
            return PromptLock(
                job: job.whole.job, target: job.whole.target, registry: registry.location, alias: alias,
                prompts: try await registry.lock(prompts, at: alias))
        }
        try context.console.write(
            LockFile.text(lock, at: lockFile, job.address), to: lockFile, replacing: replaceable)
        if let lockFile { context.console.note("wrote the lock file \(lockFile)") }
        return .done
    }

    static let name = "lock"
    static let definition = CommandDefinition<Self>(
        name, summary: "Write the registered versions of a job to a lock file",
        discussion: [
            "The lock file names each prompt with its version, the digest of its content and its commit, in the same "
                + "order every time. An agent that loads by it gets those versions, wherever aliases move."
        ],
        arguments: [Argument(JobOptions.positional, \.specPath)],
        options: [
            OptionGroup(
                "Lock flags",
                [
                    Option(
                        Flag(
                            "alias", value: NameCompletion.aliases.value("NAME"),
                            help: "Lock the versions that this alias points to; the newest ones if left out"),
                        \.alias, read: ArgumentReader.optionalAlias),
                    Option(
                        Flag(
                            "lock", value: .file("FILE"),
                            help: "Write to a file in place of the standard output"), \.lockFile),
                    Option(
                        Flag("force", help: "Replace the file of --lock whatever it is"), \.replacesFiles),
                ]),
            OptionGroup(
                "Job flags",
                ([RegistryOptions.registry.at(\.registry), JobOptions.job]
                    + [
                        JobOptions.target, JobOptions.catalog, JobOptions.schema, JobOptions.variable,
                    ].at(\.inputs))
                    .at(\.view.job)),
            OptionGroup(
                "Remote registry flags",
                [RegistryOptions.timeout, RegistryOptions.insecureHTTP].at(\.view.remote)),
            OptionGroup("Output flags", ConsoleOptions.all.at(\.view.console)),
        ],
        examples: [
            Command.Example(
                "promptreg lock jobs/health_monitor.yaml --alias production --lock prompts.lock.json",
                "Lock what production serves")
        ])
}
