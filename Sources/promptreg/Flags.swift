import ArgumentParsing

/// Every flag there is, each once: parser, help, man page and completions come from here.
enum Flags {
    static let target = Flag(
        "target", short: "t", value: .text("NAME"), help: "The target of the job; its default one if left out"
    )
    static let registry = Flag(
        "registry", value: .text("URI"),
        help: "Where to register: file:DIR, http(s)://HOST[:PORT] or databricks-uc[://PROFILE]",
        defaultText: "the target's, the job's, else file:mlruns", environment: "MLFLOW_REGISTRY_URI")
    static let catalog = Flag("catalog", value: .text("NAME"), help: "The catalog, in place of the job's")
    static let schema = Flag("schema", value: .text("NAME"), help: "The schema, in place of the job's")
    static let variable = Flag(
        "var", value: .text("NAME=VALUE"), isRepeatable: true, help: "The value of a variable of the job",
        environment: "PROMPTREG_VAR_NAME")
    static let select = Flag(
        "select", short: "s", value: .text("NAMES"), isRepeatable: true,
        help: "Only these prompts: names with commas between, * and ? match any characters")
    static let alias = Flag(
        "alias", value: .text("NAME"), isRepeatable: true,
        help: "The alias to set, in place of all that the job names")
    static let force = Flag("force", help: "Make a new version of every prompt, changed or not")
    static let message = Flag(
        "message", short: "m", value: .text("TEXT"), help: "The commit message of new versions")
    static let concurrency = Flag(
        "concurrency", value: .text("N"), help: "How many prompts are worked on at a time", defaultText: "8")
    static let timeout = Flag(
        "timeout", value: .text("DURATION"),
        help:
            "How long a run may take on a remote registry, such as 90s or 5m; one that gets nothing done for 5 "
            + "minutes ends in any case", defaultText: "as long as it gets on")
    static let insecureHTTP = Flag(
        "insecure-http", help: "Send credentials to http:// addresses of other machines, unencrypted")
    static let failFast = Flag("fail-fast", help: "Begin nothing more after the first failure")
    static let dryRun = Flag("dry-run", short: "n", help: "Show what would be done and write nothing")
    static let plan = Flag("plan", value: .file("FILE"), help: "Do exactly what a saved plan says")
    static let out = Flag("out", short: "o", value: .file("FILE"), help: "Save the plan for run --plan")
    static let detailedExitCode = Flag("detailed-exitcode", help: "End with 2 when changes are pending")
    static let report = Flag(
        "report", value: .file("FILE"), isRepeatable: true,
        help: "Write the report to a file, in the format of its ending: .json, .md or .xml (JUnit)")
    static let format = Flag(
        "format", value: .choice("FORMAT", of: OutputFormat.allCases.map(\.rawValue)),
        help: "What is written to the standard output", defaultText: OutputFormat.text.rawValue)
    static let color = Flag(
        "color", value: .choice("WHEN", of: ColorChoice.allCases.map(\.rawValue)),
        help: "Whether to use colours", defaultText: ColorChoice.auto.rawValue, environment: "NO_COLOR")
    static let noProgress = Flag("no-progress", help: "Show no progress line")
    static let quiet = Flag("quiet", short: "q", help: "Write errors only")
    static let verbose = Flag("verbose", short: "v", help: "Say what is done and what it is done with")
}

/// What a command writes to the standard output.
enum OutputFormat: String, CaseIterable {
    case text
    case json
}

/// When to use colours.
enum ColorChoice: String, CaseIterable {
    case auto
    case always
    case never
}
