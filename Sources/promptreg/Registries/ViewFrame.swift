import ArgumentParsing
import Jobs
import Prompts

/// What commands have in common that show what is registered, and change nothing.
struct ViewFrame: Sendable {
    /// What is written to the standard output.
    let format: OutputFormat
    let console: Console
    private let select: [String]
    private let frame: RegistryFrame

    /// Reads the flags that they share.
    ///
    /// - Parameter input: The command line.
    /// - Throws: `UsageError`.
    init(_ input: CommandInput) throws(UsageError) {
        format = input.parsed.format
        console = input.console
        select = try input.parsed.selection()
        frame = RegistryFrame(
            settings: try RegistrySettings(input.parsed), console: input.console,
            environment: input.environment)
    }

    /// Does what a command is for.
    ///
    /// - Parameter work: What to do; the exit code that it throws was explained already.
    /// - Returns: How the program ends.
    func run(_ work: () async throws(ExitCode) -> ExitCode) async -> ExitCode {
        do throws(ExitCode) { return try await work() } catch { return error }
    }

    /// Where the registry is that the command line or the environment names.
    ///
    /// - Returns: The address.
    /// - Throws: `ExitCode`, after the reason was reported.
    func address() throws(ExitCode) -> RegistryAddress { try frame.address() }

    /// Reads a job, and what it selects of it.
    ///
    /// - Parameters:
    ///   - path: The spec's path.
    ///   - inputs: What is passed to the job.
    /// - Returns: The job, and where its registry is.
    /// - Throws: `ExitCode`, after the reason was reported.
    func prepare(_ path: String, _ inputs: JobInputs) throws(ExitCode) -> PreparedJob {
        try JobPreparation(console: console, environment: frame.environment).prepare(
            path: path, inputs: inputs, select: select, registry: frame.settings.address)
    }

    /// Reads a registry.
    ///
    /// - Parameters:
    ///   - address: Where the registry is.
    ///   - work: What to do.
    /// - Returns: What the work returned.
    /// - Throws: `ExitCode`, after the reason was reported.
    func read<Value>(
        at address: RegistryAddress, _ work: (any PromptRegistry) async throws(RegistryError) -> Value
    ) async throws(ExitCode) -> Value {
        try await frame.read(at: address, work)
    }
}
