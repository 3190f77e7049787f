import ArgumentParsing
import Prompts
import Reporting
import Templates
import Views

/// `promptreg load`: prints a version's template byte for byte, or the whole version as JSON.
struct LoadCommand: ViewCommand {
    var argument = ""
    var output = OutputFile()
    /// The lock file that names the version; nil where the argument does.
    var lockFile: String?
    /// How variables are written; nil prints the template as it is.
    var syntax: TemplateSyntax?
    var view = ViewOptions()

    func validate() throws(UsageError.Reason) {
        if syntax != nil, view.format == .json { throw .conflictingFlags("--syntax", "--format json") }
    }

    func run(_ context: CommandContext) async throws(CommandFailure) -> ExitCode {
        try output.check()
        let text =
            if let lockFile {
                try await text(lockedBy: try LockFile(contentsOf: lockFile), context)
            } else {
                try await text(in: try context.place(view.job), context, argument: argument)
            }
        try output.write(text, context.console)
        return .done
    }

    /// The version that a lock file names: from its bundle, else from the registry.
    private func text(
        lockedBy file: LockFile, _ context: CommandContext
    ) async throws(CommandFailure) -> String {
        let uri = try PromptURI(argument: argument)
        let locked: LockedPrompt?
        do throws(RegistryError) {
            locked = try file.lock.prompt(for: uri, in: file.path)
        } catch {
            throw CommandFailure(error)
        }
        if let locked, let version = try file.bundledVersion(of: locked) {
            let details = VersionDetails(
                registry: RegistryLocation(file.lock.registry, workspace: file.lock.workspace),
                prompt: ObservedPrompt(name: locked.fullName), version: version)
            return view.format == .json ? details.jsonText : try shown(version.content, context)
        }
        // The job's own name, with another version than the one that is locked.
        let other = file.lock.prompt(named: uri.name).map { prompt in
            if locked == nil {
                context.console.warning(
                    "the lock file has v\(prompt.version) of '\(prompt.fullName)'; what is named by its number is loaded "
                        + "from the registry, unchecked")
            }
            return PromptURI(name: prompt.fullName, reference: uri.reference).description
        }
        return try await text(
            in: try file.place(view.job, context), context, argument: locked?.uri ?? other ?? argument
        ) { content throws(RegistryError) in try locked?.check(content, lockedBy: file.path) }
    }

    /// The version that an argument names, where a check of its content has nothing against it.
    private func text(
        in place: Place, _ context: CommandContext, argument: String,
        check: @escaping @Sendable (PromptContent) throws(RegistryError) -> Void = { _ in }
    ) async throws(CommandFailure) -> String {
        let uri = try place.uri(argument)
        if view.format == .json {
            return try await context.read(place, view.remote) { registry async throws(RegistryError) in
                let details = try await VersionDetails(of: uri, in: registry)
                try check(details.version.content)
                return details.jsonText
            }
        }
        let content = try await context.read(place, view.remote) { registry async throws(RegistryError) in
            let content = try await registry.resolve(uri).version.content
            try check(content)
            return content
        }
        return try shown(content, context)
    }

    /// The template as the syntax asks for it.
    private func shown(_ content: PromptContent, _ context: CommandContext) throws(CommandFailure) -> String {
        guard syntax == .python else { return content.template }
        do throws(PythonFormatText.Problem) {
            let format = try content.pythonFormat()
            if format.differsFromMLflows {
                context.console.note(
                    "note: MLflow's to_single_brace_format() leaves the braces that are no variable's as they are, so "
                        + "LangChain and str.format cannot read its text; here they are doubled")
            }
            return format.text
        } catch {
            throw CommandFailure(
                .invalidInput, "'\(argument)' cannot be written for str.format: \(error.reason)")
        }
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
            OptionGroup(
                "Load flags",
                OutputFile.options.at(\.output) + [
                    Option(
                        Flag(
                            "lock", value: .file("FILE"),
                            help: "Load the version of a lock file, unless URI names one by its number"),
                        \.lockFile),
                    Option(
                        Flag(
                            "syntax",
                            value: .choice(
                                "SYNTAX", of: [TemplateSyntax.mustache, .python].map(\.rawValue)),
                            help: "How variables are written: python is for str.format",
                            defaultText: "mustache"),
                        \.syntax
                    ) { TemplateSyntax(rawValue: $0) },
                ]),
            OptionGroup("Registry flags", ViewOptions.place.at(\.view)),
        ] + ViewOptions.groups(\.view, ConsoleOptions.views),
        examples: [
            Command.Example(
                "promptreg load main.agent.prompt_cost@production", "Print what production serves"),
            Command.Example(
                "promptreg load prompts:/main.agent.prompt_cost/3 --output cost.md",
                "Write version 3 to a file"),
            Command.Example(
                "promptreg load main.agent.prompt_cost --syntax python",
                "Print it for str.format and LangChain"),
            Command.Example(
                "promptreg load --lock prompts.lock.json cost", "Print the version that was locked"),
        ])
}
