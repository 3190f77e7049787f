/// A flag of a command: how it is written, what value it takes, and what help says of it.
package struct Flag: Hashable, Sendable {
    /// The long name without its dashes, such as `dry-run`.
    package var name: String
    /// The one-letter form, without its dash.
    package var short: Character?
    /// The value that it takes; nil for a switch.
    package var value: ArgumentValue?
    /// Whether giving it more than once means something: values add up, switches are counted.
    package var isRepeatable: Bool
    /// What it does, in one line.
    package var help: String
    /// What holds without it, as help shows it.
    package var defaultText: String?
    /// The environment variable that stands in for it, as help shows it.
    package var environment: String?

    /// A flag.
    ///
    /// - Parameters:
    ///   - name: The long name without its dashes.
    ///   - short: The one-letter form, without its dash.
    ///   - value: The value that it takes; nil for a switch.
    ///   - isRepeatable: Whether giving it more than once means something.
    ///   - help: What it does, in one line.
    ///   - defaultText: What holds without it, as help shows it.
    ///   - environment: The environment variable that stands in for it, as help shows it.
    package init(
        _ name: String, short: Character? = nil, value: ArgumentValue? = nil, isRepeatable: Bool = false,
        help: String, defaultText: String? = nil, environment: String? = nil
    ) {
        self.name = name
        self.short = short
        self.value = value
        self.isRepeatable = isRepeatable
        self.help = help
        self.defaultText = defaultText
        self.environment = environment
    }

    /// The flag that every program has for its help.
    package static let help = Flag("help", short: "h", help: "Show this help")

    /// The flag that every program has for its version.
    package static let version = Flag("version", help: "Show the version")

    /// The long form as the user writes it, such as `--dry-run`.
    package var spelling: String { "--" + name }

    /// The short form as the user writes it, such as `-n`.
    package var shortSpelling: String? { short.map { "-\($0)" } }

    /// All forms as the user writes them, the short one first.
    package var spellings: [String] { [shortSpelling, spelling].compactMap(\.self) }

    /// What help adds behind the text, such as `default: 8`.
    var annotations: [String] {
        [
            isRepeatable ? "repeatable" : nil,
            value?.choices.map { "possible values: " + $0.joined(separator: ", ") },
            defaultText.map { "default: " + $0 },
            environment.map { "env: " + $0 },
        ].compactMap(\.self)
    }
}

/// Flags that help shows together under a title.
package struct FlagGroup: Hashable, Sendable {
    /// The title, such as `Output`.
    package var title: String
    /// The flags, in the order of help.
    package var flags: [Flag]

    /// A group.
    ///
    /// - Parameters:
    ///   - title: The title.
    ///   - flags: The flags, in the order of help.
    package init(_ title: String = "Flags", _ flags: [Flag]) {
        self.title = title
        self.flags = flags
    }
}
