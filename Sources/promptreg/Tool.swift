import ArgumentParsing
import CLinux
import Glibc
import Support

/// The program: from the command line to an exit code.
struct Tool {
    /// Every command there is, in the order of help.
    static let commands: [any ToolCommand.Type] = [
        RunCommand.self, PlanCommand.self, ListCommand.self, ShowCommand.self, DiffCommand.self,
        LoadCommand.self, RenderCommand.self, CallCommand.self, PromoteCommand.self, RollbackCommand.self,
        HistoryCommand.self, PullCommand.self, TracesCommand.self, TryCommand.self, LockCommand.self,
        VerifyCommand.self, BundleCommand.self,
        ImportCommand.self, CopyCommand.self, ValidateCommand.self, DoctorCommand.self, SchemaCommand.self,
        InitCommand.self,
        CompletionsCommand.self, ManCommand.self,
    ]

    private let commandLine: [String]
    private let environment: [String: String]

    /// The program with the environment of this process.
    ///
    /// - Parameter commandLine: The program's name and its arguments; empty where they cannot be read.
    init(commandLine: [String]) {
        self.commandLine = commandLine
        environment = ProcessEnvironment.current
    }

    /// Does what the command line asks for, and ends the process.
    func start() -> Never {
        Self.prepareProcess()
        if commandLine.isEmpty {
            // Swift's standard library reads them from there.
            Console(environment: environment)
                .error("the command line cannot be read, as /proc is not mounted", hint: "mount /proc")
            exit(ExitCode.unreachable.rawValue)
        }
        let arguments = Array(commandLine.dropFirst())
        if arguments.first == Completions.namesCommand { completeNames(Array(arguments.dropFirst())) }
        do throws(UsageError) {
            switch try Program.promptreg.parse(arguments, nearest: { nearestName(to: $0, in: $1) }) {
            case .help(let command):
                let console = Console(environment: environment)
                console.write(
                    HelpText.render(
                        .promptreg, command, width: ProcessEnvironment.columns, color: console.colorsOutput))
                exit(ExitCode.done.rawValue)
            case .version:
                Console(environment: environment).write("promptreg \(toolVersion)\n")
                exit(ExitCode.done.rawValue)
            case .run(let parsed):
                guard let type = Self.commands.first(where: { $0.name == parsed.command }) else {
                    throw parsed.error(.unknownCommand(parsed.command))
                }
                let command = try type.read(parsed)
                let console = Console(command.consoleOptions, environment: environment)
                if ProcessEnvironment.currentFolderIsDeleted {
                    console.fail(
                        CommandFailure(
                            .usage, "the current folder has been deleted", hint: "change to one that exists"))
                }
                if let limit = (command as? any RegistryCommand)?.remote.timeout {
                    ReadingTime.begin(limit, console)
                }
                command.perform(CommandContext(console: console, environment: environment))
            }
        } catch {
            let console = Console(environment: environment)
            if error.reason == .missingCommand { console.writeError(HelpText.usage(.promptreg) + "\n") }
            console.error(error.message, hint: error.hint)
            exit(ExitCode.usage.rawValue)
        }
    }

    private static func prepareProcess() {
        // A pipe whose reader is gone has to be an error of the write, not the end of a run.
        signal(SIGPIPE, SIG_IGN)
        // Left to itself the C library keeps what large answers took, and what is small gets in between.
        _ = mallopt(mallopt_mmap_threshold, 128 << 10)
        // To read YAML takes a large block and gives it back, for each of what may be very many files.
        _ = mallopt(mallopt_top_pad, 1 << 20)
        // Where a standard descriptor is closed, the next file to be opened would be taken for it.
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) == -1 {
            _ = open("/dev/null", O_RDWR)
        }
    }

    /// Prints the names with which a word of a command line may go on, and ends the process.
    private func completeNames(_ arguments: [String]) -> Never {
        let names =
            arguments.first.flatMap(NameCompletion.Request.init)?
            .names(after: Array(arguments.dropFirst()), environment: environment) ?? []
        Console(environment: environment).write(names.map { $0.escapedForTerminal + "\n" }.joined())
        exit(ExitCode.done.rawValue)
    }
}
