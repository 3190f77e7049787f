/// A command's row in the table: what help says of it, and how its command line becomes its settings.
package struct CommandDefinition<Settings>: Sendable {
    /// What help, the man page and the completions say of it.
    package let command: Command
    private let arguments: [Argument<Settings>]
    private let options: [Option<Settings>]

    /// A command.
    ///
    /// - Parameters:
    ///   - name: The word that calls it.
    ///   - summary: What it does, in one line.
    ///   - discussion: What more there is to know, a paragraph each.
    ///   - arguments: The arguments that are known by their place.
    ///   - groups: The options, as help groups them.
    ///   - examples: Command lines to start from.
    package init(
        _ name: String, summary: String, discussion: [String] = [], arguments: [Argument<Settings>] = [],
        options groups: [OptionGroup<Settings>] = [], examples: [Command.Example]
    ) {
        command = Command(
            name, summary: summary, discussion: discussion, positionals: arguments.map(\.positional),
            flagGroups: groups.map { FlagGroup($0.title, $0.options.map(\.flag)) }, examples: examples)
        self.arguments = arguments
        options = groups.flatMap(\.options)
    }

    /// Updates settings with what a command line says.
    ///
    /// - Parameters:
    ///   - parsed: The command line.
    ///   - settings: The settings, with their defaults.
    /// - Throws: `UsageError` for the first value that cannot be used, or for a required option that is missing.
    package func read(_ parsed: ParsedArguments, into settings: inout Settings) throws(UsageError) {
        for occurrence in parsed.occurrences {
            guard let option = options.first(where: { $0.flag.name == occurrence.name }) else { continue }
            let text = occurrence.value ?? ""
            do throws(ArgumentProblem) {
                // An empty value is most likely an unset variable of a CI job.
                if option.isRequired, text.isEmpty { throw ArgumentProblem("it is empty") }
                try option.update(&settings, text)
            } catch {
                throw parsed.error(
                    .invalidValue(subject: option.flag.spelling, value: text, problem: error.reason))
            }
        }
        for option in options
        where option.isRequired && !parsed.occurrences.contains(where: { $0.name == option.flag.name }) {
            throw parsed.error(.missingArgument(option.flag.spelling))
        }
        var words = parsed.positionals[...]
        for argument in arguments {
            let taken = argument.positional.isVariadic ? words : words.prefix(1)
            words = words.dropFirst(taken.count)
            guard let first = taken.first else { continue }
            do throws(ArgumentProblem) {
                try argument.update(&settings, Array(taken))
            } catch {
                throw parsed.error(
                    .invalidValue(
                        subject: argument.positional.value.metavar, value: error.word ?? first,
                        problem: error.reason))
            }
        }
    }
}
