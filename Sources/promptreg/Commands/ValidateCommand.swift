import ArgumentParsing
import Diagnostics
import FoundationEssentials
import Jobs
import Prompts
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
        var states: [DesiredState?] = []
        for path in paths.isEmpty ? [try DefaultJob.path(context.console)] : paths {
            let job = LoadedJob(path: path, inputs: inputs, checksRegistryRules: true)
            report.findings.mergeNew(job.diagnostics)
            let isAccepted = job.state != nil && !(isStrict && job.diagnostics.count(.warning) > 0)
            report.jobs.append(.init(path: path, prompts: isAccepted ? job.state?.prompts.count : nil))
            states.append(job.state)
        }
        refuseRivals(among: states, &report, context)
        let isOK = report.jobs.allSatisfy { $0.prompts != nil }
        // What a CI system is told of on the standard output, it need not be told of twice.
        context.console.report(
            report.findings, showsWarnings: isStrict, annotates: format != .github && format != .azure)
        if isStrict, !report.findings.hasErrors, !isOK {
            context.console.error(CommandFailure.warnings)
        }
        write(report, context)
        return isOK ? .done : .invalidInput
    }

    /// Notes which jobs claim prompts of each other.
    private func refuseRivals(
        among states: [DesiredState?], _ report: inout ValidationReport, _ context: CommandContext
    ) {
        let rivals = RivalJobs(states.compactMap(\.self)) { address(of: $0, context) }
        report.findings.add(contentsOf: rivals.findings(in: report.findings.sources))
        let refused = isStrict ? rivals.paths : rivals.refusedPaths
        for (index, state) in states.enumerated() where state.map({ refused.contains($0.specPath) }) == true {
            report.jobs[index].prompts = nil
        }
    }

    /// The registry that a job registers in; nil where that cannot be read, which `run` says.
    private func address(of job: DesiredState, _ context: CommandContext) -> String? {
        try? RegistryChoice(passed: nil, job: job, environment: context.environment).address.description
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
                + "JSON, as annotations of GitHub Actions or Azure Pipelines, or as GitLab's Code Quality report.",
            "Of several jobs, no two may claim one prompt of one registry, unless one of them adopts it.",
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
