import ArgumentParsing
import Dispatch
import Glibc

/// What a command is made from: its command line, and what it works with.
struct CommandInput: Sendable {
    /// The command line, taken apart.
    let parsed: ParsedArguments
    /// Where it writes.
    let console: Console
    /// The environment variables.
    let environment: [String: String]
}

/// A command of the program: made from a command line, which is checked as far as that needs no file, and then run.
protocol ToolCommand: Sendable {
    /// What it takes, and what help says of it.
    static var usage: Command { get }

    /// Reads the command line.
    ///
    /// - Parameter input: The command line, and what the command works with.
    /// - Throws: `UsageError`.
    init(_ input: CommandInput) throws(UsageError)

    /// Does it, and ends the process.
    func perform() -> Never
}

/// A command that waits for nobody.
protocol ImmediateCommand: ToolCommand {
    /// Does it.
    ///
    /// - Returns: How the program ends.
    func run() -> ExitCode
}

extension ImmediateCommand {
    func perform() -> Never { exit(run().rawValue) }
}

/// A command that waits for others, such as a registry. Only such a command starts the threads that it takes: they
/// would cost the others a good part of their time.
protocol WaitingCommand: ToolCommand {
    /// Does it.
    ///
    /// - Returns: How the program ends.
    func run() async -> ExitCode
}

extension WaitingCommand {
    func perform() -> Never {
        Task { exit(await run().rawValue) }
        dispatchMain()
    }
}
