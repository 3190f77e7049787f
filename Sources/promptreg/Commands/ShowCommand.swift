import ArgumentParsing
import Prompts
import Reporting
import Views

/// `promptreg show`: shows a prompt with all its versions, or one version with its template.
struct ShowCommand: WaitingCommand {
    static let usage = Command.show

    let argument: String
    let view: ViewFrame

    init(_ input: CommandInput) throws(UsageError) {
        argument = input.parsed.positionals[0]
        view = try ViewFrame(input)
    }

    /// Does it.
    ///
    /// - Returns: How the program ends.
    func run() async -> ExitCode {
        await view.run { () async throws(ExitCode) in
            let uri = try PromptURI(argument: argument, console: view.console)
            let text = PromptText(color: view.console.colorsOutput, now: ProcessEnvironment.now)
            if uri.reference == nil {
                let details = try await view.read(at: try view.address()) {
                    registry async throws(RegistryError) in
                    try await PromptDetails(of: uri.name, in: registry)
                }
                view.console.write(view.format == .json ? VersionJSON.render(details) : text.render(details))
            } else {
                let details = try await view.read(at: try view.address()) {
                    registry async throws(RegistryError) in try await VersionDetails(of: uri, in: registry)
                }
                view.console.write(view.format == .json ? VersionJSON.render(details) : text.render(details))
            }
            return .done
        }
    }
}

extension Command {
    static let show = Command(
        "show", summary: "Show the versions of a prompt, or one version with its template",
        positionals: [
            Positional(
                .text("NAME|URI"),
                help: "A prompt's full name, or NAME/3, NAME@ALIAS or NAME@latest for one version")
        ],
        flagGroups: [FlagGroup("Registry flags", [Flags.registry]), remoteGroup, viewGroup],
        examples: [
            Example("promptreg show main.agent.prompt_cost", "Show every version"),
            Example("promptreg show main.agent.prompt_cost@production", "Show what production serves"),
        ])
}
