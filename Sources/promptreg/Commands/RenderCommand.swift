import ArgumentParsing

/// `promptreg render`: fills in a template's variables.
struct RenderCommand: ViewCommand {
    var template = TemplateOptions()
    var output = OutputFile()
    var view = ViewOptions()

    func validate() throws(UsageError.Reason) { try template.validate() }

    func run(_ context: CommandContext) async throws(CommandFailure) -> ExitCode {
        try output.check()
        try output.write(try await template.fill(view, context).text, context.console)
        return .done
    }

    static let name = "render"
    static let definition = CommandDefinition<Self>(
        name, summary: "Fill in a template's variables",
        discussion: [
            "Renders as MLflow's PromptVersion.format does, strictly: a variable without a value is an error, and so "
                + "is a value without a variable. A chat prompt becomes a JSON list of messages. Templates that MLflow "
                + "renders with Jinja2 are refused."
        ],
        arguments: [TemplateOptions.argument.at(\.template)],
        options: [
            OptionGroup("Render flags", TemplateOptions.options.at(\.template)),
            OptionGroup("Registry flags", ViewOptions.place.at(\.view)),
            RegistryOptions.group(\.view.remote),
            OptionGroup(
                "Output flags",
                OutputFile.options.at(\.output) + ConsoleOptions.views.at(\.view.console)),
        ],
        examples: [
            Command.Example(
                "promptreg render prompts/answer.md --set question=Why? --values values.yaml",
                "Render a template file"),
            Command.Example(
                "promptreg render prompts:/main.agent.prompt_answer@production --values values.json",
                "Render what production serves"),
        ])
}
