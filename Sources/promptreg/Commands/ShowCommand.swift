import ArgumentParsing
import Prompts
import Reporting
import Views

/// `promptreg show`: shows a prompt with all its versions, or one version with its template.
struct ShowCommand: ViewCommand {
    var argument = ""
    var view = ViewOptions()

    func run(_ context: CommandContext) async throws(CommandFailure) -> ExitCode {
        let place = try context.place(view.job)
        let uri = try place.uri(argument)
        let details = try await context.read(place, view.remote) {
            registry async throws(RegistryError) -> any Presentable in
            if uri.reference == nil { return try await PromptDetails(of: uri.name, in: registry) }
            return try await VersionDetails(of: uri, in: registry)
        }
        context.console.write(details, as: view.format)
        return .done
    }

    static let name = "show"
    static let definition = CommandDefinition<Self>(
        name, summary: "Show the versions of a prompt, or one version with its template",
        arguments: [
            Argument(
                Positional(
                    NameCompletion.versions.value("NAME|URI"),
                    help: "A prompt's name, or NAME/3, NAME@ALIAS or NAME@latest for one version"),
                \.argument)
        ],
        options: [OptionGroup("Registry flags", ViewOptions.place.at(\.view))]
            + ViewOptions.groups(\.view, ConsoleOptions.views),
        examples: [
            Command.Example("promptreg show main.agent.prompt_cost", "Show every version"),
            Command.Example(
                "promptreg show main.agent.prompt_cost@production", "Show what production serves"),
            Command.Example(
                "promptreg show --job jobs/health_monitor.yaml --target prod cost_worker",
                "Show a prompt of a job where a target has it"),
        ])
}
