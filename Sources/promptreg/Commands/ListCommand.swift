import ArgumentParsing
import Jobs
import Prompts
import Reporting
import Views

/// `promptreg list`: lists the prompts of a registry or of a job.
struct ListCommand: WaitingCommand {
    static let usage = Command.list

    let specPath: String?
    let inputs: JobInputs
    let query: PromptQuery
    let alias: String?
    let view: ViewFrame

    init(_ input: CommandInput) throws(UsageError) {
        let parsed = input.parsed
        view = try ViewFrame(input)
        specPath = parsed.positionals.first
        query = PromptQuery(
            catalog: parsed.value(of: Flags.catalog), schema: parsed.value(of: Flags.schema))
        alias = parsed.has(Flags.listAlias) ? try parsed.alias(of: Flags.listAlias) : nil
        var inputs = try parsed.jobInputs(environment: input.environment)
        inputs.aliases = []
        self.inputs = inputs
        let ofJob = [Flags.target, Flags.variable, Flags.select]
        if specPath == nil, let flag = ofJob.first(where: parsed.has) {
            throw parsed.error(
                .invalidValue(
                    subject: flag.spelling, value: parsed.value(of: flag) ?? "",
                    problem: "it is for a job, and none is named"))
        }
    }

    /// Does it.
    ///
    /// - Returns: How the program ends.
    func run() async -> ExitCode {
        await view.run { () async throws(ExitCode) in
            let (scope, address) = try self.scope()
            let listing = try await listing(of: scope, at: address)
            if listing.entries.isEmpty { view.console.note(emptiness(of: listing)) }
            switch view.format {
            case .json: view.console.write(PromptListJSON.render(listing))
            case .text:
                let text = PromptListText(color: view.console.colorsOutput, now: ProcessEnvironment.now)
                view.console.write(text.render(listing))
            }
            return .done
        }
    }

    private func listing(
        of scope: PromptListing.Scope, at address: RegistryAddress
    ) async throws(ExitCode) -> PromptListing {
        let alias = alias
        let answer = try await view.read(at: address) { registry async throws(RegistryError) in
            do throws(RegistryError) {
                return Result<_, RegistryError>.success(
                    try await PromptListing(scope, alias: alias, in: registry))
            } catch {
                // A registry that lists by schema only: what is missing are flags.
                guard error.code == .invalidValue, case .query(let query) = scope,
                    query.catalog == nil || query.schema == nil
                else { throw error }
                return .failure(error)
            }
        }
        do {
            return try answer.get()
        } catch {
            view.console.error(error.message, hint: error.hint)
            throw ExitCode.usage
        }
    }

    private func scope() throws(ExitCode) -> (PromptListing.Scope, RegistryAddress) {
        guard let specPath else { return (.query(query), try view.address()) }
        let job = try view.prepare(specPath, inputs)
        return (.job(job.desired), job.address)
    }

    /// What is said where there is nothing to list.
    private func emptiness(of listing: PromptListing) -> String {
        let subject =
            if let alias { "no prompt has the alias '\(alias)'" } else {
                query == PromptQuery() ? "there are no prompts" : "there are no such prompts"
            }
        return "\(subject) in \(listing.registry)"
    }
}

extension Command {
    static let list = Command(
        "list", summary: "List the prompts of a registry or of a job",
        discussion: [
            "Without a job, all prompts of the registry are listed, or those of a catalog and a schema; Unity "
                + "Catalog lists by schema only. With --alias the versions are those that the alias points to."
        ],
        positionals: [
            Positional(
                .file("JOB"), arity: .optional, help: "List the prompts of this job, registered or not")
        ],
        flagGroups: [
            FlagGroup(
                "List flags",
                [Flags.registry, Flags.listCatalog, Flags.listSchema, Flags.listAlias]),
            FlagGroup("Job flags", [Flags.target, Flags.variable, Flags.select]), remoteGroup, viewGroup,
        ],
        examples: [
            Example("promptreg list", "List all prompts of the registry"),
            Example(
                "promptreg list --catalog main --schema health_monitor_agent --alias production",
                "Show what production serves"),
            Example("promptreg list jobs/health_monitor.yaml", "List the prompts of a job"),
        ])
}
