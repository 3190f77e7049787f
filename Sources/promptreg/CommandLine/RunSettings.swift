import ArgumentParsing
import Jobs

/// What the command line asks of `run` and `plan`, checked as far as that needs no file.
struct RunSettings {
    /// The spec's path; nil when a saved plan names it.
    let specPath: String?
    /// What it asks of every batch.
    let batch: BatchSettings
    /// Whether prompts that left the job lose its aliases.
    let prune: Bool
    /// What is passed to the job.
    let inputs: JobInputs
    /// Whether every prompt gets a new version.
    let force: Bool
    /// The commit message of new versions.
    let message: String?
    /// The saved plan to carry out.
    let planFile: String?
    /// Whether pending changes have an exit code of their own.
    let hasDetailedExitCode: Bool

    /// Reads the flags of `run` or `plan`.
    ///
    /// - Parameters:
    ///   - parsed: The command line.
    ///   - environment: The environment, for the job's variables.
    /// - Throws: `UsageError`.
    init(_ parsed: ParsedArguments, environment: [String: String]) throws(UsageError) {
        specPath = parsed.positionals.first
        inputs = try parsed.jobInputs(environment: environment)
        batch = try BatchSettings(parsed)
        prune = parsed.has(Flags.prune)
        force = parsed.has(Flags.force)
        message = parsed.value(of: Flags.message)
        planFile = parsed.value(of: Flags.plan)
        hasDetailedExitCode = parsed.has(Flags.detailedExitCode)
        if planFile != nil {
            let fixed = [
                Flags.target, Flags.registry, Flags.catalog, Flags.schema, Flags.variable, Flags.select,
                Flags.alias, Flags.force, Flags.message, Flags.prune,
            ]
            if let other = fixed.first(where: parsed.has) {
                throw parsed.error(.conflictingFlags(Flags.plan.spelling, other.spelling))
            }
        } else if specPath == nil {
            throw parsed.error(.missingArgument("JOB"))
        }
        if prune, !batch.select.isEmpty {
            throw parsed.error(.conflictingFlags(Flags.prune.spelling, Flags.select.spelling))
        }
    }
}
