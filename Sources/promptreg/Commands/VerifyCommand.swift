import ArgumentParsing
import Prompts
import Reporting

/// `promptreg verify`: finds out whether a registry still serves what a lock file says.
struct VerifyCommand: ViewCommand {
    var lockFile = ""
    /// The alias that has to point to the locked versions; nil looks at none.
    var alias: String?
    var view = ViewOptions()

    func run(_ context: CommandContext) async throws(CommandFailure) -> ExitCode {
        let file = try LockFile(contentsOf: lockFile)
        if file.lock.prompts.isEmpty {
            context.console.warning(
                "the lock file '\(lockFile)' names no prompt, so there is nothing to check")
        }
        for prompt in file.lock.prompts { _ = try file.bundledVersion(of: prompt) }
        let place = try file.place(view.job, context)
        let alias = alias
        let found = try await context.read(place, view.remote) { registry async throws(RegistryError) in
            try await LockVerification(of: file.lock, alias: alias, in: registry)
        }
        if !context.console.isQuiet || view.format == .json {
            context.console.write(found, as: view.format)
        }
        return found.holds ? .done : .failed
    }

    static let name = "verify"
    static let definition = CommandDefinition<Self>(
        name, summary: "Check that a registry still serves what a lock file says",
        discussion: [
            "Ends with 1 when a locked version is gone or has another content, and with --alias also when that alias "
                + "points elsewhere. The texts of a bundle are checked, too."
        ],
        options: [
            OptionGroup(
                "Verify flags",
                [
                    JobOptions.lock(\.lockFile),
                    Option(
                        Flag(
                            "alias", value: NameCompletion.aliases.value("NAME"),
                            help: "The alias that has to point to the locked versions"),
                        \.alias, read: ArgumentReader.optionalAlias),
                ]), OptionGroup("Registry flags", ViewOptions.place.at(\.view)),
        ] + ViewOptions.groups(\.view),
        examples: [
            Command.Example(
                "promptreg verify --lock prompts.lock.json", "Check before an image is deployed")
        ])
}
