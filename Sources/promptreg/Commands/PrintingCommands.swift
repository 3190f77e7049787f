import ArgumentParsing
import Jobs
import Reporting

/// `promptreg schema`: prints the JSON Schema of the job spec or of the JSON report.
struct SchemaCommand: ImmediateCommand {
    static let usage = Command.schema

    let format: DocumentedFormat
    let console: Console

    init(_ input: CommandInput) {
        format = input.parsed.positionals.first.flatMap(DocumentedFormat.init(rawValue:)) ?? .spec
        console = input.console
    }

    /// Does it.
    func run() -> ExitCode {
        switch format {
        case .spec: console.write(JobSpecSchema.json)
        case .report: console.write(JSONReport.schema)
        }
        return .done
    }
}

/// `promptreg completions`: prints the completion script of a shell.
struct CompletionsCommand: ImmediateCommand {
    static let usage = Command.completions

    let shell: Shell
    let console: Console

    init(_ input: CommandInput) throws(UsageError) {
        guard let shell = input.parsed.positionals.first.flatMap(Shell.init(rawValue:)) else {
            throw input.parsed.error(.missingArgument("SHELL"))
        }
        self.shell = shell
        console = input.console
    }

    /// Does it.
    func run() -> ExitCode {
        console.write(Completions.script(for: shell, .promptreg))
        return .done
    }
}

/// `promptreg man`: prints the man page.
struct ManCommand: ImmediateCommand {
    static let usage = Command.man

    let console: Console

    init(_ input: CommandInput) { console = input.console }

    /// Does it.
    func run() -> ExitCode {
        console.write(ManPage.render(.promptreg, date: toolDate))
        return .done
    }
}
