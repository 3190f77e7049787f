import ArgumentParsing
import Glibc
import Planning
import Prompts

/// `promptreg copy`: takes prompts over from one registry into another.
struct CopyCommand: WaitingCommand {
    static let usage = Command.copy

    private let source: String
    private let destination: String
    private let query: PromptQuery
    private let copy: Copy
    private let settings: BatchSettings
    private let console: Console
    private let environment: [String: String]

    init(_ input: CommandInput) throws(UsageError) {
        let parsed = input.parsed
        source = try parsed.required(Flags.copyFrom)
        destination = try parsed.required(Flags.copyTo)
        query = PromptQuery(
            catalog: try parsed.level(Flags.catalog), schema: try parsed.level(Flags.schema))
        copy = Copy(
            alias: parsed.has(Flags.copyAlias) ? try parsed.alias(of: Flags.copyAlias) : nil,
            catalog: parsed.has(Flags.toCatalog) ? try parsed.level(Flags.toCatalog) : nil,
            schema: parsed.has(Flags.toSchema) ? try parsed.level(Flags.toSchema) : nil)
        settings = try BatchSettings(parsed)
        console = input.console
        environment = input.environment
    }

    /// Does it.
    ///
    /// - Returns: How the program ends.
    func run() async -> ExitCode {
        let frame = BatchFrame(settings: settings, console: console, environment: environment)
        do throws(ExitCode) {
            let preparation = JobPreparation(console: console, environment: environment)
            let from = try preparation.address(of: nil, passed: source)
            let batch = PreparedBatch(
                Batch(.copy, prompts: []), at: try preparation.address(of: nil, passed: destination))
            return await frame.run(
                BatchFrame.Work(operation: .copy, specPath: nil, prepare: { batch }) {
                    _, registry throws(RegistryError) in try await plan(from: from, to: registry)
                })
        } catch {
            return error
        }
    }

    private func plan(
        from address: RegistryAddress, to destination: any PromptRegistry
    ) async throws(RegistryError) -> Plan {
        let (source, _) = try settings.registry.open(address, console: console, environment: environment)
        let all = try await source.names(matching: query)
        let names = settings.select.isEmpty ? all : all.filter(isSelected)
        if names.isEmpty {
            throw RegistryError(
                .notFound,
                "there are no such prompts in \(query.catalog ?? "").\(query.schema ?? "") of \(source.location)",
                hint: "promptreg list --registry \(source.address) shows the existing prompts")
        }
        let (plan, empty) = try await copy.plan(
            names, from: source, to: destination, concurrency: settings.concurrency)
        if let alias = copy.alias {
            if plan.prompts.isEmpty {
                throw RegistryError(.notFound, "none of the \(names.count) prompts has the alias '\(alias)'")
            }
            // Those that do not have it are not asked for.
            for name in empty { console.detail("'\(name)' has no alias '\(alias)'") }
        } else {
            for name in empty { console.warning("'\(name)' has no versions, so it is not copied") }
        }
        return plan
    }

    /// Whether a pattern of `--select` matches a full name, or the part of it after the schema.
    private func isSelected(_ name: String) -> Bool {
        let short = QualifiedName(name).name
        return settings.select.contains { fnmatch($0, name, 0) == 0 || fnmatch($0, short, 0) == 0 }
    }
}

extension Command {
    static let copy = Command(
        "copy", summary: "Take prompts over from one registry into another",
        discussion: [
            "Takes over every version with its type, settings and tags, and the aliases. What the other registry has "
                + "already is not made again, so that copying twice changes nothing; version numbers may differ. "
                + "Two MLflow servers are sent the same credentials."
        ],
        flagGroups: [
            FlagGroup(
                "Copy flags",
                [
                    Flags.copyFrom, Flags.copyTo, Flags.catalog, Flags.schema, Flags.toCatalog,
                    Flags.toSchema,
                    Flags.copyAlias, Flags.select, Flags.dryRun,
                ]), batchGroup, remoteGroup, outputGroup,
        ],
        examples: [
            Example(
                "promptreg copy --from file:mlruns --to databricks-uc --catalog main --schema agent",
                "Take over all prompts of a schema"),
            Example(
                "promptreg copy --from databricks-uc://dev --to databricks-uc://prod --catalog dev --schema agent "
                    + "--to-catalog prod --alias production", "Take over what production serves"),
        ])
}
