/// The value of a flag or positional argument: its name in help, and what it may be.
package struct ArgumentValue: Hashable, Sendable {
    /// What a value may be. Only choices are checked; the rest guides completion in shells.
    package enum Kind: Hashable, Sendable {
        /// Any text.
        case text
        /// The path of a file.
        case file
        /// The path of a folder.
        case directory
        /// One of some words.
        case choice([String])
        /// One of the names of a kind that the program lists for the words before it, or the path of a file where that
        /// may be one, too; see `Completions.namesCommand`.
        case names(String, orFile: Bool)
    }

    /// The name that stands for the value in help, such as `NAME`.
    package var metavar: String
    /// What the value may be.
    package var kind: Kind

    /// Any text.
    package static func text(_ metavar: String) -> ArgumentValue {
        ArgumentValue(metavar: metavar, kind: .text)
    }

    /// The path of a file.
    package static func file(_ metavar: String) -> ArgumentValue {
        ArgumentValue(metavar: metavar, kind: .file)
    }

    /// The path of a folder.
    package static func directory(_ metavar: String) -> ArgumentValue {
        ArgumentValue(metavar: metavar, kind: .directory)
    }

    /// One of some words.
    package static func choice(_ metavar: String, of choices: [String]) -> ArgumentValue {
        ArgumentValue(metavar: metavar, kind: .choice(choices))
    }

    /// One of the names of a kind that the program lists, or the path of a file.
    package static func names(_ metavar: String, of kind: String, orFile: Bool = false) -> ArgumentValue {
        ArgumentValue(metavar: metavar, kind: .names(kind, orFile: orFile))
    }

    /// The words that the value may be; nil when it may be any.
    package var choices: [String]? {
        if case .choice(let choices) = kind { choices } else { nil }
    }
}
