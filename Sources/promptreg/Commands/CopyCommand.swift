import ArgumentParsing
import Planning
import Prompts
import Support
import Synchronization

/// `promptreg copy`: copies prompts from one registry into another.
struct CopyCommand: RegistryCommand {
    var source = ""
    var destination = ""
    var query = PromptQuery()
    var copy = Copy()
    var select: [String] = []
    var batch = BatchOptions()
    var remote = RegistryOptions()
    var consoleOptions = ConsoleOptions()

    func run(_ context: CommandContext) async throws(CommandFailure) -> ExitCode {
        let from = try context.address(passed: source)
        let to = try context.address(passed: destination)
        if from.isSame(as: to), copy.catalog ?? query.catalog == query.catalog,
            copy.schema ?? query.schema == query.schema
        {
            throw CommandFailure(
                .usage,
                "'--from' and '--to' are the same registry, and the prompts have the same names in both",
                hint: "--to-catalog or --to-schema copies them within a registry")
        }
        let prepared = PreparedBatch(Batch(.copy, prompts: []), at: to, ruledBy: context.onlyJob(at: to))
        let opened = Mutex<(any PromptRegistry)?>(nil)
        return try await BatchRunner(options: batch, remote: remote, context: context).run(
            BatchWork(
                operation: .copy, prepare: { prepared },
                plan: { _, destination throws(RegistryError) in
                    try from.checkPresence()
                    let source = try remote.open(from, context).registry
                    opened.withLock { $0 = source }
                    return try await plan(from: source, to: destination, context)
                },
                otherRequests: { opened.withLock { $0?.requestCount ?? 0 } },
                // Before the destination's folder is made.
                check: { _ throws(RegistryError) in try from.checkPresence() }))
    }

    private func plan(
        from source: any PromptRegistry, to destination: any PromptRegistry, _ context: CommandContext
    ) async throws(RegistryError) -> Plan {
        let all = try await source.names(matching: query)
        let names =
            select.isEmpty ? all : all.filter { PromptSelection.selects(select, PromptSelection.forms($0)) }
        if names.isEmpty {
            throw RegistryError(
                .notFound,
                "there are no such prompts in \(query.catalog ?? "").\(query.schema ?? "") of \(source.location)",
                hint: "promptreg list --registry \(source.address.shellWord) shows the existing prompts")
        }
        let (plan, empty) = try await copy.plan(
            names, from: source, to: destination, concurrency: batch.concurrency)
        if let alias = copy.alias {
            if plan.prompts.isEmpty {
                throw RegistryError(
                    .notFound, "none of the \(names.count) prompts has the alias '\(alias)'",
                    hint:
                        "promptreg list --registry \(source.address.shellWord) shows the prompts with their aliases"
                )
            }
            // Prompts without the alias were not asked for.
            for name in empty { context.console.detail("'\(name)' has no alias '\(alias)'") }
        } else {
            for name in empty { context.console.warning("'\(name)' has no versions, so it is not copied") }
        }
        return plan
    }

    static let name = "copy"
    static let definition = CommandDefinition<Self>(
        name, summary: "Copy prompts from one registry into another",
        discussion: [
            "Copies every version with its type, settings and tags, and the aliases. Versions that "
                + "the destination already has are not copied again, so a second copy changes nothing. Version "
                + "numbers may differ. A prompt that another job registered there is refused. Two MLflow servers get the same credentials."
        ],
        options: [
            OptionGroup(
                "Copy flags",
                [
                    Option(
                        Flag(
                            "from", value: .text("URI"),
                            help: "The registry to copy from, as --registry names one elsewhere"),
                        \.source, isRequired: true
                    ) { $0 },
                    Option(
                        Flag("to", value: .text("URI"), help: "The registry to copy to"), \.destination,
                        isRequired: true
                    ) { $0 },
                    Option(
                        Flag("catalog", value: .text("NAME"), help: "The catalog of the prompts"),
                        \.query.catalog, isRequired: true, read: ArgumentReader.level),
                    Option(
                        Flag("schema", value: .text("NAME"), help: "The schema of the prompts"),
                        \.query.schema, isRequired: true, read: ArgumentReader.level),
                    Option(
                        Flag("to-catalog", value: .text("NAME"), help: "The catalog in the other registry"),
                        \.copy.catalog, read: ArgumentReader.level),
                    Option(
                        Flag("to-schema", value: .text("NAME"), help: "The schema in the other registry"),
                        \.copy.schema, read: ArgumentReader.level),
                    Option(
                        Flag(
                            "alias", value: .text("ALIAS"),
                            help: "Copy only the version that this alias points to, and the alias"),
                        \.copy.alias, read: ArgumentReader.optionalAlias),
                    JobOptions.select.at(\.select),
                    Option(
                        Flag("adopt", help: "Copy also to prompts that another job registered there"),
                        \.copy.adopts), BatchOptions.dryRun.at(\.batch),
                    BatchOptions.overridePolicy.at(\.batch),
                ]), BatchOptions.group(\.batch), RegistryOptions.group(\.remote),
            RevisionOptions.group(\.batch),
            BatchOptions.outputGroup(\.batch, \.consoleOptions),
        ],
        examples: [
            Command.Example(
                "promptreg copy --from file:mlruns --to databricks-uc --catalog main --schema agent",
                "Copy all prompts of a schema"),
            Command.Example(
                "promptreg copy --from databricks-uc://dev --to databricks-uc://prod --catalog dev --schema agent "
                    + "--to-catalog prod --alias production", "Copy what production serves"),
        ])
}
