import ArgumentParsing
import Execution
import Planning
import Prompts

/// `promptreg rollback`: points aliases back to where they were, all of them or none.
struct RollbackCommand: WaitingCommand {
    static let usage = Command.rollback

    /// What the command line says where to go back to.
    private enum Way: Sendable {
        case report(path: String)
        case subjects(BatchSubjects, Rollback.Destination)
    }

    private let way: Way
    private let force: Bool
    private let settings: BatchSettings
    private let console: Console
    private let environment: [String: String]

    init(_ input: CommandInput) throws(UsageError) {
        let parsed = input.parsed
        if let path = parsed.value(of: Flags.rollbackReport) {
            if let subject = parsed.positionals.first {
                throw parsed.error(.conflictingFlags(Flags.rollbackReport.spelling, subject))
            }
            let others = [Flags.rollbackAlias, Flags.rollbackTo] + Flags.ofJob
            if let other = others.first(where: parsed.has) {
                throw parsed.error(.conflictingFlags(Flags.rollbackReport.spelling, other.spelling))
            }
            way = .report(path: path)
        } else {
            if parsed.positionals.isEmpty { throw parsed.error(.missingArgument("JOB or NAME")) }
            let alias = try parsed.alias(of: Flags.rollbackAlias)
            let goal = try parsed.version(of: Flags.rollbackTo)
            way = .subjects(
                try BatchSubjects(input), goal.map { .version($0, alias: alias) } ?? .journal(alias: alias))
        }
        force = parsed.has(Flags.rollbackForce)
        settings = try BatchSettings(parsed, reports: Flags.reportTo)
        console = input.console
        environment = input.environment
    }

    /// Does it.
    ///
    /// - Returns: How the program ends.
    func run() async -> ExitCode {
        let frame = BatchFrame(settings: settings, console: console, environment: environment)
        do throws(ExitCode) {
            let rollback: Rollback
            let work: BatchFrame.Work
            let concurrency = settings.concurrency
            switch way {
            case .subjects(let subjects, let way):
                rollback = Rollback(way, force: force)
                work = subjects.work(.rollback, settings, console, environment) {
                    batch, registry throws(RegistryError) in
                    try await rollback.plan(batch.batch, in: registry, concurrency: concurrency)
                }
            case .report(let path):
                let report = try RunReport(contentsOf: path, console: console)
                let batch = try self.batch(of: report)
                rollback = Rollback(.moves(report.aliasMoves, in: report.location), force: force)
                work = BatchFrame.Work(operation: .rollback, specPath: nil, prepare: { batch }) {
                    batch, registry throws(RegistryError) in
                    try await rollback.plan(batch.batch, in: registry, concurrency: concurrency)
                }
            }
            return await frame.run(work)
        } catch {
            return error
        }
    }

    /// The prompts whose aliases a run moved.
    private func batch(of report: RunReport) throws(ExitCode) -> PreparedBatch {
        let preparation = JobPreparation(console: console, environment: environment)
        let address = try preparation.address(
            of: nil,
            passed: settings.registry.address ?? report.registry)
        let moves = report.aliasMoves
        let moved = report.prompts.filter { moves[$0.fullName] != nil }
        let names = try preparation.selected(settings.select, of: moved.map(\.name), in: "the report")
        let batch = Batch(
            .rollback, job: report.job, target: report.target,
            prompts: moved.filter { names.contains($0.name) }.map {
                PromptSubject(name: $0.name, fullName: $0.fullName)
            })
        return PreparedBatch(batch, at: address)
    }
}

extension Command {
    static let rollback = Command(
        "rollback", summary: "Point aliases back to where they were, all or none",
        discussion: [
            "With --report, takes back exactly the alias moves of a run. Else goes one step back by the journal that "
                + "promptreg keeps of alias moves, and never simply to the highest other version. Refuses when "
                + "somebody moved an alias since."
        ],
        positionals: [BatchSubjects.positional(.zeroOrMore)],
        flagGroups: [
            FlagGroup(
                "Rollback flags",
                [
                    Flags.rollbackReport, Flags.rollbackAlias, Flags.rollbackTo, Flags.rollbackForce,
                    Flags.dryRun,
                ]),
            jobSelectionGroup, batchGroup, remoteGroup,
            FlagGroup(
                "Output flags",
                [Flags.reportTo, Flags.format, Flags.color, Flags.noProgress, Flags.quiet, Flags.verbose]),
        ],
        examples: [
            Example("promptreg rollback --report run.json", "Take back the alias moves of a run"),
            Example(
                "promptreg rollback jobs/health_monitor.yaml --alias production",
                "Take each prompt's production one step back"),
            Example(
                "promptreg rollback main.agent.prompt_cost --alias production --to 3",
                "Point one alias to a version"),
        ])
}
