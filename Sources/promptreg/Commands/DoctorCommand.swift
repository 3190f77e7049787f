import ArgumentParsing
import HTTP
import Health
import Jobs
import Prompts
import Reporting

/// `promptreg doctor`: checks whether a registry can be used, and writes nothing to it.
struct DoctorCommand: ViewCommand {
    /// The spec's path; nil where no job is named.
    var specPath: String?
    var view = ViewOptions(remote: RegistryOptions(timeout: .seconds(30)))

    func validate() throws(UsageError.Reason) {
        try view.job.checkNamedOnce(specPath)
        let inputs = view.job.inputs
        guard specPath ?? view.job.path == nil, inputs.target == nil, inputs.variables.isEmpty else { return }
        let levels = [("--catalog", inputs.catalog, "--schema"), ("--schema", inputs.schema, "--catalog")]
        for (flag, value, other) in levels {
            guard let value else { continue }
            do throws(ArgumentProblem) {
                _ = try ArgumentReader.level(value)
            } catch {
                throw .invalidValue(subject: flag, value: value, problem: error.reason)
            }
            if inputs.catalog == nil || inputs.schema == nil {
                throw .invalidValue(
                    subject: flag, value: value, problem: "without a job, it requires \(other)")
            }
        }
    }

    func run(_ context: CommandContext) async throws(CommandFailure) -> ExitCode {
        let place = try place(context)
        let results: [HealthCheckResult]
        do throws(RegistryError) {
            let check = try place.address.healthCheck(
                RegistryAccess(view.remote, deadline: RunDeadline(total: view.remote.timeout), context))
            let registry = HealthCheckResult.ok(.registry, place.choice.description)
            let found = await check.run(for: scope(place.job))
            results = [registry] + found + (await experiments(place, found, context))
        } catch {
            throw CommandFailure(error)
        }
        show(results, context.console)
        return ExitCode(results)
    }

    /// What is checked: a job that is named, a schema that is, else the job that is here.
    private func place(_ context: CommandContext) throws(CommandFailure) -> Place {
        guard let specPath = specPath ?? view.job.path else {
            let inputs = view.job.inputs
            let isSchema = inputs.catalog != nil && inputs.target == nil && inputs.variables.isEmpty
            return try isSchema
                ? Place(of: nil, passed: view.job.registry, context) : context.place(view.job, isTold: false)
        }
        return try Place(
            of: try context.load(specPath, view.job.inputs), passed: view.job.registry, context)
    }

    /// The experiments of a job that there are none of, where the registry's own checks say nothing of experiments.
    private func experiments(
        _ place: Place, _ found: [HealthCheckResult], _ context: CommandContext
    ) async -> [HealthCheckResult] {
        guard let ids = place.job?.experiments, !ids.isEmpty,
            !found.contains(where: { $0.check == .experiments || $0.status == .fail }),
            let reader = try? view.remote.traceReader(place.address, context)
        else { return [] }
        return await reader.missing(of: ids).map { id in
            .warn(
                .experiments, "there is no experiment \(id)",
                hint: "name another one in the job, or create it")
        }
    }

    /// What is to be registered.
    private func scope(_ job: DesiredState?) -> HealthCheckScope {
        if let job {
            return HealthCheckScope(
                ofPrompts: job.prompts.lazy.map(\.fullName), experiments: job.experiments)
        }
        guard let catalog = view.job.inputs.catalog, let schema = view.job.inputs.schema else {
            return .unknown
        }
        return .schema(catalog: catalog, name: schema)
    }

    private func show(_ results: [HealthCheckResult], _ console: Console) {
        guard view.format == .text, console.isQuiet else { return console.write(results, as: view.format) }
        for result in results where result.status == .fail {
            console.error("\(result.check.rawValue): \(result.message)", hint: result.hint)
        }
    }

    static let name = "doctor"
    static let definition = CommandDefinition<Self>(
        name, summary: "Check that a registry can be used, and say how to fix what is wrong",
        discussion: [
            "Checks the connection to the registry, its version, credentials, permissions, schema and clock, "
                + "and writes nothing. Without a job, --catalog and --schema name the schema to check.",
            "Ends with 69 when the registry cannot be reached, 77 when credentials or permissions are missing, "
                + "and 1 when any other check failed.",
        ],
        arguments: [
            Argument(
                Positional(
                    .file("JOB"), arity: .optional,
                    help: "The job whose registry and schema are checked; the only one in jobs/ if left out"),
                \.specPath)
        ],
        options: [
            OptionGroup(
                "Job flags",
                ViewOptions.place.at(\.view)
                    + [JobOptions.catalog, JobOptions.schema].at(\.view.job.inputs)),
            OptionGroup(
                "Remote registry flags",
                [
                    RegistryOptions.timeout(
                        help: "How long all checks may take, such as 90s or 5m", defaultText: "30s"),
                    RegistryOptions.insecureHTTP,
                ].at(\.view.remote)),
            ViewOptions.outputGroup(\.view),
        ],
        examples: [
            Command.Example(
                "promptreg doctor jobs/health_monitor.yaml --target prod", "Check a job's target"),
            Command.Example(
                "promptreg doctor --registry databricks-uc --catalog main --schema agents",
                "Check a schema without a job"),
        ])
}
