import ArgumentParsing

extension Program {
    /// promptreg's commands, flags and exit codes.
    static let promptreg = Program(
        name: "promptreg", version: toolVersion,
        summary: "Register the prompts of an agent from files in git",
        discussion: [
            "Reads a job spec and a folder of prompt templates, registers each template that changed as a new "
                + "version of CATALOG.SCHEMA.prompt_NAME, moves aliases such as production once every version "
                + "is there, and reports what it did."
        ],
        commands: [.run, .plan, .validate, .schema, .initialize, .completions, .man],
        exitCodes: exitCodeTable,
        environment: [
            Entry("MLFLOW_REGISTRY_URI", "The registry when neither a flag nor the job names one"),
            Entry("MLFLOW_TRACKING_URI", "The same, after MLFLOW_REGISTRY_URI"),
            Entry("PROMPTREG_VAR_NAME", "The value of the job's variable NAME"),
            Entry("GITHUB_STEP_SUMMARY", "A file that the report is appended to as Markdown"),
            Entry("GITHUB_ACTIONS", "When true, failures are annotated on their lines"),
            Entry("NO_COLOR", "When set, no colours are used"),
        ])
}

extension Command {
    private static let job = Positional(.file("JOB"), help: "The job spec, a YAML file")
    private static let jobGroup = FlagGroup(
        "Job flags",
        [
            Flags.target, Flags.registry, Flags.catalog, Flags.schema, Flags.variable, Flags.select,
            Flags.alias,
            Flags.force, Flags.message,
        ])
    private static let remoteGroup = FlagGroup(
        "Remote registry flags", [Flags.timeout, Flags.insecureHTTP])
    private static let outputGroup = FlagGroup(
        "Output flags",
        [
            Flags.report, Flags.format, Flags.color, Flags.noProgress, Flags.quiet, Flags.verbose,
        ])

    static let run = Command(
        "run", summary: "Register the prompts of a job and move its aliases",
        discussion: [
            "Prompts that did not change get no new version. Aliases move only when every version is there; "
                + "if a move fails half way, those already moved go back."
        ],
        positionals: [
            Positional(.file("JOB"), arity: .optional, help: "The job spec; not needed with --plan")
        ],
        flagGroups: [
            jobGroup,
            FlagGroup("Run flags", [Flags.dryRun, Flags.plan, Flags.concurrency, Flags.failFast]),
            remoteGroup,
            outputGroup,
        ],
        examples: [
            Example("promptreg run jobs/health_monitor.yaml", "Register on the job's default target"),
            Example("promptreg run jobs/health_monitor.yaml --dry-run", "Show what that would do"),
            Example(
                "promptreg run jobs/health_monitor.yaml --target prod --report run.json --report junit.xml",
                "Register on a target and keep two reports"),
        ])

    static let plan = Command(
        "plan", summary: "Show what a run would do, and write nothing to the registry",
        positionals: [job],
        flagGroups: [
            jobGroup,
            FlagGroup(
                "Plan flags", [Flags.out, Flags.detailedExitCode, Flags.concurrency, Flags.failFast]),
            remoteGroup,
            outputGroup,
        ],
        examples: [
            Example(
                "promptreg plan jobs/health_monitor.yaml --out release.plan", "Plan, to run just that later"),
            Example(
                "promptreg plan jobs/health_monitor.yaml --detailed-exitcode",
                "Find out whether anything differs"),
        ])

    static let validate = Command(
        "validate", summary: "Check jobs and their templates, without a registry",
        positionals: [Positional(.file("JOB"), arity: .oneOrMore, help: "A job spec")],
        flagGroups: [
            FlagGroup("Job flags", [Flags.target, Flags.variable]),
            FlagGroup("Output flags", [Flags.color, Flags.quiet]),
        ],
        examples: [Example("promptreg validate jobs/health_monitor.yaml", "Check one job")])

    static let schema = Command(
        "schema", summary: "Print the JSON Schema of the job spec, for editors",
        positionals: [
            Positional(
                .choice("WHAT", of: DocumentedFormat.allCases.map(\.rawValue)), arity: .optional,
                help: "The job spec, or the JSON report; the spec if left out")
        ],
        examples: [
            Example("promptreg schema", "Print the job spec's"),
            Example("promptreg schema report", "Print the JSON report's"),
        ])

    static let initialize = Command(
        "init", summary: "Make a starter job with two prompts",
        positionals: [
            Positional(
                .directory("DIR"), arity: .optional, help: "Where to put jobs/ and prompts/; here if left out"
            )
        ],
        flagGroups: [FlagGroup("Output flags", [Flags.quiet])],
        examples: [Example("promptreg init my-agent", "Start in a new folder")])

    static let completions = Command(
        "completions", summary: "Print the completion script of a shell",
        positionals: [
            Positional(.choice("SHELL", of: Shell.allCases.map(\.rawValue)), help: "The shell")
        ],
        examples: [Example("promptreg completions bash", "Print the script for bash")])

    static let man = Command(
        "man", summary: "Print the man page", examples: [Example("promptreg man", "Print it")])
}

/// The exit codes for the help and the man page; inside of `Program` the name `ExitCode` is its own.
private let exitCodeTable = ExitCode.allCases.map { Program.ExitCode($0.rawValue, $0.meaning) }

/// The formats that have a JSON Schema.
enum DocumentedFormat: String, CaseIterable {
    case spec
    case report
}
