import ArgumentParsing
import Jobs
import Prompts
import RemoteRegistry
import Reporting

/// `promptreg doctor`: finds out whether a registry can be used, and writes nothing to it.
struct DoctorCommand: WaitingCommand {
    /// The spec's path; nil where no job is named.
    var specPath: String?
    var inputs = JobInputs()
    var view = ViewOptions(remote: RegistryOptions(timeout: .seconds(30)))

    var consoleOptions: ConsoleOptions { view.console }

    func validate() throws(UsageError.Reason) {
        guard specPath == nil else { return }
        if inputs.target != nil || !inputs.variables.isEmpty { throw .missingArgument("JOB") }
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
                    subject: flag, value: value, problem: "without a job, it needs \(other) beside it")
            }
        }
    }

    func run(_ context: CommandContext) async throws(CommandFailure) -> ExitCode {
        let job = try specPath.map { path throws(CommandFailure) in try context.load(path, inputs) }
        let findings: [RegistryFinding]
        do throws(RegistryError) {
            let choice = try RegistryChoice(
                passed: view.address, job: job, environment: context.environment)
            let examination = try choice.address.examination(
                RegistryAccess(
                    environment: context.environment, deadline: RunDeadline(total: view.remote.timeout),
                    allowsInsecureHTTP: view.remote.allowsInsecureHTTP, console: context.console))
            findings = [choice.finding] + (await examination.examine(scope(job)))
        } catch {
            throw CommandFailure(error)
        }
        show(findings, context.console)
        return ExitCode(findings)
    }

    /// What is to be registered.
    private func scope(_ job: DesiredState?) -> ExaminationScope {
        if let job { return ExaminationScope(ofPrompts: job.prompts.lazy.map(\.fullName)) }
        guard let catalog = inputs.catalog, let schema = inputs.schema else { return .unknown }
        return .schema(catalog: catalog, name: schema)
    }

    private func show(_ findings: [RegistryFinding], _ console: Console) {
        switch view.format {
        case .json: console.write(FindingsJSON.render(findings))
        case .text where console.isQuiet:
            for finding in findings where finding.status == .fail {
                console.error("\(finding.check.rawValue): \(finding.message)", hint: finding.hint)
            }
        case .text:
            console.write(FindingsText.render(findings, console.textStyle))
        }
    }

    static let definition = CommandDefinition<Self>(
        "doctor", summary: "Check that a registry can be used, and say what to do where it cannot",
        discussion: [
            "Checks the way to the registry, its version, credentials, permissions, schema and clock, and "
                + "writes nothing. Without a job, --catalog and --schema name the schema to check.",
            "Ends with 69 when the registry cannot be reached, 77 when credentials or permissions are missing, "
                + "and 1 when any other check failed.",
        ],
        arguments: [
            Argument(
                Positional(
                    .file("JOB"), arity: .optional, help: "A job, whose registry and schema are checked"),
                \.specPath)
        ],
        options: [
            OptionGroup(
                "Job flags",
                [JobOptions.target.at(\.inputs), ViewOptions.registry.at(\.view)]
                    + [JobOptions.catalog, JobOptions.schema, JobOptions.variable].at(\.inputs)),
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

extension RegistryChoice {
    /// Which registry it is, and who named it.
    fileprivate var finding: RegistryFinding {
        let named =
            switch origin {
            case .flag: "named by --registry"
            case .job(target: nil): "named by the job"
            case .job(let target?): "named by the job for its target \(target)"
            case .variable(let name): "named by \(name)"
            case .none: "the default, as nothing names another"
            }
        return .ok(.registry, "\(address.description), \(named)")
    }
}
