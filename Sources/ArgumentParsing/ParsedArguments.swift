/// What a command line asks for.
package enum Invocation: Hashable, Sendable {
    /// To show the help of a command, or of the program.
    case help(Command?)
    /// To show the version.
    case version
    /// To run a command.
    case run(ParsedArguments)
}

/// A command line that was parsed; `CommandDefinition` turns it into a command's settings.
package struct ParsedArguments: Hashable, Sendable {
    /// A flag as it was given.
    struct Occurrence: Hashable, Sendable {
        /// The flag's long name, without its dashes.
        var name: String
        /// Its value; nil for a switch.
        var value: String?
    }

    /// The program's name.
    let program: String
    /// The command's name.
    package let command: String
    /// The positional arguments.
    var positionals: [String]
    /// The flags, in the order in which they were given.
    var occurrences: [Occurrence]

    /// An error of this command line.
    package func error(_ reason: UsageError.Reason) -> UsageError {
        UsageError(reason, program: program, command: command)
    }
}
