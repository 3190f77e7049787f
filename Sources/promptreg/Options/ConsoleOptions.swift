import ArgumentParsing

/// How a command writes to the terminal.
struct ConsoleOptions: Hashable, Sendable {
    /// When to use colours.
    enum ColorChoice: String, CaseIterable, Sendable {
        case auto
        case always
        case never
    }

    /// When to use colours.
    var color = ColorChoice.auto
    /// Whether only errors are written.
    var isQuiet = false
    /// Whether to say more; quiet wins.
    var isVerbose = false

    static let color = Option(
        choice: Flag(
            "color", value: .choice("WHEN", of: ColorChoice.allCases.map(\.rawValue)),
            help: "Whether to use colours", defaultText: ColorChoice.auto.rawValue, environment: "NO_COLOR"),
        \ConsoleOptions.color)
    static let quiet = Option(
        Flag("quiet", short: "q", help: "Write errors only"), \ConsoleOptions.isQuiet)
    /// That of commands whose output is what they are called for.
    static let quietView = Option(
        Flag("quiet", short: "q", help: "Write only what is asked for, and errors"), \ConsoleOptions.isQuiet)
    static let verbose = Option(
        Flag("verbose", short: "v", help: "Say what is done, and with what"), \ConsoleOptions.isVerbose)
    static let all = [color, quiet, verbose]
    static let views = [color, quietView, verbose]
}

/// What a command writes to the standard output.
enum OutputFormat: String, CaseIterable, Sendable {
    case text
    case json

    static let option = Option(
        choice: Flag(
            "format", value: .choice("FORMAT", of: allCases.map(\.rawValue)),
            help: "What is written to the standard output", defaultText: text.rawValue),
        \OutputFormat.self)
}
