import ArgumentParsing
import JobSpec
import Reporting

/// `promptreg schema`: prints the JSON Schema of the job spec or of the JSON report.
struct SchemaCommand {
    let format: DocumentedFormat
    let console: Console

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
struct CompletionsCommand {
    let shell: String
    let console: Console

    /// Does it.
    func run() -> ExitCode {
        guard let shell = Shell(rawValue: shell) else { return .usage }
        console.write(Completions.script(for: shell, .promptreg))
        return .done
    }
}

/// `promptreg man`: prints the man page.
struct ManCommand {
    let console: Console

    /// Does it.
    func run() -> ExitCode {
        console.write(ManPage.render(.promptreg, date: toolDate))
        return .done
    }
}
