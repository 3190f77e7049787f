import ArgumentParsing
import Jobs
import Planning
import Prompts

/// What a command works on that takes a job, or prompts by their names.
enum BatchSubjects: Sendable {
    /// The prompts of a job.
    case job(path: String, JobInputs)
    /// Prompts by their full names.
    case names([String])

    /// The argument.
    ///
    /// - Parameter arity: How many there may be.
    /// - Returns: The argument.
    static func positional(_ arity: Positional.Arity) -> Positional {
        Positional(
            .file("JOB|NAME"), arity: arity,
            help: "A job spec, or the full names of prompts such as main.agent.prompt_cost")
    }

    /// Reads the command line.
    ///
    /// - Parameter input: The command line.
    /// - Throws: `UsageError`.
    init(_ input: CommandInput) throws(UsageError) {
        let parsed = input.parsed
        var names: [String] = []
        for argument in parsed.positionals {
            if CommandSubject.isPath(argument) {
                if parsed.positionals.count > 1 {
                    throw parsed.error(
                        .invalidValue(
                            subject: "JOB", value: argument, problem: "a job is worked on alone"))
                }
                self = .job(path: argument, try parsed.jobInputs(environment: input.environment))
                return
            }
            let name = try Self.name(argument, parsed)
            if !names.contains(name) { names.append(name) }
        }
        if let flag = (Flags.ofJob + [Flags.select]).first(where: parsed.has) {
            throw parsed.error(
                .invalidValue(
                    subject: flag.spelling, value: parsed.value(of: flag) ?? "",
                    problem: "it is for a job, and prompts are named"))
        }
        self = .names(names)
    }

    /// Reads a prompt's full name.
    ///
    /// - Parameters:
    ///   - argument: The argument, which may be an address that names no version.
    ///   - parsed: The command line.
    /// - Returns: The name.
    /// - Throws: `UsageError`.
    static func name(_ argument: String, _ parsed: ParsedArguments) throws(UsageError) -> String {
        let problem: String
        do throws(RegistryError) {
            let uri = try PromptURI(argument)
            if uri.reference == nil { return uri.name }
            problem = "it names one version, and the prompt is wanted: \(uri.name)"
        } catch {
            problem = error.message
        }
        throw parsed.error(.invalidValue(subject: "NAME", value: argument, problem: problem))
    }

    /// What a frame is to do with them.
    ///
    /// - Parameters:
    ///   - operation: What it is.
    ///   - settings: The flags.
    ///   - console: Where findings are reported.
    ///   - environment: The environment variables.
    ///   - plan: Makes the plan.
    /// - Returns: The work.
    func work(
        _ operation: Operation, _ settings: BatchSettings, _ console: Console,
        _ environment: [String: String],
        plan: @escaping @Sendable (PreparedBatch, any PromptRegistry) async throws(RegistryError) -> Plan
    ) -> BatchFrame.Work {
        let preparation = JobPreparation(console: console, environment: environment)
        switch self {
        case .job(let path, let inputs):
            return BatchFrame.Work(
                operation: operation, specPath: path,
                prepare: { () throws(ExitCode) in
                    let job = try preparation.prepare(
                        path: path, inputs: inputs, select: settings.select,
                        registry: settings.registry.address)
                    return PreparedBatch(operation, job)
                }, plan: plan)
        case .names(let names):
            return BatchFrame.Work(
                operation: operation, specPath: nil,
                prepare: { () throws(ExitCode) in
                    PreparedBatch(
                        Batch(operation, prompts: names.map { PromptSubject(fullName: $0) }),
                        at: try preparation.address(of: nil, passed: settings.registry.address))
                }, plan: plan)
        }
    }
}
