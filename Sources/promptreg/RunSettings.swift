import ArgumentParsing
import JobSpec

/// What the command line asks of `run` and `plan`, checked as far as that needs no file.
struct RunSettings {
    /// The spec's path; nil when a saved plan names it.
    let specPath: String?
    /// What is passed to the job.
    let inputs: JobInputs
    /// The registry's address that was passed.
    let registry: String?
    /// The names and patterns of the prompts that were selected; empty takes all.
    let select: [String]
    /// Whether every prompt gets a new version.
    let force: Bool
    /// The commit message of new versions.
    let message: String?
    /// How many prompts are worked on at a time.
    let concurrency: Int
    /// How long the run may take on a remote registry; nil: as long as it gets on.
    let timeout: Duration?
    /// Whether credentials may cross a network in plain text.
    let allowsInsecureHTTP: Bool
    /// Whether nothing more is begun after the first failure.
    let failFast: Bool
    /// Whether nothing is written to the registry.
    let isDryRun: Bool
    /// The saved plan to carry out.
    let planFile: String?
    /// Where to save the plan.
    let outFile: String?
    /// Whether pending changes have an exit code of their own.
    let hasDetailedExitCode: Bool
    /// The files that the report is written to.
    let reports: [ReportFile]
    /// What is written to the standard output.
    let format: OutputFormat
    /// Whether a progress line may be shown.
    let showsProgress: Bool

    /// Reads the flags of `run` or `plan`.
    ///
    /// - Parameter parsed: The command line.
    /// - Throws: `UsageError`.
    init(_ parsed: ParsedArguments) throws(UsageError) {
        specPath = parsed.positionals.first
        inputs = try Self.inputs(parsed, environment: ProcessEnvironment.current)
        registry = parsed.value(of: Flags.registry)
        select = try Self.select(parsed)
        force = parsed.has(Flags.force)
        message = parsed.value(of: Flags.message)
        concurrency = try Self.concurrency(parsed)
        timeout = try Self.timeout(parsed)
        allowsInsecureHTTP = parsed.has(Flags.insecureHTTP)
        failFast = parsed.has(Flags.failFast)
        isDryRun = parsed.has(Flags.dryRun)
        planFile = parsed.value(of: Flags.plan)
        outFile = parsed.value(of: Flags.out)
        hasDetailedExitCode = parsed.has(Flags.detailedExitCode)
        format = parsed.value(of: Flags.format).flatMap(OutputFormat.init(rawValue:)) ?? .text
        showsProgress = !parsed.has(Flags.noProgress) && !parsed.has(Flags.quiet)
        var reports: [ReportFile] = []
        for path in parsed.values(of: Flags.report) {
            guard let report = ReportFile(path: path) else {
                throw Self.invalid(parsed, Flags.report, path, "it ends in none of .json, .md and .xml")
            }
            reports.append(report)
        }
        self.reports = reports
        if planFile != nil {
            let fixed = [
                Flags.target, Flags.registry, Flags.catalog, Flags.schema, Flags.variable, Flags.select,
                Flags.alias, Flags.force, Flags.message,
            ]
            if let other = fixed.first(where: parsed.has) {
                throw Self.error(.conflictingFlags(Flags.plan.spelling, other.spelling), parsed)
            }
        } else if specPath == nil {
            throw Self.error(.missingArgument("JOB"), parsed)
        }
    }

    /// What is passed to the job.
    ///
    /// - Parameters:
    ///   - parsed: The command line.
    ///   - environment: The environment, for the job's variables.
    /// - Returns: The inputs.
    /// - Throws: `UsageError` for a variable without a value, or one that is given twice.
    static func inputs(
        _ parsed: ParsedArguments, environment: [String: String]
    ) throws(UsageError) -> JobInputs {
        var variables: [String: String] = [:]
        for assignment in parsed.values(of: Flags.variable) {
            guard let equals = assignment.firstIndex(of: "="), equals > assignment.startIndex else {
                throw invalid(parsed, Flags.variable, assignment, "it is not of the form NAME=VALUE")
            }
            let name = String(assignment[..<equals])
            guard variables[name] == nil else {
                throw invalid(parsed, Flags.variable, assignment, "'\(name)' was given twice")
            }
            variables[name] = String(assignment[assignment.index(after: equals)...])
        }
        return JobInputs(
            target: parsed.value(of: Flags.target), variables: variables, environment: environment,
            catalog: parsed.value(of: Flags.catalog), schema: parsed.value(of: Flags.schema),
            aliases: parsed.values(of: Flags.alias).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
        )
    }

    /// The names and patterns of `--select`. An empty one, such as an unset variable of a CI job, is a mistake and
    /// does not select everything.
    private static func select(_ parsed: ParsedArguments) throws(UsageError) -> [String] {
        var names: [String] = []
        for value in parsed.values(of: Flags.select) {
            let parts = value.split(separator: ",").map { $0.trimmingPrefix(" ") }
                .map { String($0.reversed().trimmingPrefix(" ").reversed()) }.filter { !$0.isEmpty }
            if parts.isEmpty { throw invalid(parsed, Flags.select, value, "it names no prompt") }
            names += parts
        }
        return names
    }

    private static func concurrency(_ parsed: ParsedArguments) throws(UsageError) -> Int {
        guard let text = parsed.value(of: Flags.concurrency) else { return 8 }
        guard let number = Int(text), 1...256 ~= number else {
            throw invalid(parsed, Flags.concurrency, text, "it is no whole number from 1 to 256")
        }
        return number
    }

    private static func timeout(_ parsed: ParsedArguments) throws(UsageError) -> Duration? {
        guard let text = parsed.value(of: Flags.timeout) else { return nil }
        guard let duration = Duration.parse(text) else {
            throw invalid(parsed, Flags.timeout, text, "it is no time such as 90s, 5m or 1h")
        }
        return duration
    }

    private static func invalid(
        _ parsed: ParsedArguments, _ flag: Flag, _ value: String, _ problem: String
    ) -> UsageError {
        error(.invalidValue(subject: flag.spelling, value: value, problem: problem), parsed)
    }

    private static func error(_ reason: UsageError.Reason, _ parsed: ParsedArguments) -> UsageError {
        UsageError(reason, program: "promptreg", command: parsed.command)
    }
}
