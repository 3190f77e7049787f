import ArgumentParsing
import Jobs
import Prompts

/// What the flags that several commands share mean.
extension ParsedArguments {
    /// What is written to the standard output.
    var format: OutputFormat { value(of: Flags.format).flatMap(OutputFormat.init(rawValue:)) ?? .text }

    /// What is passed to the job.
    ///
    /// - Parameter environment: The environment, for the job's variables.
    /// - Returns: The inputs.
    /// - Throws: `UsageError` for a variable without a value, or one that is given twice.
    func jobInputs(environment: [String: String]) throws(UsageError) -> JobInputs {
        var variables: [String: String] = [:]
        for (name, value) in try assignments(of: Flags.variable) { variables[name] = value }
        return JobInputs(
            target: value(of: Flags.target), variables: variables, environment: environment,
            catalog: value(of: Flags.catalog), schema: value(of: Flags.schema),
            aliases: values(of: Flags.alias).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
        )
    }

    /// The names and values of a flag that takes `NAME=VALUE`.
    ///
    /// - Parameter flag: The flag.
    /// - Returns: The names with their values, in the order of the command line.
    /// - Throws: `UsageError` for a name without a value, or one that is given twice.
    func assignments(of flag: Flag) throws(UsageError) -> [(name: String, value: String)] {
        var result: [(name: String, value: String)] = []
        var names: Set<String> = []
        for assignment in values(of: flag) {
            guard let equals = assignment.utf8.firstIndex(of: UInt8(ascii: "=")),
                equals > assignment.startIndex
            else {
                throw invalid(flag, assignment, "it is not of the form NAME=VALUE")
            }
            let name = String(assignment[..<equals])
            guard names.insert(name).inserted else {
                throw invalid(flag, assignment, "'\(name)' was given twice")
            }
            result.append((name, String(assignment[assignment.utf8.index(after: equals)...])))
        }
        return result
    }

    /// The names and patterns of `--select`. An empty one, such as an unset variable of a CI job, is a mistake and
    /// does not select everything.
    ///
    /// - Returns: The names and patterns; none where everything is selected.
    /// - Throws: `UsageError`.
    func selection() throws(UsageError) -> [String] {
        var names: [String] = []
        for value in values(of: Flags.select) {
            let parts = value.split(separator: ",").map { $0.trimmingPrefix(" ") }
                .map { String($0.reversed().trimmingPrefix(" ").reversed()) }.filter { !$0.isEmpty }
            if parts.isEmpty { throw invalid(Flags.select, value, "it names no prompt") }
            names += parts
        }
        return names
    }

    /// How many prompts are worked on at a time.
    ///
    /// - Returns: The number that was given, or the default.
    /// - Throws: `UsageError`.
    func concurrency() throws(UsageError) -> Int {
        guard let text = value(of: Flags.concurrency) else { return 8 }
        guard let number = Int(text), 1...256 ~= number else {
            throw invalid(Flags.concurrency, text, "it is no whole number from 1 to 256")
        }
        return number
    }

    /// How long the work may take on a remote registry.
    ///
    /// - Parameter usual: How long where nothing is said.
    /// - Returns: The time.
    /// - Throws: `UsageError`.
    func timeout(usual: Duration) throws(UsageError) -> Duration {
        guard let text = value(of: Flags.timeout) else { return usual }
        guard let duration = Duration.parse(text) else {
            throw invalid(Flags.timeout, text, "it is no time such as 90s, 5m or 1h")
        }
        return duration
    }

    /// The files that the report is written to.
    ///
    /// - Parameter flag: The flag that names them.
    /// - Returns: The files, in the order of the command line.
    /// - Throws: `UsageError` for an ending that is of no format.
    func reports(_ flag: Flag) throws(UsageError) -> [ReportFile] {
        var reports: [ReportFile] = []
        for path in values(of: flag) {
            guard let report = ReportFile(path: path) else {
                throw invalid(flag, path, "it ends in none of .json, .md and .xml")
            }
            reports.append(report)
        }
        return reports
    }

    /// The value of a flag that has to be given, and not empty: an unset variable of a CI job is a mistake.
    ///
    /// - Parameter flag: The flag.
    /// - Returns: Its value.
    /// - Throws: `UsageError`.
    func required(_ flag: Flag) throws(UsageError) -> String {
        guard let value = value(of: flag) else { throw error(.missingArgument(flag.spelling)) }
        if value.isEmpty { throw invalid(flag, value, "it is empty") }
        return value
    }

    /// The catalog or the schema that a flag names, which has to be given.
    ///
    /// - Parameter flag: The flag.
    /// - Returns: The name.
    /// - Throws: `UsageError`.
    func level(_ flag: Flag) throws(UsageError) -> String {
        let name = try required(flag)
        if let problem = NameRules.problem(withLevel: name) { throw invalid(flag, name, problem) }
        return name
    }

    /// The alias that a flag names, which has to be given.
    ///
    /// - Parameter flag: The flag.
    /// - Returns: The alias.
    /// - Throws: `UsageError`.
    func alias(of flag: Flag) throws(UsageError) -> String {
        let alias = try required(flag)
        if let problem = NameRules.problem(withAlias: alias) { throw invalid(flag, alias, problem) }
        return alias
    }

    /// The number of a version that a flag names.
    ///
    /// - Parameter flag: The flag.
    /// - Returns: The number; nil when it was not given.
    /// - Throws: `UsageError`.
    func version(of flag: Flag) throws(UsageError) -> Int? {
        guard let text = value(of: flag) else { return nil }
        guard let number = PromptVersion.number(parsing: text) else {
            throw invalid(flag, text, "it is not a version number")
        }
        return number
    }

    /// The error for a flag's value that cannot be used.
    func invalid(_ flag: Flag, _ value: String, _ problem: String) -> UsageError {
        error(.invalidValue(subject: flag.spelling, value: value, problem: problem))
    }

    /// An error of this command line.
    func error(_ reason: UsageError.Reason) -> UsageError {
        UsageError(reason, program: Program.promptreg.name, command: command)
    }
}
