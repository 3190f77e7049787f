import ArgumentParsing
import FoundationEssentials
import Prompts
import Reporting
import Views

/// `promptreg load`: prints a version's template byte for byte, or the whole version as JSON.
struct LoadCommand: WaitingCommand {
    static let usage = Command.load

    let argument: String
    let outputPath: String?
    let view: ViewFrame

    init(_ input: CommandInput) throws(UsageError) {
        argument = input.parsed.positionals[0]
        outputPath = input.parsed.value(of: Flags.loadOutput)
        view = try ViewFrame(input)
    }

    /// Does it.
    ///
    /// - Returns: How the program ends.
    func run() async -> ExitCode {
        await view.run { () async throws(ExitCode) in
            let uri = try PromptURI(argument: argument, console: view.console)
            try checkOutput()
            let (format, address) = (view.format, try view.address())
            let text = try await view.read(at: address) { registry async throws(RegistryError) in
                switch format {
                // What no reader of the template needs is not asked for.
                case .text: try await registry.resolve(uri).version.content.template
                case .json: VersionJSON.render(try await VersionDetails(of: uri, in: registry))
                }
            }
            try deliver(text)
            return .done
        }
    }

    /// Makes sure, before a registry is asked, that the file can be written.
    private func checkOutput() throws(ExitCode) {
        guard let outputPath else { return }
        do throws(FileWriteError) {
            try WholeFile.checkWritable(outputPath)
        } catch {
            view.console.error(
                "\(Flags.loadOutput.spelling) '\(outputPath)' cannot be written: \(error.reason)")
            throw ExitCode.usage
        }
    }

    private func deliver(_ text: String) throws(ExitCode) {
        guard let outputPath else { return view.console.write(text) }
        do throws(FileWriteError) {
            try WholeFile.write(Data(text.utf8), to: outputPath)
        } catch {
            view.console.error("'\(outputPath)' cannot be written: \(error.reason)")
            throw ExitCode.failed
        }
    }
}

extension Command {
    static let load = Command(
        "load", summary: "Print a version's template byte for byte",
        discussion: [
            "Nothing is added to the template, not even a newline at its end; a chat prompt is its JSON list of "
                + "messages. With --format json it is the whole version, in MLflow's words."
        ],
        positionals: [
            Positional(
                .text("URI"),
                help: "NAME/3, NAME@ALIAS, NAME@latest, with or without prompts:/; a name alone is the newest"
            )
        ],
        flagGroups: [
            FlagGroup("Load flags", [Flags.registry, Flags.loadOutput]), remoteGroup, viewGroup,
        ],
        examples: [
            Example("promptreg load main.agent.prompt_cost@production", "Print what production serves"),
            Example(
                "promptreg load prompts:/main.agent.prompt_cost/3 --output cost.md",
                "Write version 3 to a file"),
        ])
}
