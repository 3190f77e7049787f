import ArgumentParsing
import Dispatch
import Glibc

/// What a command works with besides its command line.
struct CommandContext: Sendable {
    /// Where it writes.
    let console: Console
    /// The environment variables.
    let environment: [String: String]
}

/// A command of the program: its settings with their defaults, which the command line updates.
protocol ToolCommand: Sendable {
    /// The word that calls it.
    static var name: String { get }

    /// Its options and arguments, and what help says of them.
    static var definition: CommandDefinition<Self> { get }

    /// The command with all defaults.
    init()

    /// How it writes to the terminal.
    var consoleOptions: ConsoleOptions { get }

    /// Checks what no option alone can tell, as far as that needs no file.
    ///
    /// - Throws: `UsageError.Reason`.
    func validate() throws(UsageError.Reason)

    /// Runs it, and ends the process.
    func perform(_ context: CommandContext) -> Never
}

extension ToolCommand {
    /// Its place in the list of commands.
    static var listed: ListedCommand { ListedCommand(name) { definition.command } }

    var consoleOptions: ConsoleOptions { ConsoleOptions() }

    func validate() throws(UsageError.Reason) {}

    /// Reads a command line.
    ///
    /// - Parameter parsed: The command line.
    /// - Returns: The command.
    /// - Throws: `UsageError`.
    static func read(_ parsed: ParsedArguments) throws(UsageError) -> Self {
        var command = Self()
        try definition.read(parsed, into: &command)
        do throws(UsageError.Reason) {
            try command.validate()
        } catch {
            throw parsed.error(error)
        }
        return command
    }
}

/// A command that waits for nobody.
protocol ImmediateCommand: ToolCommand {
    /// Runs it, and returns how the program ends; the caller prints what it throws.
    func run(_ context: CommandContext) throws(CommandFailure) -> ExitCode
}

extension ImmediateCommand {
    func perform(_ context: CommandContext) -> Never {
        do throws(CommandFailure) {
            exit(try run(context).rawValue)
        } catch {
            context.console.fail(error)
        }
    }
}

/// A command that waits for others, such as a registry. Only such commands start Dispatch's threads, which would cost
/// the others a good part of their time.
protocol WaitingCommand: ToolCommand {
    /// Runs it.
    ///
    /// - Returns: How the program ends.
    /// - Throws: `CommandFailure`, which the caller prints.
    func run(_ context: CommandContext) async throws(CommandFailure) -> ExitCode
}

extension WaitingCommand {
    func perform(_ context: CommandContext) -> Never {
        // Where a command has nothing to finish, a signal ends it at once.
        _ = SignalWatch { _ in
            context.console.interrupted(Self.name)
            return false
        }
        // Only the task uses the command: where a function that never returns does so too, Swift 6.3 optimizes it into a crash.
        Task {
            do throws(CommandFailure) {
                exit(try await run(context).rawValue)
            } catch {
                context.console.fail(error)
            }
        }
        dispatchMain()
    }
}

/// A command that reaches a registry.
protocol RegistryCommand: WaitingCommand {
    /// How it is reached.
    var remote: RegistryOptions { get }
}

/// A command that shows what is registered.
protocol ViewCommand: RegistryCommand {
    /// Where and how.
    var view: ViewOptions { get }
}

extension ViewCommand {
    var remote: RegistryOptions { view.remote }
    var consoleOptions: ConsoleOptions { view.console }
}
