import ArgumentParsing
import Jobs
import Prompts
import Reporting
import Views

/// `promptreg diff`: compares two versions, or a job's files with what is registered.
struct DiffCommand: WaitingCommand {
    static let usage = Command.diff

    /// What is compared.
    private enum Subject {
        case job(path: String, JobInputs)
        case versions(String, String)
    }

    private let subject: Subject
    private let hasDetailedExitCode: Bool
    private let view: ViewFrame

    init(_ input: CommandInput) throws(UsageError) {
        let parsed = input.parsed
        view = try ViewFrame(input)
        hasDetailedExitCode = parsed.has(Flags.differenceExitCode)
        let first = parsed.positionals[0]
        let second = parsed.positionals.dropFirst().first
        if let second {
            for argument in [first, second] where CommandSubject.isPath(argument) {
                throw parsed.error(
                    .invalidValue(
                        subject: "URI", value: argument,
                        problem: "a job is compared with its registry, and with nothing else"))
            }
            if let flag = (Flags.ofJob + [Flags.select]).first(where: parsed.has) {
                throw parsed.error(
                    .invalidValue(
                        subject: flag.spelling, value: parsed.value(of: flag) ?? "",
                        problem: "it is for a job, and none is named"))
            }
            subject = .versions(first, second)
        } else {
            guard CommandSubject.isPath(first) else { throw parsed.error(.missingArgument("URI")) }
            subject = .job(path: first, try parsed.jobInputs(environment: input.environment))
        }
    }

    /// Does it.
    ///
    /// - Returns: How the program ends.
    func run() async -> ExitCode {
        await view.run { () async throws(ExitCode) in
            let report = try await comparison()
            switch view.format {
            case .json: view.console.write(ComparisonJSON.render(report))
            case .text where view.console.isQuiet: break
            case .text:
                view.console.write(ComparisonText(color: view.console.colorsOutput).render(report))
            }
            if !report.hasDifferences, report.job == nil {
                view.console.note("the two versions are the same")
            }
            return hasDetailedExitCode && report.hasDifferences ? .changesPending : .done
        }
    }

    private func comparison() async throws(ExitCode) -> ComparisonReport {
        switch subject {
        case .job(let path, let inputs):
            let job = try view.prepare(path, inputs)
            return try await view.read(at: job.address) { registry async throws(RegistryError) in
                try await ComparisonReport(of: job.desired, in: registry)
            }
        case .versions(let first, let second):
            let old = try PromptURI(argument: first, console: view.console)
            let new = try PromptURI(argument: second, console: view.console)
            return try await view.read(at: try view.address()) { registry async throws(RegistryError) in
                try await ComparisonReport(from: old, to: new, in: registry)
            }
        }
    }
}

extension Command {
    static let diff = Command(
        "diff", summary: "Compare two versions, or a job's files with what is registered",
        discussion: [
            "Compares templates, chats message by message, and settings, with the variables that come and go; "
                + "what a run would do besides, to tags and aliases, promptreg plan shows."
        ],
        positionals: [
            Positional(.file("JOB|URI"), help: "A job spec, or the old version, such as NAME@production"),
            Positional(.text("URI"), arity: .optional, help: "The new version, such as NAME@staging"),
        ],
        flagGroups: [
            jobSelectionGroup, FlagGroup("Diff flags", [Flags.differenceExitCode]), remoteGroup, viewGroup,
        ],
        examples: [
            Example(
                "promptreg diff main.agent.prompt_cost@production main.agent.prompt_cost@staging",
                "Show what promoting staging would change"),
            Example("promptreg diff jobs/health_monitor.yaml", "Compare the files with the newest versions"),
        ])
}
