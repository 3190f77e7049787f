/// What a command line asks for.
package enum Invocation: Hashable, Sendable {
    /// To show the help of a command, or of the program.
    case help(Command?)
    /// To show the version.
    case version
    /// To run a command.
    case run(ParsedArguments)
}

/// A command line, taken apart and not acted upon: every value is the text that the user wrote.
package struct ParsedArguments: Hashable, Sendable {
    /// A flag as it was given.
    struct Occurrence: Hashable, Sendable {
        /// The flag's long name, without its dashes.
        var name: String
        /// Its value; nil for a switch.
        var value: String?
    }

    /// The command's name.
    package let command: String
    /// The arguments known by their place.
    package internal(set) var positionals: [String]
    /// The flags, in the order in which they were given.
    var occurrences: [Occurrence]

    /// Whether a flag was given.
    package func has(_ flag: Flag) -> Bool { count(of: flag) > 0 }

    /// How often a flag was given.
    package func count(of flag: Flag) -> Int { occurrences.count { $0.name == flag.name } }

    /// The value given to a flag, the last one where there are many; nil without it.
    package func value(of flag: Flag) -> String? { values(of: flag).last }

    /// All values given to a flag, in their order.
    package func values(of flag: Flag) -> [String] {
        occurrences.compactMap { $0.name == flag.name ? $0.value : nil }
    }
}
