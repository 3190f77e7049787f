/// A command of a program: what it takes, and what help says of it.
package struct Command: Hashable, Sendable {
    /// A command line, and what it does.
    package struct Example: Hashable, Sendable {
        /// The whole line as it is typed, the program's name included.
        package var line: String
        /// What it does, in one line.
        package var meaning: String

        /// An example.
        ///
        /// - Parameters:
        ///   - line: The whole line as it is typed.
        ///   - meaning: What it does, in one line.
        package init(_ line: String, _ meaning: String) {
            self.line = line
            self.meaning = meaning
        }
    }

    /// The word that calls it.
    package var name: String
    /// What it does, in one line.
    package var summary: String
    /// What more there is to know, a paragraph each.
    package var discussion: [String]
    /// The arguments known by their place.
    package var positionals: [Positional]
    /// The flags, as help groups them.
    package var flagGroups: [FlagGroup]
    /// Command lines to start from.
    package var examples: [Example]

    /// A command.
    ///
    /// - Parameters:
    ///   - name: The word that calls it.
    ///   - summary: What it does, in one line.
    ///   - discussion: What more there is to know, a paragraph each.
    ///   - positionals: The arguments known by their place.
    ///   - flagGroups: The flags, as help groups them.
    ///   - examples: Command lines to start from.
    package init(
        _ name: String, summary: String, discussion: [String] = [], positionals: [Positional] = [],
        flagGroups: [FlagGroup] = [], examples: [Example] = []
    ) {
        self.name = name
        self.summary = summary
        self.discussion = discussion
        self.positionals = positionals
        self.flagGroups = flagGroups
        self.examples = examples
    }

    /// All flags of the command's own, in the order of help.
    package var flags: [Flag] { flagGroups.flatMap(\.flags) }
}
