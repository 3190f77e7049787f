import ArgumentParsing
import Prompts
import Reporting
import Views

/// `promptreg history`: prints the journal of a prompt's alias moves.
struct HistoryCommand: WaitingCommand {
    var name = ""
    var view = ViewOptions()

    var consoleOptions: ConsoleOptions { view.console }

    func run(_ context: CommandContext) async throws(CommandFailure) -> ExitCode {
        let place = try context.place(view.job)
        let name = place.fullName(name)
        let history = try await context.read(place, view.remote) {
            registry async throws(RegistryError) in
            try AliasHistory(of: try await registry.observe(existing: name))
        }
        if history.moves.isEmpty {
            context.console.note("the journal of '\(name)' records no alias move")
        }
        context.console.write(history, as: view.format)
        return .done
    }

    static let name = "history"
    static let definition = CommandDefinition<Self>(
        name, summary: "Print the journal of a prompt's alias moves",
        discussion: [
            "Lists the moves that promptreg made, newest first: when, who, from which version to which, at which "
                + "commit and by which job. The aliases that a prompt's first run sets are not moves. An alias "
                + "that something else has moved since is marked with where it is now."
        ],
        arguments: [
            Argument(
                Positional(
                    NameCompletion.prompts.value("NAME"),
                    help: "The prompt's full name, or its name in the job")
            ) {
                command, words throws(ArgumentProblem) in command.name = try Subjects.name(words[0])
            }
        ],
        options: [OptionGroup("Registry flags", ViewOptions.place.at(\.view))]
            + ViewOptions.groups(\.view),
        examples: [
            Command.Example(
                "promptreg history main.agent.prompt_cost", "Show who moved production, and when")
        ])
}
