import ArgumentParsing
import Execution
import Planning
import Prompts
import Support

/// `promptreg rollback`: points aliases back to where they were, all of them or none.
struct RollbackCommand: RegistryCommand {
    var subjects = Subjects()
    /// The report of the run whose alias moves are taken back.
    var runReport: String?
    var alias: String?
    /// The version to go back to; nil goes by the journal.
    var version: Int?
    var force = false
    var batch = BatchOptions()
    /// The files of `--report`, which named the report to read in earlier versions.
    var reports: [String] = []
    var remote = RegistryOptions()
    var consoleOptions = ConsoleOptions()

    /// Whether `--report` alone names the report to read, as in earlier versions.
    private var isDeprecatedForm: Bool {
        runReport == nil && subjects.isEmpty && alias == nil && !reports.isEmpty
    }

    func validate() throws(UsageError.Reason) {
        for path in reports.dropFirst(isDeprecatedForm ? 1 : 0) where ReportFile(path: path) == nil {
            throw .invalidValue(subject: "--report", value: path, problem: ReportFile.unknownEnding)
        }
        guard runReport == nil, !isDeprecatedForm else { return try validateReport() }
        if alias == nil {
            throw .missingArgument(subjects.isEmpty ? "--alias or --from-report" : "--alias")
        }
        try subjects.validate()
    }

    /// Checks that nothing but a selection comes with a report to read.
    private func validateReport() throws(UsageError.Reason) {
        if let subject = subjects.jobPath ?? subjects.names.first {
            throw .conflictingFlags("--from-report", subject)
        }
        if alias != nil { throw .conflictingFlags("--from-report", "--alias") }
        if version != nil { throw .conflictingFlags("--from-report", "--to") }
        var job = subjects.job
        job.select = []
        if let reason = job.unexpected("it is for a job, and a report is taken back") { throw reason }
    }

    func run(_ context: CommandContext) async throws(CommandFailure) -> ExitCode {
        var options = batch
        options.replacesFiles = force
        options.reports += reports.dropFirst(isDeprecatedForm ? 1 : 0).compactMap(ReportFile.init(path:))
        let work: BatchWork
        if let path = runReport ?? (isDeprecatedForm ? reports.first : nil) {
            if isDeprecatedForm {
                context.console.note(
                    "note: reading a report with --report is deprecated; use --from-report \(path.shellWord)")
            }
            work = try self.work(takingBack: path, context)
        } else {
            let alias = alias ?? ""
            work = try subjects.named(context.console).work(
                .rollback, context,
                plan: plan(version.map { .version($0, alias: alias) } ?? .journal(alias: alias)))
        }
        return try await BatchRunner(options: options, remote: remote, context: context).run(work)
    }

    private func plan(
        _ destination: Rollback.Destination
    ) -> @Sendable (PreparedBatch, any PromptRegistry) async throws(RegistryError) -> Plan {
        let (rollback, concurrency) = (Rollback(destination, force: force), batch.concurrency)
        return { prepared, registry throws(RegistryError) in
            try await rollback.plan(prepared.batch, in: registry, concurrency: concurrency)
        }
    }

    /// The work of taking a run's alias moves back.
    private func work(
        takingBack path: String, _ context: CommandContext
    ) throws(CommandFailure) -> BatchWork {
        let report = try RunReport(ofRunAt: path)
        let moves = report.aliasMoves
        let moved = report.prompts.filter { moves[$0.fullName] != nil }
        if moved.isEmpty { context.console.note("the run of this report moved no alias") }
        let names = Set(
            try PromptSelection.names(subjects.job.select, of: moved.map(\.name), in: "the report"))
        let prompts = moved.filter { names.contains($0.name) }
            .map { PromptSubject(name: $0.name, fullName: $0.fullName) }
        let address = try context.address(passed: subjects.job.registry ?? report.registry)
        if subjects.job.registry == nil {
            let job = context.job(named: report.job, target: report.target)
            if job != nil || !address.isWorkspaceOfEnvironment {
                try context.checkNamed(address, in: path) { () throws(CommandFailure) in job }
            }
        } else if (try? context.address(passed: report.registry))?.isSame(as: address) != true {
            context.console.warning(
                "the report is of a run in \(report.registry), and aliases go back in \(address.description)")
        }
        let prepared = PreparedBatch(
            Batch(.rollback, job: report.job, target: report.target, prompts: prompts), at: address)
        let plan = plan(.moves(moves, in: report.location, until: report.finishedAt))
        return BatchWork(
            operation: .rollback, prepare: { prepared },
            plan: { prepared, registry throws(RegistryError) in
                let plan = try await plan(prepared, registry)
                if !moved.isEmpty, !plan.hasChanges, !plan.isRefused {
                    context.console.note("the alias moves of this report are taken back already")
                }
                return plan
            })
    }

    static let name = "rollback"
    static let definition = CommandDefinition<Self>(
        name, summary: "Move aliases back to their previous versions, all or none",
        discussion: [
            "With --from-report, reverts exactly the alias moves of a run. Otherwise undoes the latest move that the "
                + "journal records, with a job only of the prompts that its latest release moved, and never goes "
                + "simply to the highest other version. Refuses if something else has moved an alias since: with --force, "
                + "it goes to the same version as without that move."
        ],
        arguments: [Subjects.argument.at(\.subjects)],
        options: [
            OptionGroup(
                "Rollback flags",
                [
                    Option(
                        Flag(
                            "from-report", value: .file("FILE"),
                            help: "The JSON report of the run whose alias moves are taken back"),
                        \.runReport),
                    Option(
                        Flag(
                            "alias", value: NameCompletion.aliases.value("ALIAS"),
                            help: "The alias that goes back"), \.alias,
                        read: ArgumentReader.optionalAlias),
                    Option(
                        Flag(
                            "to", value: .text("N"),
                            help: "The version to go back to, whatever the journal says"),
                        \.version, read: ArgumentReader.version),
                    Option(
                        Flag(
                            "force",
                            help:
                                "Roll back even if an alias has moved since, to the same version; also replace report files of another kind"
                        ),
                        \.force),
                    BatchOptions.dryRun.at(\.batch), BatchOptions.overridePolicy.at(\.batch),
                ]), JobOptions.group(\.subjects.job),
            BatchOptions.group(\.batch), RegistryOptions.group(\.remote), RevisionOptions.group(\.batch),
            OptionGroup(
                "Output flags",
                [
                    Option(BatchOptions.report.flag, appendingTo: \.reports) { $0 },
                    OutputFormat.option.at(\.batch.format), ConsoleOptions.color.at(\.consoleOptions),
                    BatchOptions.noProgress.at(\.batch), ConsoleOptions.quiet.at(\.consoleOptions),
                    ConsoleOptions.verbose.at(\.consoleOptions),
                    Option(
                        Flag(
                            "report-to", value: .file("FILE"), isRepeatable: true,
                            help: "Deprecated: the same as --report"), appendingTo: \.batch.reports,
                        read: ReportFile.read),
                ]),
        ],
        examples: [
            Command.Example(
                "promptreg rollback --from-report run.json", "Take back the alias moves of a run"),
            Command.Example(
                "promptreg rollback jobs/health_monitor.yaml --alias production",
                "Undo the job's latest move of production"),
            Command.Example(
                "promptreg rollback main.agent.prompt_cost --alias production --to 3",
                "Point one alias to a version"),
        ])
}
