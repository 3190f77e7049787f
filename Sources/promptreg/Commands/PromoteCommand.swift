import ArgumentParsing
import Planning
import Prompts

/// `promptreg promote`: points an alias of each prompt to where another one is, of all of them or of none.
struct PromoteCommand: WaitingCommand {
    static let usage = Command.promote

    let subjects: BatchSubjects
    let promotion: Promotion
    let settings: BatchSettings
    let console: Console
    let environment: [String: String]

    init(_ input: CommandInput) throws(UsageError) {
        let parsed = input.parsed
        settings = try BatchSettings(parsed)
        subjects = try BatchSubjects(input)
        promotion = Promotion(
            from: try parsed.alias(of: Flags.promoteFrom), to: try parsed.alias(of: Flags.promoteTo),
            allowsVariableChange: parsed.has(Flags.allowVariableChange))
        if promotion.from == promotion.to {
            throw parsed.invalid(Flags.promoteTo, promotion.to, "it is the alias that is promoted")
        }
        console = input.console
        environment = input.environment
    }

    /// Does it.
    ///
    /// - Returns: How the program ends.
    func run() async -> ExitCode {
        let (promotion, concurrency) = (promotion, settings.concurrency)
        let frame = BatchFrame(settings: settings, console: console, environment: environment)
        return await frame.run(
            subjects.work(.promote, settings, console, environment) {
                batch, registry throws(RegistryError) in
                try await promotion.plan(batch.batch, in: registry, concurrency: concurrency)
            })
    }
}

extension Command {
    static let promote = Command(
        "promote", summary: "Point an alias of prompts to where another one is, of all or of none",
        discussion: [
            "Nothing moves unless every prompt has the alias that is promoted, and unless the variables stay the "
                + "same: an agent that fills in others would fail. If a move fails, those already made go back."
        ],
        positionals: [BatchSubjects.positional(.oneOrMore)],
        flagGroups: [
            FlagGroup(
                "Promote flags",
                [Flags.promoteFrom, Flags.promoteTo, Flags.allowVariableChange, Flags.dryRun]),
            jobSelectionGroup, batchGroup, remoteGroup, outputGroup,
        ],
        examples: [
            Example(
                "promptreg promote jobs/health_monitor.yaml --from staging --to production",
                "Promote a whole job"),
            Example(
                "promptreg promote main.agent.prompt_cost --from staging --to production --dry-run",
                "Show what promoting one prompt would change"),
        ])
}
