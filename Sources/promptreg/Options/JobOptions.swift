import ArgumentParsing
import HTTP
import Jobs
import Support

/// Which job is meant, and what is passed to it, for commands that take something else as well.
struct JobOptions: Hashable, Sendable {
    /// The path of the spec; nil where the command line names none.
    var path: String?
    /// The registry's address that was passed.
    var registry: String?
    /// The saved plan that names the registry; nil where the command line does.
    var planPath: String?
    /// The values that replace the spec's.
    var inputs = JobInputs()
    /// The names and patterns of the selected prompts; empty selects all.
    var select: [String] = []
    /// Whether a warning is as bad as an error.
    var isStrict = false

    static let positional = Positional(
        .file("JOB"), arity: .optional, help: "The job spec; the only one in jobs/ if left out")
    static let strict = Flag("strict", help: "Fail on warnings, too")
    static let job = Option(
        Flag(
            "job", value: .file("JOB"),
            help: "The job whose registry and prompts are meant",
            defaultText: "the only one in jobs/"),
        \JobOptions.path)
    static let target = Option(
        Flag(
            "target", short: "t", value: NameCompletion.targets.value("NAME"),
            help: "The target of the job; its default one if left out", environment: JobInputs.targetVariable),
        \JobInputs.target)
    static let catalog = Option(
        Flag("catalog", value: .text("NAME"), help: "The catalog, in place of the job's"),
        \JobInputs.catalog)
    static let schema = Option(
        Flag("schema", value: .text("NAME"), help: "The schema, in place of the job's"), \JobInputs.schema)
    static let variable = Option<JobInputs>(
        Flag(
            "var", value: .text("NAME=VALUE"), isRepeatable: true, help: "The value of a variable of the job",
            environment: "PROMPTREG_VAR_NAME")
    ) { inputs, text throws(ArgumentProblem) in
        let assignment = try Assignment(text)
        guard inputs.variables.updateValue(assignment.value, forKey: assignment.name) == nil else {
            throw assignment.repeated
        }
    }
    static let alias = Option<JobInputs>(
        Flag(
            "alias", value: NameCompletion.aliases.value("NAME"), isRepeatable: true,
            help: "The alias to set, in place of all that the job names")
    ) { inputs, alias in
        if !inputs.aliases.contains(alias) { inputs.aliases.append(alias) }
    }
    static let select = Option<[String]>(
        Flag(
            "select", short: "s", value: NameCompletion.selection.value("NAMES"), isRepeatable: true,
            help: "Only these prompts: comma-separated names; * and ? are wildcards")
    ) { names, text throws(ArgumentProblem) in
        let selected = text.split(separator: ",").map { String($0).trimmed() }.filter { !$0.isEmpty }
        // An unset variable of a CI job must not select everything.
        if selected.isEmpty { throw ArgumentProblem("it names no prompt") }
        names += selected
    }

    /// The flags that say where the name of a prompt is looked up.
    static let place: [Option<JobOptions>] =
        [RegistryOptions.registry.at(\.registry), job] + [target, variable].at(\.inputs)

    /// The flags for commands that take a job, or prompts by their names.
    static func group<Settings>(_ job: Option<Settings>.Setting<JobOptions>) -> OptionGroup<Settings> {
        let options =
            [RegistryOptions.registry.at(\.registry), Self.job]
            + [target, catalog, schema, variable].at(\.inputs) + [select.at(\.select)]
        return OptionGroup("Job flags", options.at(job))
    }

    /// Refuses a job that is named by an argument and by `--job`.
    func checkNamedOnce(_ argument: String?) throws(UsageError.Reason) {
        if let argument, path != nil { throw .conflictingFlags("--job", argument) }
    }

    /// The path of the job that an argument or `--job` names, or else of the only one here.
    ///
    /// - Parameters:
    ///   - argument: The argument.
    ///   - console: Told which job it is where nothing names it.
    /// - Returns: The path of the spec.
    /// - Throws: `CommandFailure` where nothing names it, and there is not just one.
    func specPath(_ argument: String?, _ console: Console) throws(CommandFailure) -> String {
        if let named = argument ?? path { return named }
        return try DefaultJob.path(console)
    }

    /// Whether something was passed that only a job can be passed.
    var needsJob: Bool {
        inputs.target != nil || inputs.catalog != nil || inputs.schema != nil || !inputs.variables.isEmpty
    }

    /// The first of the flags that was given, as the error for a command line where they are out of place.
    ///
    /// - Parameter problem: Why they are.
    /// - Returns: The error; nil when none was given.
    func unexpected(_ problem: String) -> UsageError.Reason? {
        let given: [(Flag, String?)] = [
            (Self.job.flag, path), (Self.target.flag, inputs.target), (Self.catalog.flag, inputs.catalog),
            (Self.schema.flag, inputs.schema),
            (Self.variable.flag, inputs.variables.min { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }),
        ]
        guard let (flag, value) = given.first(where: { $0.1 != nil }) else {
            return unexpectedSelection(problem)
        }
        return .invalidValue(subject: flag.spelling, value: value ?? "", problem: problem)
    }

    /// The error for a selection where there is nothing to select from; nil when none was given.
    func unexpectedSelection(_ problem: String) -> UsageError.Reason? {
        if select.isEmpty { return nil }
        return .invalidValue(
            subject: Self.select.flag.spelling, value: select.joined(separator: ","), problem: problem)
    }
}

/// A name and a value, written `NAME=VALUE`.
struct Assignment: Hashable, Sendable {
    let name: String
    let value: String

    /// Reads an assignment.
    init(_ text: String) throws(ArgumentProblem) {
        guard let equals = text.utf8.firstIndex(of: UInt8(ascii: "=")), equals > text.startIndex else {
            throw ArgumentProblem("it is not of the form NAME=VALUE")
        }
        name = String(text[..<equals])
        value = String(text[text.utf8.index(after: equals)...])
    }

    /// The problem of a name that is assigned to a second time.
    var repeated: ArgumentProblem { ArgumentProblem("'\(name)' was given twice") }
}
