/// A command-line program as one table, which drives the parser, help, the man page and completions.
package struct Program: Sendable {
    /// A row of a reference table: an exit code, an environment variable or a file.
    package struct Entry: Hashable, Sendable {
        /// The code, the variable's name or the file's path.
        package var name: String
        /// What it means, in one line.
        package var meaning: String

        /// A row.
        ///
        /// - Parameters:
        ///   - name: The code, the variable's name or the file's path.
        ///   - meaning: What it means, in one line.
        package init(_ name: String, _ meaning: String) {
            self.name = name
            self.meaning = meaning
        }
    }

    /// The name that runs it.
    package var name: String
    /// Its version, without a `v`.
    package var version: String
    /// What it is, in one line.
    package var summary: String
    /// Further paragraphs of help.
    package var discussion: [String]
    /// The commands in the order of help, without `help`, which every program has.
    package var commands: [Command] { listedCommands.map { $0.command() } }
    /// The commands by name; each is described when it is asked for, as only few are.
    private let listedCommands: [ListedCommand]
    /// The flags that may stand before or after any command, including `--help` and `--version`.
    package var globalFlags: [Flag]
    /// The codes that it may exit with.
    package var exitCodes: [Entry]
    /// The environment variables that it reads.
    package var environment: [Entry]
    /// The files that it reads or writes.
    package var files: [Entry]

    /// A program.
    ///
    /// - Parameters:
    ///   - name: The name that runs it.
    ///   - version: Its version, without a `v`.
    ///   - summary: What it is, in one line.
    ///   - discussion: Further paragraphs of help.
    ///   - commands: The commands in the order of help, without `help`.
    ///   - globalFlags: The flags of all commands, without `--help` and `--version`.
    ///   - exitCodes: The codes that it may exit with.
    ///   - environment: The environment variables that it reads.
    ///   - files: The files that it reads or writes.
    package init(
        name: String, version: String, summary: String, discussion: [String] = [], commands: [ListedCommand],
        globalFlags: [Flag] = [], exitCodes: [Entry] = [], environment: [Entry] = [], files: [Entry] = []
    ) {
        self.name = name
        self.version = version
        self.summary = summary
        self.discussion = discussion
        listedCommands = commands
        self.globalFlags = globalFlags + [.help, .version]
        self.exitCodes = exitCodes
        self.environment = environment
        self.files = files
    }

    /// The `help` command, which every program has.
    var helpCommand: Command {
        Command(
            "help", summary: "Show the help of the program or of a command",
            positionals: [
                Positional(
                    .choice("COMMAND", of: listedCommands.map(\.name)), arity: .optional,
                    help: "The command to explain")
            ])
    }

    /// The names of the commands, including `help`.
    var commandNames: [String] { listedCommands.map(\.name) + ["help"] }

    /// The command of a name, which may be `help`; nil when there is none.
    func command(named name: String) -> Command? {
        name == "help" ? helpCommand : listedCommands.first { $0.name == name }?.command()
    }

    /// The commands, including `help`.
    var allCommands: [Command] { commands + [helpCommand] }

    /// The flags that a command takes: its own, then the global ones.
    func flags(for command: Command?) -> [Flag] { (command?.flags ?? []) + globalFlags }
}

/// A command in the list of a program.
package struct ListedCommand: Sendable {
    let name: String
    let command: @Sendable () -> Command

    /// A command.
    ///
    /// - Parameters:
    ///   - name: The word that calls it.
    ///   - command: Describes it.
    package init(_ name: String, _ command: @escaping @Sendable () -> Command) {
        self.name = name
        self.command = command
    }
}
