import ArgumentParsing
import Prompts
import Reporting
import Views

/// `promptreg load`: prints a version's template byte for byte, or the whole version as JSON.
struct LoadCommand: WaitingCommand {
    var argument = ""
    var output = OutputFile()
    var view = ViewOptions()

    var consoleOptions: ConsoleOptions { view.console }

    func run(_ context: CommandContext) async throws(CommandFailure) -> ExitCode {
        try output.check()
        let place = try context.place(view.job)
        let uri = try place.uri(argument)
        let format = view.format
        let text = try await context.read(place, view.remote) {
            registry async throws(RegistryError) in
            switch format {
            case .text: try await registry.resolve(uri).version.content.template
            case .json: try await VersionDetails(of: uri, in: registry).jsonText
            }
        }
        try output.write(text, context.console)
        return .done
    }

    static let name = "load"
    static let definition = CommandDefinition<Self>(
        name, summary: "Print a version's template byte for byte",
        discussion: [
            "Nothing is added to the template, not even a newline at its end; a chat prompt is its JSON list of "
                + "messages. With --format json it is the whole version, in MLflow's words."
        ],
        arguments: [
            Argument(
                Positional(
                    NameCompletion.versions.value("URI"),
                    help:
                        "NAME/3, NAME@ALIAS, NAME@latest, with or without prompts:/; a name alone is the newest"
                ), \.argument)
        ],
        options: [
            OptionGroup("Load flags", OutputFile.options.at(\.output)),
            OptionGroup("Registry flags", ViewOptions.place.at(\.view)),
        ] + ViewOptions.groups(\.view),
        examples: [
            Command.Example(
                "promptreg load main.agent.prompt_cost@production", "Print what production serves"),
            Command.Example(
                "promptreg load prompts:/main.agent.prompt_cost/3 --output cost.md",
                "Write version 3 to a file"),
        ])
}
