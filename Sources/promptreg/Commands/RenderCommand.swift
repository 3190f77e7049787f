import ArgumentParsing
import Diagnostics
import FoundationEssentials
import Glibc
import Jobs
import Prompts
import Templates

/// `promptreg render`: puts values in the place of a template's variables.
struct RenderCommand: WaitingCommand {
    static let usage = Command.render

    let subject: Subject
    /// The values of `--set`, which come before those of the file.
    let assignments: [(name: String, value: String)]
    let valuesFile: String?
    let outputFile: String?
    let registry: RegistrySettings
    let console: Console
    let environment: [String: String]

    /// What is rendered.
    enum Subject: Hashable, Sendable {
        /// A template file; nil takes the syntax that its ending tells.
        case file(path: String, TemplateSyntax?)
        /// A version in a registry, by its address as it was written.
        case version(String)
    }

    init(_ input: CommandInput) throws(UsageError) {
        let parsed = input.parsed
        let text = parsed.positionals.first ?? ""
        let syntax = parsed.value(of: Flags.syntax)
        if Self.isPath(text) {
            subject = .file(path: text, syntax.flatMap(TemplateSyntax.init(rawValue:)))
        } else if let syntax {
            throw parsed.invalid(Flags.syntax, syntax, "it is for a template file, and this is none: \(text)")
        } else {
            subject = .version(text)
        }
        assignments = try parsed.assignments(of: Flags.set)
        valuesFile = parsed.value(of: Flags.values)
        outputFile = parsed.value(of: Flags.loadOutput)
        registry = try RegistrySettings(parsed)
        console = input.console
        environment = input.environment
    }

    func run() async -> ExitCode {
        do throws(ExitCode) {
            let rendered = try await render()
            guard let outputFile else {
                console.write(rendered)
                return .done
            }
            do {
                try WholeFile.write(Data(rendered.utf8), to: outputFile)
                return .done
            } catch {
                console.error("'\(outputFile)' cannot be written: \(error.reason)")
                return .failed
            }
        } catch {
            return error
        }
    }

    // MARK: Rendering

    private func render() async throws(ExitCode) -> String {
        var findings = DiagnosticList()
        let values = values(&findings)
        let rendering: PromptRendering?
        switch subject {
        case .file(let path, let syntax):
            let (file, found) = TemplateFile.load(path, syntax: syntax)
            findings.merge(found)
            rendering = file.map {
                PromptRendering(
                    of: $0.template.text, isChat: $0.template.isChat, values: values, places: $0.places)
            }
        case .version(let text):
            if findings.hasErrors {
                rendering = nil
            } else {
                let content = try await content(of: text)
                rendering = PromptRendering(
                    of: content.template, isChat: content.kind == .chat, values: values)
            }
        }
        // Where the values could not be read, all would be missing.
        if !findings.hasErrors, let rendering { findings.add(contentsOf: rendering.diagnostics) }
        JobPreparation(console: console, environment: environment).report(findings)
        guard !findings.hasErrors, let text = rendering?.text else { throw ExitCode.invalidInput }
        return text
    }

    private func content(of address: String) async throws(ExitCode) -> PromptContent {
        let uri = try PromptURI(argument: address, console: console)
        let frame = RegistryFrame(settings: registry, console: console, environment: environment)
        return try await frame.read(at: frame.address()) { registry async throws(RegistryError) in
            try await registry.resolve(uri).version.content
        }
    }

    /// The values of the file, with those of `--set` in their place or behind them.
    private func values(_ findings: inout DiagnosticList) -> [TemplateValue] {
        var values: [TemplateValue] = []
        if let valuesFile {
            let file = ValuesFile(path: valuesFile)
            findings.merge(file.diagnostics)
            values = file.values
        }
        for (name, text) in assignments {
            let value = TemplateValue(name: name, text: text)
            if let index = values.firstIndex(where: { $0.name == name }) {
                values[index] = value
            } else {
                values.append(value)
            }
        }
        return values
    }

    /// Whether an argument is a template file: one that is there, or what is written as one. `prompts:/` in front
    /// always makes it an address.
    private static func isPath(_ text: String) -> Bool {
        if text.hasPrefix("prompts:/") { return false }
        let beginnings = ["/", "./", "../"]
        let endings = [".md", ".txt", ".prompt", ".j2", ".yaml", ".yml"]
        if beginnings.contains(where: text.hasPrefix) || endings.contains(where: text.hasSuffix) {
            return true
        }
        var status = stat()
        return stat(text, &status) == 0 && status.st_mode & S_IFMT != S_IFDIR
    }
}

extension Command {
    static let render = Command(
        "render", summary: "Put values in the place of a template's variables",
        discussion: [
            "Renders as MLflow's PromptVersion.format does, strictly: a variable without a value is an error, and so "
                + "is a value without a variable. A chat prompt becomes a JSON list of messages. Templates that MLflow "
                + "renders with Jinja2 are refused."
        ],
        positionals: [
            Positional(
                .file("FILE_OR_URI"),
                help: "A template file, or a version such as prompts:/NAME@production or prompts:/NAME/3")
        ],
        flagGroups: [
            FlagGroup("Render flags", [Flags.set, Flags.values, Flags.syntax, Flags.registry]), remoteGroup,
            FlagGroup("Output flags", [Flags.loadOutput, Flags.color, Flags.quiet, Flags.verbose]),
        ],
        examples: [
            Example(
                "promptreg render prompts/answer.md --set question=Why? --values values.yaml",
                "Render a template file"),
            Example(
                "promptreg render prompts:/main.agent.prompt_answer@production --values values.json",
                "Render what production serves"),
        ])
}
