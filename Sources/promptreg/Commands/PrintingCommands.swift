import ArgumentParsing
import Jobs
import Reporting

/// `promptreg schema`: prints the JSON Schema of the job spec, of the JSON report, of lock files or of cases.
struct SchemaCommand: ImmediateCommand {
    /// The formats that have a JSON Schema.
    enum Format: String, CaseIterable {
        case spec
        case report
        case lock
        case cases
    }

    var format: String?

    func run(_ context: CommandContext) -> ExitCode {
        switch format.flatMap(Format.init(rawValue:)) ?? .spec {
        case .spec: context.console.write(JobSpecSchema.json)
        case .report: context.console.write(JSONReport.schema)
        case .lock: context.console.write(LockFileJSON.schema)
        case .cases: context.console.write(JobSpecSchema.cases)
        }
        return .done
    }

    static let name = "schema"
    static let definition = CommandDefinition<Self>(
        name, summary: "Print the JSON Schema of the job spec, for editors",
        arguments: [
            Argument(
                Positional(
                    .choice("WHAT", of: Format.allCases.map(\.rawValue)), arity: .optional,
                    help: "The job spec, the JSON report, lock files or cases; the spec if left out"),
                \.format)
        ],
        examples: [
            Command.Example("promptreg schema", "Print the job spec's"),
            Command.Example("promptreg schema report", "Print the JSON report's"),
        ])
}

/// `promptreg completions`: prints the completion script of a shell.
struct CompletionsCommand: ImmediateCommand {
    var shell = ""

    func run(_ context: CommandContext) -> ExitCode {
        if let shell = Shell(rawValue: shell) {
            context.console.write(Completions.script(for: shell, .promptreg))
        }
        return .done
    }

    static let name = "completions"
    static let definition = CommandDefinition<Self>(
        name, summary: "Print the completion script of a shell",
        arguments: [
            Argument(
                Positional(.choice("SHELL", of: Shell.allCases.map(\.rawValue)), help: "The shell"), \.shell)
        ],
        examples: [Command.Example("promptreg completions bash", "Print the script for bash")])
}

/// `promptreg man`: prints the man page.
struct ManCommand: ImmediateCommand {
    func run(_ context: CommandContext) -> ExitCode {
        context.console.write(ManPage.render(.promptreg, date: toolDate))
        return .done
    }

    static let name = "man"
    static let definition = CommandDefinition<Self>(
        name, summary: "Print the man page", examples: [Command.Example("promptreg man", "Print it")])
}
