import ArgumentParsing
import Diagnostics
import FoundationEssentials
import Jobs
import Reporting
import Support

/// `promptreg validate`: checks jobs and their templates without a registry.
struct ValidateCommand: ImmediateCommand {
    var paths: [String] = []
    var inputs = JobInputs()
    /// What is written to the standard output; nil for a line a job.
    var format: ValidationReport.Format?
    /// Whether a warning is as bad as an error.
    var isStrict = false
    var consoleOptions = ConsoleOptions()

    func run(_ context: CommandContext) throws(CommandFailure) -> ExitCode {
        var inputs = inputs
        inputs.environment = context.environment
        var report = ValidationReport(jobs: [], findings: DiagnosticList())
        var isOK = true
        for path in paths.isEmpty ? [try DefaultJob.path(context.console)] : paths {
            let job = LoadedJob(path: path, inputs: inputs, checksRegistryRules: true)
            report.findings.mergeNew(job.diagnostics)
            let isAccepted = job.state != nil && !(isStrict && job.diagnostics.count(.warning) > 0)
            report.jobs.append(.init(path: path, prompts: isAccepted ? job.state?.prompts.count : nil))
            isOK = isOK && isAccepted
        }
        // What a CI system is told of on the standard output, it need not be told of twice.
        context.console.report(
            report.findings, showsWarnings: isStrict, annotates: format != .github && format != .azure)
        if isStrict, !report.findings.hasErrors, !isOK {
            context.console.error("there are warnings, and --strict allows none")
        }
        write(report, context)
        return isOK ? .done : .invalidInput
    }

    private func write(_ report: ValidationReport, _ context: CommandContext) {
        if let format {
            var report = report
            report.findings = Console.findings(
                report.findings, in: Self.workspace(format, context.environment))
            return context.console.write(report.render(format))
        }
        guard !context.console.isQuiet else { return }
        for job in report.jobs {
            guard let count = job.prompts else { continue }
            let prompts = count == 1 ? "1 prompt" : "\(count) prompts"
            context.console.write("\(job.path.escapedForTerminal): ok, \(prompts)\n")
        }
    }

    /// The folder that a CI system's files are relative to; empty where paths stay as they are.
    private static func workspace(
        _ format: ValidationReport.Format, _ environment: [String: String]
    ) -> String {
        switch format {
        case .json: ""
        case .github: environment["GITHUB_WORKSPACE", default: ""]
        case .gitlab: environment["CI_PROJECT_DIR"] ?? FileManager.default.currentDirectoryPath
        case .azure: environment["BUILD_SOURCESDIRECTORY", default: ""]
        }
    }

    static let name = "validate"
    static let definition = CommandDefinition<Self>(
        name, summary: "Check jobs and their templates, without a registry",
        discussion: [
            "Findings go to the standard error, errors first. With --format they also go to the standard output: as "
                + "JSON, as annotations of GitHub Actions or Azure Pipelines, or as GitLab's Code Quality report."
        ],
        arguments: [
            Argument(
                Positional(
                    .file("JOB"), arity: .zeroOrMore, help: "A job spec; the only one in jobs/ if left out"),
                \.paths)
        ],
        options: [
            OptionGroup(
                "Job flags",
                [Option(JobOptions.job.flag, appendingTo: \.paths) { $0 }]
                    + [JobOptions.target, JobOptions.variable].at(\.inputs)
                    + [Option(JobOptions.strict, \.isStrict)]),
            OptionGroup(
                "Output flags",
                [
                    Option(
                        Flag(
                            "format",
                            value: .choice(
                                "FORMAT", of: ["text"] + ValidationReport.Format.allCases.map(\.rawValue)),
                            help: "What is written to the standard output", defaultText: "text"), \.format
                    ) { ValidationReport.Format(rawValue: $0) }
                ] + [ConsoleOptions.color, ConsoleOptions.quiet].at(\.consoleOptions)),
        ],
        examples: [
            Command.Example("promptreg validate jobs/health_monitor.yaml", "Check one job"),
            Command.Example(
                "promptreg validate --strict --format gitlab >gl-code-quality-report.json",
                "Check the only job in a pipeline of GitLab, and allow no warnings"),
        ])
}
