/// A command-line program as one table, which drives the parser, help, the man page and completions.
package struct Program: Hashable, Sendable {
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
    package var commands: [Command]
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
        name: String, version: String, summary: String, discussion: [String] = [], commands: [Command],
        globalFlags: [Flag] = [], exitCodes: [Entry] = [], environment: [Entry] = [], files: [Entry] = []
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

    /// The `help` command, which every program has.
    var helpCommand: Command {
        Command(
            "help", summary: "Show the help of the program or of a command",
            positionals: [
                Positional(
                    .choice("COMMAND", of: commands.map(\.name)), arity: .optional,
                    help: "The command to explain")
            ])
    }

    /// The commands, including `help`.
    var allCommands: [Command] { commands + [helpCommand] }

    /// The flags that a command takes: its own, then the global ones.
    func flags(for command: Command?) -> [Flag] { (command?.flags ?? []) + globalFlags }
}
