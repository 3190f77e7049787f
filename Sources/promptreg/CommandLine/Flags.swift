import ArgumentParsing
import Templates

/// Every flag there is, each once: parser, help, man page and completions come from here.
enum Flags {
    static let target = Flag(
        "target", short: "t", value: .text("NAME"), help: "The target of the job; its default one if left out"
    )
    static let registry = Flag(
        "registry", value: .text("URI"),
        help: "The registry: file:DIR, http(s)://HOST[:PORT] or databricks-uc[://PROFILE]",
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
    /// What is passed to a job, and to nothing else.
    static let ofJob = [target, catalog, schema, variable]
    static let force = Flag("force", help: "Make a new version of every prompt, changed or not")
    static let message = Flag(
        "message", short: "m", value: .text("TEXT"), help: "The commit message of new versions")
    static let concurrency = Flag(
        "concurrency", value: .text("N"), help: "How many prompts are worked on at a time", defaultText: "8")
    static let timeout = Flag(
        "timeout", value: .text("DURATION"),
        help:
            "How long the work may take on a remote registry, such as 90s, 30m or 2h", defaultText: "5m")
    static let examinationTimeout = Flag(
        "timeout", value: .text("DURATION"), help: "How long all checks may take, such as 90s or 5m",
        defaultText: "30s")
    static let insecureHTTP = Flag(
        "insecure-http", help: "Send credentials to http:// addresses of other machines, unencrypted")
    static let failFast = Flag("fail-fast", help: "Begin nothing more after the first failure")
    static let dryRun = Flag("dry-run", short: "n", help: "Show what would be done and write nothing")
    static let plan = Flag("plan", value: .file("FILE"), help: "Do exactly what a saved plan says")
    static let prune = Flag(
        "prune", help: "Take the job's aliases off prompts that it registered once and names no more")
    static let promoteFrom = Flag("from", value: .text("ALIAS"), help: "The alias whose version is promoted")
    static let promoteTo = Flag("to", value: .text("ALIAS"), help: "The alias that goes there")
    static let allowVariableChange = Flag(
        "allow-variable-change", help: "Promote versions with other variables than those they replace")
    static let rollbackReport = Flag(
        "report", value: .file("FILE"), help: "The JSON report of the run whose alias moves are taken back")
    static let rollbackAlias = Flag("alias", value: .text("ALIAS"), help: "The alias that goes back")
    static let rollbackTo = Flag(
        "to", value: .text("N"), help: "The version to go back to, whatever the journal says")
    static let rollbackForce = Flag("force", help: "Take back what somebody moved since as well")
    static let reportTo = Flag(
        "report-to", value: .file("FILE"), isRepeatable: true,
        help:
            "Write the report of the rollback to a file, in the format of its ending: .json, .md or .xml (JUnit)"
    )
    static let copyFrom = Flag(
        "from", value: .text("URI"),
        help: "The registry to take the prompts from, as --registry names one elsewhere")
    static let copyTo = Flag("to", value: .text("URI"), help: "The registry to take them to")
    static let toCatalog = Flag("to-catalog", value: .text("NAME"), help: "The catalog in the other registry")
    static let toSchema = Flag("to-schema", value: .text("NAME"), help: "The schema in the other registry")
    static let copyAlias = Flag(
        "alias", value: .text("ALIAS"),
        help: "Take over only the version that this alias points to, and the alias")
    static let listCatalog = Flag(
        "catalog", value: .text("NAME"), help: "Only prompts of this catalog; with a job, in place of its own"
    )
    static let listSchema = Flag(
        "schema", value: .text("NAME"), help: "Only prompts of this schema; with a job, in place of its own")
    static let listAlias = Flag(
        "alias", value: .text("NAME"),
        help: "Only prompts with this alias, and the versions that it points to")
    static let loadOutput = Flag(
        "output", short: "o", value: .file("FILE"), help: "Write to a file in place of the standard output")
    static let differenceExitCode = Flag("detailed-exitcode", help: "End with 2 when there are differences")
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
    static let set = Flag(
        "set", value: .text("NAME=VALUE"), isRepeatable: true,
        help: "The value of a variable, before that of the file of --values")
    static let values = Flag(
        "values", value: .file("FILE"), help: "A YAML or JSON file with the values of variables by name")
    static let importCatalog = Flag(
        "catalog", value: .text("NAME"), help: "The catalog of the prompts to write down")
    static let importSchema = Flag(
        "schema", value: .text("NAME"), help: "The schema of the prompts to write down")
    static let importAlias = Flag(
        "alias", value: .text("ALIAS"),
        help: "Only prompts with this alias, as the versions have them that it points to")
    static let into = Flag("into", value: .directory("DIR"), help: "Where to put jobs/ and prompts/")
    static let replaceFiles = Flag("force", help: "Replace files that are there already")
    static let syntax = Flag(
        "syntax", value: .choice("SYNTAX", of: TemplateSyntax.allCases.map(\.rawValue)),
        help: "How a template file writes variables", defaultText: "mustache, and jinja2 for .j2")
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
