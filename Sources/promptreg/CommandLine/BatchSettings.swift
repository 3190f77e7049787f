import ArgumentParsing

/// What the command line asks of every command that changes prompts as a batch, and reports on it.
struct BatchSettings: Sendable {
    /// What is said of the registry.
    let registry: RegistrySettings
    /// The names and patterns of the prompts that were selected; empty takes all.
    let select: [String]
    /// How many prompts are worked on at a time.
    let concurrency: Int
    /// Whether nothing more is begun after the first failure.
    let failFast: Bool
    /// Whether nothing is written to the registry.
    let isDryRun: Bool
    /// Where to save the plan.
    let outFile: String?
    /// The files that the report is written to.
    let reports: [ReportFile]
    /// What is written to the standard output.
    let format: OutputFormat
    /// Whether a progress line may be shown.
    let showsProgress: Bool

    /// Reads the flags; those that a command does not have are not given.
    ///
    /// - Parameters:
    ///   - parsed: The command line.
    ///   - flag: The flag that names the files of the report.
    /// - Throws: `UsageError`.
    init(_ parsed: ParsedArguments, reports flag: Flag = Flags.report) throws(UsageError) {
        registry = try RegistrySettings(parsed)
        select = try parsed.selection()
        concurrency = try parsed.concurrency()
        failFast = parsed.has(Flags.failFast)
        isDryRun = parsed.has(Flags.dryRun)
        outFile = parsed.value(of: Flags.out)
        format = parsed.format
        showsProgress = !parsed.has(Flags.noProgress) && !parsed.has(Flags.quiet)
        reports = try parsed.reports(flag)
    }
}
