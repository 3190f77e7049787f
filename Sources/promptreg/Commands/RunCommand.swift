import ArgumentParsing

/// `promptreg run`: registers the prompts of a job and moves its aliases.
struct RunCommand: WaitingCommand {
    static let usage = Command.run

    let settings: RunSettings
    let console: Console
    let environment: [String: String]

    init(_ input: CommandInput) throws(UsageError) {
        settings = try RunSettings(input.parsed, environment: input.environment)
        console = input.console
        environment = input.environment
    }

    /// Does it.
    ///
    /// - Returns: How the program ends.
    func run() async -> ExitCode {
        do throws(ExitCode) {
            let request = try RunRequest(settings, console: console)
            let frame = BatchFrame(settings: settings.batch, console: console, environment: environment)
            return await frame.run(
                request.work(
                    console: console, environment: environment, showsOrphans: settings.batch.isDryRun))
        } catch {
            return error
        }
    }
}
