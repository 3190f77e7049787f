import ArgumentParsing
import Diagnostics
import Jobs
import Prompts
import Templates

/// `promptreg render`: fills in a template's variables.
struct RenderCommand: WaitingCommand {
    /// A template file, or the address of a version.
    var subject = ""
    /// How the file writes variables; nil takes what its ending tells.
    var syntax: TemplateSyntax?
    /// The values of `--set`, which come before those of the file.
    var assignments: [Assignment] = []
    var valuesFile: String?
    var output = OutputFile()
    var view = ViewOptions()

    var consoleOptions: ConsoleOptions { view.console }

    private var isFile: Bool {
        Subjects.isPath(subject, endings: [".md", ".txt", ".prompt", ".j2", ".yaml", ".yml"])
    }

    func validate() throws(UsageError.Reason) {
        guard let syntax, !isFile else { return }
        throw .invalidValue(
            subject: "--syntax", value: syntax.rawValue,
            problem: "it is for a template file, and this is not one: \(subject)")
    }

    func run(_ context: CommandContext) async throws(CommandFailure) -> ExitCode {
        try output.check()
        let (values, found) = values()
        var findings = found
        let rendering: PromptRendering?
        if isFile {
            let (file, found) = TemplateFile.load(subject, syntax: syntax)
            findings.merge(found)
            rendering = file.map {
                PromptRendering(
                    of: $0.template.text, isChat: $0.template.isChat, values: values, places: $0.places)
            }
        } else {
            // Without the values all variables would be missing.
            if findings.hasErrors { throw CommandFailure(findings) }
            let content = try await content(context)
            rendering = PromptRendering(
                of: content.template, isChat: content.kind == .chat, values: values)
        }
        if !findings.hasErrors, let rendering { findings.add(contentsOf: rendering.diagnostics) }
        guard !findings.hasErrors, let text = rendering?.text else { throw CommandFailure(findings) }
        context.console.report(findings)
        try output.write(text, context.console)
        return .done
    }

    private func content(_ context: CommandContext) async throws(CommandFailure) -> PromptContent {
        let place = try context.place(view.job)
        let uri = try place.uri(subject)
        return try await context.read(place, view.remote) {
            registry async throws(RegistryError) in try await registry.resolve(uri).version.content
        }
    }

    /// The values of the file, with those of `--set` in their place or behind them.
    private func values() -> ([TemplateValue], DiagnosticList) {
        let file = valuesFile.map { ValuesFile(path: $0) }
        var values = file?.values ?? []
        for assignment in assignments {
            let value = TemplateValue(name: assignment.name, text: assignment.value)
            if let index = values.firstIndex(where: { $0.name == value.name }) {
                values[index] = value
            } else {
                values.append(value)
            }
        }
        return (values, file?.diagnostics ?? DiagnosticList())
    }

    static let name = "render"
    static let definition = CommandDefinition<Self>(
        name, summary: "Fill in a template's variables",
        discussion: [
            "Renders as MLflow's PromptVersion.format does, strictly: a variable without a value is an error, and so "
                + "is a value without a variable. A chat prompt becomes a JSON list of messages. Templates that MLflow "
                + "renders with Jinja2 are refused."
        ],
        arguments: [
            Argument(
                Positional(
                    NameCompletion.versions.value("FILE_OR_URI", orFile: true),
                    help: "A template file, or a version such as prompts:/NAME@production or prompts:/NAME/3"),
                \.subject)
        ],
        options: [
            OptionGroup(
                "Render flags",
                [
                    Option(
                        Flag(
                            "set", value: .text("NAME=VALUE"), isRepeatable: true,
                            help: "The value of a variable, in place of that of --values")
                    ) { command, text throws(ArgumentProblem) in
                        let assignment = try Assignment(text)
                        if command.assignments.contains(where: { $0.name == assignment.name }) {
                            throw assignment.repeated
                        }
                        command.assignments.append(assignment)
                    },
                    Option(
                        Flag(
                            "values", value: .file("FILE"),
                            help: "A YAML or JSON file with the values of variables by name"), \.valuesFile),
                    Option(
                        Flag(
                            "syntax", value: .choice("SYNTAX", of: TemplateSyntax.allCases.map(\.rawValue)),
                            help: "How a template file writes variables",
                            defaultText: "mustache, and jinja2 for .j2"), \.syntax
                    ) { TemplateSyntax(rawValue: $0) },
                ]), OptionGroup("Registry flags", ViewOptions.place.at(\.view)),
            RegistryOptions.group(\.view.remote),
            OptionGroup(
                "Output flags",
                OutputFile.options.at(\.output) + ConsoleOptions.all.at(\.view.console)),
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
