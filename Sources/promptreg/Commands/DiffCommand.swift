import ArgumentParsing
import Prompts
import Reporting
import Views

/// `promptreg diff`: compares two versions, or a job's files with what is registered.
struct DiffCommand: ViewCommand {
    /// A job, or the old version; empty for the job of `--job`, or the only one here.
    var first = ""
    /// The new version.
    var second: String?
    var hasDetailedExitCode = false
    var view = ViewOptions()

    /// The job that the first argument names; nil where there is none.
    private var specPath: String? { first.isEmpty ? nil : first }

    func validate() throws(UsageError.Reason) {
        guard let second else {
            if !first.isEmpty, !Subjects.isPath(first) { throw .missingArgument("URI") }
            return try view.job.checkNamedOnce(specPath)
        }
        for argument in [first, second] where Subjects.isPath(argument) {
            throw .invalidValue(
                subject: "URI", value: argument,
                problem: "a job is compared with its registry, and nothing else")
        }
        if let reason = view.job.unexpectedSelection("it applies to jobs only") { throw reason }
    }

    func run(_ context: CommandContext) async throws(CommandFailure) -> ExitCode {
        let report = try await comparison(context)
        if view.format == .json || !context.console.isQuiet { context.console.write(report, as: view.format) }
        if !report.hasDifferences, report.job == nil {
            context.console.note("the two versions are the same")
        }
        return hasDetailedExitCode && report.hasDifferences ? .changesPending : .done
    }

    private func comparison(_ context: CommandContext) async throws(CommandFailure) -> ComparisonReport {
        guard let second else {
            let prepared = try context.job(try view.job.specPath(specPath, context.console), view.job)
            return try await context.read(prepared.address, view.remote, mayBeAbsent: true) {
                registry async throws(RegistryError) in
                try await ComparisonReport(of: prepared.desired, in: registry)
            }
        }
        let place = try context.place(view.job)
        let (old, new) = (try place.uri(first), try place.uri(second))
        return try await context.read(place, view.remote) {
            registry async throws(RegistryError) in
            try await ComparisonReport(from: old, to: new, in: registry)
        }
    }

    static let name = "diff"
    static let definition = CommandDefinition<Self>(
        name, summary: "Compare two versions, or a job's files with what is registered",
        discussion: [
            "Compares templates (chats message by message) and settings, and lists the variables that were added or "
                + "removed. promptreg plan also shows changes to tags and aliases."
        ],
        arguments: [
            Argument(
                Positional(
                    NameCompletion.versions.value("JOB|URI", orFile: true), arity: .optional,
                    help:
                        "A job spec, or the old version, such as NAME@production; the only job in jobs/ if left out"
                ), \.first),
            Argument(
                Positional(
                    NameCompletion.versions.value("URI"), arity: .optional,
                    help: "The new version, such as NAME@staging"),
                \.second),
        ],
        options: [
            JobOptions.group(\.view.job),
            OptionGroup(
                "Diff flags",
                [
                    Option(
                        Flag("detailed-exitcode", help: "End with 2 when there are differences"),
                        \.hasDetailedExitCode)
                ]),
        ] + ViewOptions.groups(\.view),
        examples: [
            Command.Example(
                "promptreg diff main.agent.prompt_cost@production main.agent.prompt_cost@staging",
                "Show what promoting staging would change"),
            Command.Example(
                "promptreg diff jobs/health_monitor.yaml", "Compare the files with the newest versions"),
        ])
}
