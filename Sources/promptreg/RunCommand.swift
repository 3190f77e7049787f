import PromptRegistry
import Registration
import RemoteRegistry

/// `promptreg run`: registers the prompts of a job and moves its aliases.
struct RunCommand {
    let settings: RunSettings
    let console: Console
    let environment: [String: String]

    /// Does it.
    ///
    /// - Returns: How the program ends.
    func run() async -> ExitCode {
        do throws(ExitCode) {
            let request = try RunRequest(settings, console: console)
            if settings.isDryRun {
                _ = try await frame(.dryRun).preview(request)
                return .done
            }
            return try await carryOut(request)
        } catch {
            return error
        }
    }

    private func frame(_ mode: RunReport.Mode) -> JobFrame {
        JobFrame(settings: settings, console: console, environment: environment, mode: mode)
    }

    private func carryOut(_ request: RunRequest) async throws(ExitCode) -> ExitCode {
        let progress = ProgressLine(isShown: settings.showsProgress && console.isInteractive)
        return try await frame(.run).perform(request) { context async throws(RegistryError) in
            let interruption = context.session.interruption
            let runner = Runner(
                registry: context.registry, concurrency: settings.concurrency, failFast: settings.failFast,
                provenance: context.provenance, interruption: interruption
            ) { [deadline = context.deadline] event in
                // What is half done is cleared up, even when the time for the run is over.
                if case .restoring = event { deadline.extend(to: .seconds(60)) }
                progress.update(event)
            }
            let (plan, outcome) = try await context.session.run(
                context.job.desired, planner: request.planner, runner: runner, progress: progress
            ) { plan throws(RegistryError) in try request.saved?.check(plan) }
            let report = context.builder.report(
                of: plan, outcome, interrupted: interruption.signal != nil,
                requests: context.registry.requestCount)
            return JobFrame.Outcome(report: report, plan: plan, value: ExitCode(outcome))
        }
    }
}
