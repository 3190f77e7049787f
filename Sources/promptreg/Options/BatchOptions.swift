import ArgumentParsing
import Execution
import Planning

/// How commands that change prompts as a batch work, and report on it.
struct BatchOptions: Hashable, Sendable {
    /// How many prompts are worked on at a time.
    var concurrency = 8
    /// Whether nothing more is started after the first failure.
    var failFast = false
    /// Whether nothing is written to the registry.
    var isDryRun = false
    /// Whether files of the output may replace whatever is there.
    var replacesFiles = false
    /// Why the job's policy does not count; nil where it does.
    var policyOverride: String?
    /// The files that the report is written to.
    var reports: [ReportFile] = []
    /// The commit of the files, as far as the command line names it.
    var revision = Revision()
    /// The lock file to write; nil writes none.
    var lockFile: String?
    /// What is written to the standard output.
    var format = OutputFormat.text
    /// Whether no progress line is shown.
    var hidesProgress = false

    static let concurrency = Option(
        Flag(
            "concurrency", value: .text("N"), help: "How many prompts to process at once",
            defaultText: "8"), \BatchOptions.concurrency
    ) { text throws(ArgumentProblem) in
        guard let number = Int(text), 1...256 ~= number else {
            throw ArgumentProblem("it is not a whole number from 1 to 256")
        }
        return number
    }
    static let failFast = Option(
        Flag("fail-fast", help: "Start nothing more after the first failure"), \BatchOptions.failFast)
    static let dryRun = Option(
        Flag("dry-run", short: "n", help: "Show what would be done and write nothing"),
        \BatchOptions.isDryRun)
    static let overridePolicy = Option(
        Flag(
            "override-policy", value: .text("REASON"),
            help:
                "Write although the job's 'require' forbids it; the report, the journal and new versions tell why"
        ),
        \BatchOptions.policyOverride
    ) { text throws(ArgumentProblem) in
        guard text.contains(where: { !$0.isWhitespace }) else { throw ArgumentProblem("it gives no reason") }
        return text
    }
    static let report = Option(
        Flag(
            "report", value: .file("FILE"), isRepeatable: true,
            help: "Write the report to a file, in the format of its extension: "
                + ".json, .md, .xml (JUnit) or .html"),
        appendingTo: \BatchOptions.reports, read: ReportFile.read)
    static let lock = Option(
        Flag(
            "lock", value: .file("FILE"),
            help: "Write the job's versions to a lock file, once all are registered"),
        \BatchOptions.lockFile)
    static let noProgress = Option(
        Flag("no-progress", help: "Show no progress line"), \BatchOptions.hidesProgress)

    /// How the batch is worked on.
    static func group<Settings>(_ batch: Option<Settings>.Setting<BatchOptions>) -> OptionGroup<Settings> {
        OptionGroup("Batch flags", [concurrency, failFast].at(batch))
    }

    /// What is written where.
    static func outputGroup<Settings>(
        _ batch: Option<Settings>.Setting<BatchOptions>, _ console: Option<Settings>.Setting<ConsoleOptions>
    ) -> OptionGroup<Settings> {
        OptionGroup(
            "Output flags",
            [report.at(batch), OutputFormat.option.at(\BatchOptions.format).at(batch)]
                + [ConsoleOptions.color.at(console), noProgress.at(batch)]
                + [ConsoleOptions.quiet, ConsoleOptions.verbose].at(console))
    }
}
