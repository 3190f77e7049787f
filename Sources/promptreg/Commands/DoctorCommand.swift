import ArgumentParsing
import Jobs
import Prompts
import RemoteRegistry
import Reporting

/// `promptreg doctor`: finds out whether a registry can be used, and writes nothing to it.
struct DoctorCommand: WaitingCommand {
    static let usage = Command.doctor

    /// The spec's path; nil where no job is named.
    let specPath: String?
    /// What is passed to the job.
    let inputs: JobInputs
    /// What is said of the registry.
    let settings: RegistrySettings
    /// What is written to the standard output.
    let format: OutputFormat
    let console: Console
    let environment: [String: String]

    init(_ input: CommandInput) throws(UsageError) {
        let parsed = input.parsed
        specPath = parsed.positionals.first
        inputs = try parsed.jobInputs(environment: input.environment)
        settings = try RegistrySettings(parsed, usualTimeout: .seconds(30))
        format = parsed.format
        console = input.console
        environment = input.environment
        guard specPath == nil else { return }
        if parsed.has(Flags.target) || parsed.has(Flags.variable) {
            throw parsed.error(.missingArgument("JOB"))
        }
        for (flag, other) in [(Flags.catalog, Flags.schema), (Flags.schema, Flags.catalog)] {
            guard let value = parsed.value(of: flag) else { continue }
            if let problem = NameRules.problem(withLevel: value) {
                throw parsed.invalid(flag, value, problem)
            }
            guard parsed.has(other) else {
                throw parsed.invalid(flag, value, "without a job, it needs \(other.spelling) beside it")
            }
        }
    }

    /// Does it.
    func run() async -> ExitCode {
        do throws(ExitCode) {
            let findings = try await findings()
            try show(findings)
            return ExitCode(findings)
        } catch {
            return error
        }
    }

    private func findings() async throws(ExitCode) -> [RegistryFinding] {
        let job = try self.job()
        do throws(RegistryError) {
            let choice = try RegistryChoice(passed: settings.address, job: job, environment: environment)
            let examination = try choice.address.examination(
                RegistryAccess(
                    environment: environment,
                    deadline: RunDeadline(total: settings.timeout),
                    allowsInsecureHTTP: settings.allowsInsecureHTTP, console: console))
            return [choice.finding] + (await examination.examine(scope(job)))
        } catch {
            console.error(error.message, hint: error.hint)
            throw ExitCode(error)
        }
    }

    private func job() throws(ExitCode) -> DesiredState? {
        guard let specPath else { return nil }
        let job = LoadedJob(path: specPath, inputs: inputs)
        JobPreparation(console: console, environment: environment).report(job.diagnostics)
        guard let state = job.state else { throw ExitCode.invalidInput }
        return state
    }

    /// What is to be registered.
    private func scope(_ job: DesiredState?) -> ExaminationScope {
        if let job { return ExaminationScope(ofPrompts: job.prompts.lazy.map(\.fullName)) }
        guard let catalog = inputs.catalog, let schema = inputs.schema else { return .unknown }
        return .schema(catalog: catalog, name: schema)
    }

    private func show(_ findings: [RegistryFinding]) throws(ExitCode) {
        switch format {
        case .json:
            do {
                console.write(try FindingsJSON.render(findings))
            } catch {
                console.error("the findings cannot be written as JSON: \(error)")
                throw ExitCode.failed
            }
        case .text where console.isQuiet:
            for finding in findings where finding.status == .fail {
                console.error("\(finding.check.rawValue): \(finding.message)", hint: finding.hint)
            }
        case .text:
            console.write(FindingsText(color: console.colorsOutput).render(findings))
        }
    }
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
