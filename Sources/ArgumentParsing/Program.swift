/// A command-line program as one table: the parser, the help, the manual and the completions all read it.
package struct Program: Hashable, Sendable {
    /// A number that the program may exit with.
    package struct ExitCode: Hashable, Sendable {
        /// The number.
        package var code: Int32
        /// What it says, in one line.
        package var meaning: String

        /// An exit code.
        ///
        /// - Parameters:
        ///   - code: The number.
        ///   - meaning: What it says, in one line.
        package init(_ code: Int32, _ meaning: String) {
            self.code = code
            self.meaning = meaning
        }
    }

    /// Something with a name that the program reads or writes: an environment variable or a file.
    package struct Entry: Hashable, Sendable {
        /// The variable's name or the file's path.
        package var name: String
        /// What it is for, in one line.
        package var meaning: String

        /// An entry.
        ///
        /// - Parameters:
        ///   - name: The variable's name or the file's path.
        ///   - meaning: What it is for, in one line.
        package init(_ name: String, _ meaning: String) {
            self.name = name
            self.meaning = meaning
        }
    }

    /// The word that calls it.
    package var name: String
    /// Its version, without a `v`.
    package var version: String
    /// What it is, in one line.
    package var summary: String
    /// What more there is to know, a paragraph each.
    package var discussion: [String]
    /// The commands, in the order of help; `help` is not among them, it is always there.
    package var commands: [Command]
    /// The flags that stand before or after any command, `--help` and `--version` among them.
    package var globalFlags: [Flag]
    /// The numbers that it may exit with.
    package var exitCodes: [ExitCode]
    /// The environment variables that it reads.
    package var environment: [Entry]
    /// The files that it reads or writes.
    package var files: [Entry]

    /// A program.
    ///
    /// - Parameters:
    ///   - name: The word that calls it.
    ///   - version: Its version, without a `v`.
    ///   - summary: What it is, in one line.
    ///   - discussion: What more there is to know, a paragraph each.
    ///   - commands: The commands, in the order of help, without `help`.
    ///   - globalFlags: The flags of all commands, without `--help` and `--version`, which are always there.
    ///   - exitCodes: The numbers that it may exit with.
    ///   - environment: The environment variables that it reads.
    ///   - files: The files that it reads or writes.
    package init(
        name: String, version: String, summary: String, discussion: [String] = [], commands: [Command],
        globalFlags: [Flag] = [], exitCodes: [ExitCode] = [], environment: [Entry] = [], files: [Entry] = []
    ) {
        self.name = name
        self.version = version
        self.summary = summary
        self.discussion = discussion
        self.commands = commands
        self.globalFlags = globalFlags + [.help, .version]
        self.exitCodes = exitCodes
        self.environment = environment
        self.files = files
    }

    /// The command that every program has for its help.
    var helpCommand: Command {
        Command(
            "help", summary: "Show the help of the program or of a command",
            positionals: [
                Positional(
                    .choice("COMMAND", of: commands.map(\.name)), arity: .optional,
                    help: "The command to explain")
            ])
    }

    /// The commands with `help`.
    var allCommands: [Command] { commands + [helpCommand] }

    /// The flags that may stand where `command` is known: its own, then the global ones.
    func flags(for command: Command?) -> [Flag] { (command?.flags ?? []) + globalFlags }
}
