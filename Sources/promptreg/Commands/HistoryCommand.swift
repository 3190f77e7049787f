import ArgumentParsing
import Prompts
import Reporting

/// `promptreg history`: prints the journal of a prompt's alias moves.
struct HistoryCommand: WaitingCommand {
    static let usage = Command.history

    let name: String
    let view: ViewFrame

    init(_ input: CommandInput) throws(UsageError) {
        name = try BatchSubjects.name(input.parsed.positionals[0], input.parsed)
        view = try ViewFrame(input)
    }

    /// Does it.
    ///
    /// - Returns: How the program ends.
    func run() async -> ExitCode {
        await view.run { () async throws(ExitCode) in
            let name = name
            let log = try await view.read(at: try view.address()) { registry async throws(RegistryError) in
                try AliasLog(of: try await registry.observe(existing: name))
            }
            if log.entries.isEmpty {
                view.console.note("no alias of '\(name)' was moved, as far as its journal says")
            }
            switch view.format {
            case .json: view.console.write(AliasLogJSON.render(log))
            case .text: view.console.write(AliasLogText(color: view.console.colorsOutput).render(log))
            }
            return .done
        }
    }
}

extension Command {
    static let history = Command(
        "history", summary: "Print the journal of a prompt's alias moves",
        discussion: [
            "Lists the moves that promptreg made, newest first: when, who, from which version to which, at which "
                + "commit and by which job. The first time that an alias is set is no move."
        ],
        positionals: [Positional(.text("NAME"), help: "The prompt's full name")],
        flagGroups: [FlagGroup("Registry flags", [Flags.registry]), remoteGroup, viewGroup],
        examples: [Example("promptreg history main.agent.prompt_cost", "Show who moved production, and when")]
    )
}
