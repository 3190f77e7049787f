import ArgumentParsing
import Planning

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
        commands: Tool.commands.map { $0.usage },
        exitCodes: exitCodeTable,
        environment: [
            Entry("MLFLOW_REGISTRY_URI", "The registry when neither a flag nor the job names one"),
            Entry("MLFLOW_TRACKING_URI", "The same, after MLFLOW_REGISTRY_URI"),
            Entry("MLFLOW_TRACKING_TOKEN", "The bearer token for an MLflow server"),
            Entry("MLFLOW_TRACKING_USERNAME", "The name for one with basic authentication"),
            Entry("MLFLOW_TRACKING_PASSWORD", "The password for one with basic authentication"),
            Entry("MLFLOW_TRACKING_SERVER_CERT_PATH", "The certificate authorities for an MLflow server"),
            Entry("MLFLOW_WORKSPACE", "The workspace of an MLflow server that has several"),
            Entry("DATABRICKS_HOST", "The Databricks workspace, https://HOST"),
            Entry("DATABRICKS_TOKEN", "Its token; all else that the Databricks SDK reads counts as well"),
            Entry("DATABRICKS_CONFIG_PROFILE", "The profile, when the registry names none"),
            Entry("SSL_CERT_FILE", "The certificate authorities for every server"),
            Entry("HTTPS_PROXY", "The proxy; HTTP_PROXY, ALL_PROXY and NO_PROXY count as well"),
            Entry("PROMPTREG_VAR_NAME", "The value of the job's variable NAME"),
            Entry("GITHUB_STEP_SUMMARY", "A file that the report is appended to as Markdown"),
            Entry("GITHUB_ACTIONS", "When true, failures are annotated on their lines"),
            Entry("NO_COLOR", "When set, no colours are used"),
        ],
        files: [
            Entry("~/.databrickscfg", "Profiles of Databricks workspaces"),
            Entry("~/.mlflow/credentials", "The name and the password for an MLflow server"),
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
    /// What names a job's prompts, to commands that take prompts without a job as well.
    static let jobSelectionGroup = FlagGroup(
        "Job flags", [Flags.registry] + Flags.ofJob + [Flags.select])
    /// How a batch is worked on.
    static let batchGroup = FlagGroup("Batch flags", [Flags.concurrency, Flags.failFast])
    static let remoteGroup = FlagGroup(
        "Remote registry flags", [Flags.timeout, Flags.insecureHTTP])
    static let outputGroup = FlagGroup(
        "Output flags",
        [
            Flags.report, Flags.format, Flags.color, Flags.noProgress, Flags.quiet, Flags.verbose,
        ])

    /// How what is registered is shown.
    static let viewGroup = FlagGroup(
        "Output flags", [Flags.format, Flags.color, Flags.quiet, Flags.verbose])

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
            FlagGroup(
                "Run flags", [Flags.dryRun, Flags.plan, Flags.prune, Flags.concurrency, Flags.failFast]),
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
                "Plan flags",
                [Flags.out, Flags.detailedExitCode, Flags.prune, Flags.concurrency, Flags.failFast]),
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

    static let doctor = Command(
        "doctor", summary: "Check that a registry can be used, and say what to do where it cannot",
        discussion: [
            "Checks the way to the registry, its version, credentials, permissions, schema and clock, and "
                + "writes nothing. Without a job, --catalog and --schema name the schema to check.",
            "Ends with 69 where there is no way to the registry, 77 where credentials or permissions are "
                + "missing, and 1 where any other check failed.",
        ],
        positionals: [
            Positional(
                .file("JOB"), arity: .optional, help: "A job, whose registry and schema are checked")
        ],
        flagGroups: [
            FlagGroup(
                "Job flags",
                [Flags.target, Flags.registry, Flags.catalog, Flags.schema, Flags.variable]),
            FlagGroup("Remote registry flags", [Flags.examinationTimeout, Flags.insecureHTTP]),
            FlagGroup("Output flags", [Flags.format, Flags.color, Flags.quiet, Flags.verbose]),
        ],
        examples: [
            Example("promptreg doctor jobs/health_monitor.yaml --target prod", "Check a job's target"),
            Example(
                "promptreg doctor --registry databricks-uc --catalog main --schema agents",
                "Check a schema without a job"),
        ])

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
