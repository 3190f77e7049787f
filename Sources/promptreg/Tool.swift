import ArgumentParsing
import Diagnostics
import Dispatch
import Glibc

/// The program: from the command line to an exit code.
struct Tool {
    private let arguments: [String]
    private let environment: [String: String]

    /// The program with the environment of this process.
    ///
    /// - Parameter arguments: The command line, without the program's name.
    init(arguments: [String]) {
        self.arguments = arguments
        environment = ProcessEnvironment.current
    }

    /// Does what the command line asks for, and ends the process.
    func start() -> Never {
        // A pipe whose reader is gone has to be an error of the write, not the end of a run.
        signal(SIGPIPE, SIG_IGN)
        // Where a standard descriptor is closed, the next file to be opened would be taken for it.
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) == -1 {
            _ = open("/dev/null", O_RDWR)
        }
        do throws(UsageError) {
            switch try Program.promptreg.parse(arguments, nearest: { nearestName(to: $0, in: $1) }) {
            case .help(let command):
                let console = Console(color: .auto, environment: environment)
                console.write(
                    HelpText.render(
                        .promptreg, command, width: ProcessEnvironment.columns, color: console.colorsOutput))
                exit(ExitCode.done.rawValue)
            case .version:
                Console(color: .auto, environment: environment).write("promptreg \(toolVersion)\n")
                exit(ExitCode.done.rawValue)
            case .run(let parsed):
                try start(parsed)
            }
        } catch {
            let console = Console(color: .auto, environment: environment)
            if error.reason == .missingCommand { console.writeError(HelpText.usage(.promptreg) + "\n") }
            console.error(error.message, hint: error.hint)
            exit(ExitCode.usage.rawValue)
        }
    }

    private func start(_ parsed: ParsedArguments) throws(UsageError) -> Never {
        let console = Console(
            color: parsed.value(of: Flags.color).flatMap(ColorChoice.init(rawValue:)) ?? .auto,
            quiet: parsed.has(Flags.quiet), verbose: parsed.has(Flags.verbose), environment: environment)
        let code: ExitCode
        switch parsed.command {
        case Command.run.name:
            let command = RunCommand(
                settings: try RunSettings(parsed), console: console, environment: environment)
            concurrently { await command.run() }
        case Command.plan.name:
            let command = PlanCommand(
                settings: try RunSettings(parsed), console: console, environment: environment)
            concurrently { await command.run() }
        case Command.validate.name:
            code = ValidateCommand(
                paths: parsed.positionals, inputs: try RunSettings.inputs(parsed, environment: environment),
                console: console, environment: environment
            ).run()
        case Command.schema.name:
            let format = parsed.positionals.first.flatMap(DocumentedFormat.init(rawValue:)) ?? .spec
            code = SchemaCommand(format: format, console: console).run()
        case Command.initialize.name where parsed.positionals.first == "":
            throw UsageError(
                .invalidValue(subject: "DIR", value: "", problem: "it names no folder"), program: "promptreg",
                command: parsed.command)
        case Command.initialize.name:
            code = InitCommand(folder: parsed.positionals.first ?? ".", console: console).run()
        case Command.completions.name:
            code = CompletionsCommand(shell: parsed.positionals.first ?? "", console: console).run()
        default: code = ManCommand(console: console).run()
        }
        exit(code.rawValue)
    }

    /// Ends the process with what a command returns that waits for others. Only such a command starts the threads
    /// that it takes: they would cost the others a good part of their time.
    private func concurrently(_ command: @escaping @Sendable () async -> ExitCode) -> Never {
        Task { exit(await command().rawValue) }
        dispatchMain()
    }
}
