import ArgumentParsing
import Jobs
import Prompts
import Reporting
import Support
import Views

/// `promptreg list`: lists the prompts of a registry or of a job.
struct ListCommand: ViewCommand {
    /// The job whose prompts are listed; nil lists those of a registry.
    var specPath: String?
    /// The catalog and schema without a job; with one, in place of its own.
    var query = PromptQuery()
    var alias: String?
    /// Whether only prompts are listed that no job names.
    var isUnmanaged = false
    var view = ViewOptions()

    func validate() throws(UsageError.Reason) {
        try view.job.checkNamedOnce(specPath)
        if isUnmanaged, let reason = view.job.unexpectedSelection("all prompts of the jobs count") {
            throw reason
        }
        if specPath ?? view.job.path == nil,
            let reason = view.job.unexpectedSelection("it applies to jobs only")
        {
            throw reason
        }
    }

    func run(_ context: CommandContext) async throws(CommandFailure) -> ExitCode {
        let (scope, address) = try isUnmanaged ? unmanaged(context) : scope(context)
        let alias = alias
        let listing = try await context.read(address, view.remote, mayBeAbsent: true) {
            registry async throws(RegistryError) in
            try await PromptListing(scope, alias: alias, in: registry)
        }
        if listing.entries.isEmpty {
            context.console.note(
                address.isAbsentFolder
                    ? "there is no registry in \(address.description) yet" : emptiness(of: listing))
        }
        context.console.write(listing, as: view.format)
        return .done
    }

    private func scope(
        _ context: CommandContext
    ) throws(CommandFailure) -> (PromptListing.Scope, RegistryAddress) {
        guard let specPath = specPath ?? view.job.path else {
            let place = try context.place(view.job)
            let query = Self.query(query, in: place)
            try Self.check(query, for: place.address)
            return (.query(query), place.address)
        }
        var job = view.job
        (job.inputs.catalog, job.inputs.schema) = (query.catalog, query.schema)
        let prepared = try context.job(specPath, job)
        return (.job(prepared.desired), prepared.address)
    }

    /// What is listed of a place that lists by schema only: where no schema is named, the job's.
    static func query(_ query: PromptQuery, in place: Place) -> PromptQuery {
        guard case .unityCatalog = place.address, query == PromptQuery() else { return query }
        return place.query ?? query
    }

    /// Makes sure that a registry which lists by schema only is asked for one.
    static func check(_ query: PromptQuery, for address: RegistryAddress) throws(CommandFailure) {
        guard case .unityCatalog = address, query.catalog == nil || query.schema == nil else { return }
        throw CommandFailure(
            .usage, "Unity Catalog lists prompts by schema only", hint: "pass --catalog and --schema")
    }

    /// What is said where there is nothing to list.
    private func emptiness(of listing: PromptListing) -> String {
        let subject =
            if let alias { "no prompt has the alias '\(alias)'" } else {
                isUnmanaged
                    ? "there are no prompts that no job names"
                    : query == PromptQuery() ? "there are no prompts" : "there are no such prompts"
            }
        let hint = alias.flatMap { didYouMean($0, in: listing.knownAliases.sorted()) }
        return "\(subject) in \(listing.registry)" + (hint.map { "; \($0)" } ?? "")
    }

    /// Unlike elsewhere, no job is meant where none is named.
    private static let job = Flag("job", value: .file("JOB"), help: "The same as the argument JOB")

    static let name = "list"
    static let definition = CommandDefinition<Self>(
        name, summary: "List the prompts of a registry or of a job",
        discussion: [
            "Without a job, all prompts of the registry are listed, or those of a catalog and a schema. Without "
                + "--registry it is the registry of the only job in jobs/. Unity Catalog lists by schema only. With --alias the versions are those that the alias points to."
        ],
        arguments: [
            Argument(
                Positional(
                    .file("JOB"), arity: .optional, help: "List the prompts of this job, registered or not"),
                \.specPath)
        ],
        options: [
            OptionGroup(
                "List flags",
                [
                    RegistryOptions.registry.at(\.view.job.registry),
                    Option(
                        Flag(
                            "catalog", value: .text("NAME"),
                            help: "Only prompts of this catalog; with a job, in place of its own"),
                        \.query.catalog),
                    Option(
                        Flag(
                            "schema", value: .text("NAME"),
                            help: "Only prompts of this schema; with a job, in place of its own"),
                        \.query.schema),
                    Option(
                        Flag(
                            "alias", value: NameCompletion.aliases.value("NAME"),
                            help: "Only prompts with this alias, and the versions that it points to"),
                        \.alias, read: ArgumentReader.optionalAlias),
                    Option(
                        Flag(
                            "unmanaged",
                            help:
                                "Only prompts of the schema that neither JOB nor a job beside it or in jobs/ names"
                        ),
                        \.isUnmanaged),
                ]),
            OptionGroup(
                "Job flags",
                [Option(Self.job, \.view.job.path)]
                    + [JobOptions.target, JobOptions.variable].at(\.view.job.inputs) + [
                        JobOptions.select.at(\.view.job.select)
                    ]),
        ] + ViewOptions.groups(\.view, ConsoleOptions.views),
        examples: [
            Command.Example("promptreg list", "List all prompts of the registry"),
            Command.Example(
                "promptreg list --catalog main --schema health_monitor_agent --alias production",
                "Show what production serves"),
            Command.Example("promptreg list jobs/health_monitor.yaml", "List the prompts of a job"),
            Command.Example(
                "promptreg list jobs/health_monitor.yaml --unmanaged",
                "List what its schema serves and no job names"),
        ])
}
