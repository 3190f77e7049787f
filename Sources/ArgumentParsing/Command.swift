/// A command of a program: what it takes, and what help says about it.
package struct Command: Hashable, Sendable {
    /// A command line and what it does.
    package struct Example: Hashable, Sendable {
        /// The whole line as it is typed, including the program's name.
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

    /// The name that runs it.
    package var name: String
    /// What it does, in one line.
    package var summary: String
    /// Further paragraphs of help.
    package var discussion: [String]
    /// The positional arguments.
    package var positionals: [Positional]
    /// The flags, as help groups them.
    package var flagGroups: [FlagGroup]
    /// Examples of its use.
    package var examples: [Example]

    /// A command.
    ///
    /// - Parameters:
    ///   - name: The name that runs it.
    ///   - summary: What it does, in one line.
    ///   - discussion: Further paragraphs of help.
    ///   - positionals: The positional arguments.
    ///   - flagGroups: The flags, as help groups them.
    ///   - examples: Examples of its use.
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

    /// The command's own flags, in the order of help.
    package var flags: [Flag] { flagGroups.flatMap(\.flags) }
}
